"""VM_guest_metrics: what the guest's agent reports."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.enums import TristateType
from xapi.datamodel.types import Access, Class, Field, MapOf, Role, history, since

VM_GUEST_METRICS = Class(
    "VM_guest_metrics",
    "What the guest's agent reports.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "os_version",
            MapOf(str, str),
            "The guest's operating system: `name`, `uname`, `distro`, `major`, `minor`.",
            lifecycle=since("rio"),
        ),
        Field(
            "netbios_name",
            MapOf(str, str),
            "The guest's names in Windows networks.",
            default={},
            lifecycle=history("prototyped 24.28.0"),
        ),
        Field(
            "PV_drivers_version", MapOf(str, str), "Version of the guest's drivers and agent.", lifecycle=since("rio")
        ),
        Field(
            "PV_drivers_up_to_date",
            bool,
            "Always true if drivers are there.",
            lifecycle=history("published rio", "deprecated dundee"),
        ),
        Field(
            "memory",
            MapOf(str, str),
            "What the guest says about its memory; always empty.",
            default={},
            lifecycle=history("published rio", "deprecated george", "removed george"),
        ),
        Field(
            "disks",
            MapOf(str, str),
            "What the guest says about its disks; always empty.",
            default={},
            lifecycle=history("published rio", "deprecated orlando", "removed orlando"),
        ),
        Field(
            "networks",
            MapOf(str, str),
            "Addresses of the guest, by keys such as `0/ip` or `0/ipv6/0`.",
            lifecycle=since("rio"),
        ),
        Field(
            "other",
            MapOf(str, str),
            "Further facts from the guest, such as the features of its drivers.",
            lifecycle=since("rio"),
        ),
        Field("last_updated", datetime, "When the values were last refreshed.", lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            writers=(Role.VM_ADMIN,),
            lifecycle=since("orlando"),
        ),
        Field("live", bool, "The agent has reported since the VM started.", default=False, lifecycle=since("orlando")),
        Field(
            "can_use_hotplug_vbd",
            TristateType,
            "Whether disks can be plugged while it runs.",
            default=TristateType.UNSPECIFIED,
            lifecycle=since("dundee"),
        ),
        Field(
            "can_use_hotplug_vif",
            TristateType,
            "Whether network interfaces can be plugged while it runs.",
            default=TristateType.UNSPECIFIED,
            lifecycle=since("dundee"),
        ),
        Field(
            "PV_drivers_detected",
            bool,
            "The guest has connected to at least one of its devices.",
            default=False,
            lifecycle=since("dundee"),
        ),
        Field(
            "services",
            MapOf(str, str),
            "What the guest says about services that run in it.",
            default={},
            lifecycle=history("prototyped 25.15.0"),
        ),
    ),
    roles=(Role.VM_ADMIN,),
    lifecycle=since("rio"),
    has_get_all=True,
)
