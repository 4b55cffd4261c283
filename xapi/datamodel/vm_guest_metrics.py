"""VM_guest_metrics:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.enums import TristateType
from xapi.datamodel.types import Access, Class, Field, MapOf, Role, history, since

VM_GUEST_METRICS = Class(
    "VM_guest_metrics",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("os_version", MapOf(str, str), "", lifecycle=since("rio")),
        Field("netbios_name", MapOf(str, str), "", default={}, lifecycle=history("prototyped 24.28.0")),
        Field("PV_drivers_version", MapOf(str, str), "", lifecycle=since("rio")),
        Field("PV_drivers_up_to_date", bool, "", lifecycle=history("published rio", "deprecated dundee")),
        Field(
            "memory",
            MapOf(str, str),
            "",
            default={},
            lifecycle=history("published rio", "deprecated george", "removed george"),
        ),
        Field(
            "disks",
            MapOf(str, str),
            "",
            default={},
            lifecycle=history("published rio", "deprecated orlando", "removed orlando"),
        ),
        Field("networks", MapOf(str, str), "", lifecycle=since("rio")),
        Field("other", MapOf(str, str), "", lifecycle=since("rio")),
        Field("last_updated", datetime, "", lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.VM_ADMIN,),
            lifecycle=since("orlando"),
        ),
        Field("live", bool, "", default=False, lifecycle=since("orlando")),
        Field("can_use_hotplug_vbd", TristateType, "", default=TristateType.UNSPECIFIED, lifecycle=since("dundee")),
        Field("can_use_hotplug_vif", TristateType, "", default=TristateType.UNSPECIFIED, lifecycle=since("dundee")),
        Field("PV_drivers_detected", bool, "", default=False, lifecycle=since("dundee")),
        Field("services", MapOf(str, str), "", default={}, lifecycle=history("prototyped 25.15.0")),
    ),
    roles=(Role.VM_ADMIN,),
    lifecycle=since("rio"),
    has_get_all=True,
)
