"""host_crashdump:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, since

HOST_CRASHDUMP = Class(
    "host_crashdump",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("host", Ref("host"), "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("timestamp", datetime, "", lifecycle=since("rio")),
        Field("size", int, "", lifecycle=since("rio")),
        Field("filename", str, "", access=Access.STATIC_RO, internal=True, lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
    ),
    messages=(
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("host_crashdump"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Message(
            "upload",
            "",
            params=(
                Param("self", Ref("host_crashdump"), ""),
                Param("url", str, ""),
                Param("options", MapOf(str, str), ""),
            ),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("rio"),
    has_get_all=True,
)
