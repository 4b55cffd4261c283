"""VLAN:"""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, since

VLAN = Class(
    "VLAN",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("tagged_PIF", Ref("PIF"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("miami")),
        Field("untagged_PIF", Ref("PIF"), "", default=NULL, lifecycle=since("miami")),
        Field("tag", int, "", access=Access.STATIC_RO, default=-1, lifecycle=since("miami")),
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
            "pool_introduce",
            "",
            params=(
                Param("tagged_PIF", Ref("PIF"), ""),
                Param("untagged_PIF", Ref("PIF"), ""),
                Param("tag", int, ""),
                Param("other_config", MapOf(str, str), ""),
            ),
            result=Ref("VLAN"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("inverness"),
            hidden=True,
        ),
        Message(
            "create",
            "",
            params=(Param("tagged_PIF", Ref("PIF"), ""), Param("tag", int, ""), Param("network", Ref("network"), "")),
            result=Ref("VLAN"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("VLAN"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("miami"),
    has_get_all=True,
)
