"""VIF_metrics:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import Access, Class, Field, MapOf, Role, history, since

VIF_METRICS = Class(
    "VIF_metrics",
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
    ),
    roles=(Role.VM_ADMIN,),
    lifecycle=history("published rio", "deprecated tampa", "removed tampa"),
    persist=False,
    has_get_all=True,
)
