"""host_crashdump: the state of a host that crashed, kept in its files."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, since

HOST_CRASHDUMP = Class(
    "host_crashdump",
    "The state of a host that crashed, kept in its files.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field("host", Ref("host"), "The host.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("timestamp", datetime, "When it crashed.", lifecycle=since("rio")),
        Field("size", int, "Bytes of the dump.", lifecycle=since("rio")),
        Field("filename", str, "The file.", access=Access.STATIC_RO, internal=True, lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
    ),
    messages=(
        Message(
            "destroy",
            "Delete the dump.",
            params=(Param("self", Ref("host_crashdump")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Message(
            "upload",
            "Upload the dump.",
            params=(
                Param("self", Ref("host_crashdump")),
                Param("url", str, "The address, as a URL."),
                Param("options", MapOf(str, str), "Further settings."),
            ),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("rio"),
    has_get_all=True,
)
