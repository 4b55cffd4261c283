"""VM_metrics: what is known of a VM from outside."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.enums import DomainType
from xapi.datamodel.types import Access, Class, Field, MapOf, Role, SetOf, history, since

VM_METRICS = Class(
    "VM_metrics",
    "What is known of a VM from outside.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "memory_actual",
            int,
            "Bytes of memory that it has now.",
            db_name="memory__actual",
            persist=False,
            lifecycle=since("rio"),
        ),
        Field(
            "VCPUs_number", int, "How many virtual CPUs it has now.", db_name="VCPUs__number", lifecycle=since("rio")
        ),
        Field(
            "VCPUs_utilisation",
            MapOf(int, float),
            "How busy each virtual CPU is; always empty, ask the data sources instead.",
            default={},
            db_name="VCPUs__utilisation",
            persist=False,
            lifecycle=history("published rio", "deprecated tampa", "removed tampa"),
        ),
        Field(
            "VCPUs_CPU",
            MapOf(int, int),
            "On which CPU each virtual CPU runs; always empty.",
            db_name="VCPUs__CPU",
            persist=False,
            lifecycle=since("rio"),
        ),
        Field(
            "VCPUs_params",
            MapOf(str, str),
            "How its virtual CPUs are scheduled; always empty.",
            db_name="VCPUs__params",
            persist=False,
            lifecycle=since("rio"),
        ),
        Field(
            "VCPUs_flags",
            MapOf(int, SetOf(str)),
            "What each virtual CPU is doing; always empty.",
            db_name="VCPUs__flags",
            persist=False,
            lifecycle=since("rio"),
        ),
        Field("state", SetOf(str), "What its domain is doing; always empty.", persist=False, lifecycle=since("rio")),
        Field("start_time", datetime, "When it last started.", lifecycle=since("rio")),
        Field("install_time", datetime, "When it was installed.", lifecycle=since("rio")),
        Field("last_updated", datetime, "When the values were last refreshed.", persist=False, lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            persist=False,
            writers=(Role.VM_ADMIN,),
            lifecycle=since("orlando"),
        ),
        Field(
            "hvm",
            bool,
            "The firmware, not a PV kernel, booted it.",
            default=False,
            persist=False,
            lifecycle=since("ely"),
        ),
        Field(
            "nested_virt",
            bool,
            "The guest uses virtualisation itself, so it cannot be moved.",
            default=False,
            persist=False,
            lifecycle=since("ely"),
        ),
        Field(
            "nomigrate",
            bool,
            "It cannot be moved, suspended or copied while it runs.",
            default=False,
            persist=False,
            lifecycle=since("ely"),
        ),
        Field(
            "current_domain_type",
            DomainType,
            "How it is virtualised now.",
            default=DomainType.UNSPECIFIED,
            lifecycle=history("prototyped jura", "published kolkata"),
        ),
        Field(
            "numa_optimised",
            bool,
            "Its memory was placed on chosen NUMA nodes.",
            access=Access.STATIC_RO,
            default=False,
            lifecycle=history("prototyped 26.2.0"),
        ),
        Field(
            "numa_nodes",
            int,
            "On how many NUMA nodes its memory is.",
            access=Access.STATIC_RO,
            default=0,
            lifecycle=history("prototyped 26.2.0"),
        ),
        Field(
            "numa_node_memory",
            MapOf(int, int),
            "Bytes of its memory on each NUMA node.",
            default={},
            lifecycle=history("prototyped 26.2.0"),
        ),
    ),
    roles=(Role.VM_ADMIN,),
    lifecycle=since("rio"),
    has_get_all=True,
)
