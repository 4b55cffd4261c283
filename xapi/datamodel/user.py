"""user:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, history, since

USER = Class(
    "user",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("short_name", str, "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("fullname", str, "", access=Access.RW, lifecycle=since("rio")),
        Field("other_config", MapOf(str, str), "", access=Access.RW, default={}, lifecycle=since("orlando")),
    ),
    lifecycle=history("published rio", "deprecated george"),
    events=False,
    constructor=True,
)
