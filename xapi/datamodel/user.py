"""user: a local user; unused."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, history, since

USER = Class(
    "user",
    "A local user; unused.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field("short_name", str, "Short name.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("fullname", str, "Full name.", access=Access.RW, lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            lifecycle=since("orlando"),
        ),
    ),
    lifecycle=history("published rio", "deprecated george"),
    events=False,
    constructor=True,
)
