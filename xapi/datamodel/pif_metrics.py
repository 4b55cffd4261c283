"""PIF_metrics:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import Access, Class, Field, MapOf, Role, history, since

PIF_METRICS = Class(
    "PIF_metrics",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field(
            "io_read_kbs",
            float,
            "",
            default=0.0,
            db_name="io__read_kbs",
            persist=False,
            lifecycle=history("published rio", "deprecated tampa", "removed tampa"),
        ),
        Field(
            "io_write_kbs",
            float,
            "",
            default=0.0,
            db_name="io__write_kbs",
            persist=False,
            lifecycle=history("published rio", "deprecated tampa", "removed tampa"),
        ),
        Field("carrier", bool, "", lifecycle=since("rio")),
        Field("vendor_id", str, "", lifecycle=since("rio")),
        Field("vendor_name", str, "", lifecycle=since("rio")),
        Field("device_id", str, "", lifecycle=since("rio")),
        Field("device_name", str, "", lifecycle=since("rio")),
        Field("speed", int, "", lifecycle=since("rio")),
        Field("duplex", bool, "", lifecycle=since("rio")),
        Field("pci_bus_path", str, "", lifecycle=since("rio")),
        Field("last_updated", datetime, "", lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("orlando"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("rio"),
    has_get_all=True,
)
