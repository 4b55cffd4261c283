"""host_metrics: what is known of the state of a host."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import Access, Class, Field, MapOf, Role, history, since

HOST_METRICS = Class(
    "host_metrics",
    "What is known of the state of a host.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field("memory_total", int, "Bytes of memory that it has.", db_name="memory__total", lifecycle=since("rio")),
        Field(
            "memory_free",
            int,
            "Bytes of memory that are free.",
            default=0,
            db_name="memory__free",
            lifecycle=history("published rio", "deprecated midnight-ride", "removed tampa"),
        ),
        Field("live", bool, "The coordinator has heard of it lately.", lifecycle=since("rio")),
        Field("last_updated", datetime, "When the values were last refreshed.", lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
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
