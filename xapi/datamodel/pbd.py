"""PBD:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, since

PBD = Class(
    "PBD",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("host", Ref("host"), "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("SR", Ref("SR"), "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("device_config", MapOf(str, str), "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("currently_attached", bool, "", lifecycle=since("rio")),
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
            "plug",
            "",
            params=(Param("self", Ref("PBD"), ""),),
            errors=("SR_UNKNOWN_DRIVER",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Message(
            "unplug", "", params=(Param("self", Ref("PBD"), ""),), roles=(Role.POOL_OPERATOR,), lifecycle=since("rio")
        ),
        Message(
            "set_device_config",
            "",
            params=(Param("self", Ref("PBD"), ""), Param("value", MapOf(str, str), "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("rio"),
    has_get_all=True,
    constructor=True,
)
