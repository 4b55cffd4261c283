"""crashdump:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, history, since

CRASHDUMP = Class(
    "crashdump",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("VM", Ref("VM"), "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("VDI", Ref("VDI"), "", access=Access.STATIC_RO, lifecycle=since("rio")),
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
            params=(Param("self", Ref("crashdump"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=history("published rio", "deprecated inverness"),
    has_get_all=True,
)
