"""VM_metrics:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.enums import DomainType
from xapi.datamodel.types import Access, Class, Field, MapOf, Role, SetOf, history, since

VM_METRICS = Class(
    "VM_metrics",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("memory_actual", int, "", db_name="memory__actual", persist=False, lifecycle=since("rio")),
        Field("VCPUs_number", int, "", db_name="VCPUs__number", lifecycle=since("rio")),
        Field(
            "VCPUs_utilisation",
            MapOf(int, float),
            "",
            default={},
            db_name="VCPUs__utilisation",
            persist=False,
            lifecycle=history("published rio", "deprecated tampa", "removed tampa"),
        ),
        Field("VCPUs_CPU", MapOf(int, int), "", db_name="VCPUs__CPU", persist=False, lifecycle=since("rio")),
        Field("VCPUs_params", MapOf(str, str), "", db_name="VCPUs__params", persist=False, lifecycle=since("rio")),
        Field("VCPUs_flags", MapOf(int, SetOf(str)), "", db_name="VCPUs__flags", persist=False, lifecycle=since("rio")),
        Field("state", SetOf(str), "", persist=False, lifecycle=since("rio")),
        Field("start_time", datetime, "", lifecycle=since("rio")),
        Field("install_time", datetime, "", lifecycle=since("rio")),
        Field("last_updated", datetime, "", persist=False, lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            persist=False,
            writers=(Role.VM_ADMIN,),
            lifecycle=since("orlando"),
        ),
        Field("hvm", bool, "", default=False, persist=False, lifecycle=since("ely")),
        Field("nested_virt", bool, "", default=False, persist=False, lifecycle=since("ely")),
        Field("nomigrate", bool, "", default=False, persist=False, lifecycle=since("ely")),
        Field(
            "current_domain_type",
            DomainType,
            "",
            default=DomainType.UNSPECIFIED,
            lifecycle=history("prototyped jura", "published kolkata"),
        ),
        Field(
            "numa_optimised", bool, "", access=Access.STATIC_RO, default=False, lifecycle=history("prototyped 26.2.0")
        ),
        Field("numa_nodes", int, "", access=Access.STATIC_RO, default=0, lifecycle=history("prototyped 26.2.0")),
        Field("numa_node_memory", MapOf(int, int), "", default={}, lifecycle=history("prototyped 26.2.0")),
    ),
    roles=(Role.VM_ADMIN,),
    lifecycle=since("rio"),
    has_get_all=True,
)
