"""VIF_metrics: metrics of a virtual network interface, which are no longer kept."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import Access, Class, Field, MapOf, Role, history, since

VIF_METRICS = Class(
    "VIF_metrics",
    "Metrics of a virtual network interface, which are no longer kept.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "io_read_kbs",
            float,
            "Reading speed in KiB/s; always 0, ask the data sources instead.",
            default=0.0,
            db_name="io__read_kbs",
            persist=False,
            lifecycle=history("published rio", "deprecated tampa", "removed tampa"),
        ),
        Field(
            "io_write_kbs",
            float,
            "Writing speed in KiB/s; always 0, ask the data sources instead.",
            default=0.0,
            db_name="io__write_kbs",
            persist=False,
            lifecycle=history("published rio", "deprecated tampa", "removed tampa"),
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
    ),
    roles=(Role.VM_ADMIN,),
    lifecycle=history("published rio", "deprecated tampa", "removed tampa"),
    persist=False,
    has_get_all=True,
)
