"""host_metrics:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import Access, Class, Field, MapOf, Role, history, since

HOST_METRICS = Class(
    "host_metrics",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("memory_total", int, "", db_name="memory__total", lifecycle=since("rio")),
        Field(
            "memory_free",
            int,
            "",
            default=0,
            db_name="memory__free",
            lifecycle=history("published rio", "deprecated midnight-ride", "removed tampa"),
        ),
        Field("live", bool, "", lifecycle=since("rio")),
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
