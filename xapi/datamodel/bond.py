"""Bond:"""

from __future__ import annotations

from xapi.datamodel.enums import BondMode
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

BOND = Class(
    "Bond",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("master", Ref("PIF"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("miami")),
        Field("slaves", SetOf(Ref("PIF")), "", lifecycle=since("miami")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
        Field("primary_slave", Ref("PIF"), "", default=NULL, lifecycle=since("boston")),
        Field("mode", BondMode, "", default=BondMode.BALANCE_SLB, lifecycle=since("boston")),
        Field("properties", MapOf(str, str), "", default={}, lifecycle=since("tampa")),
        Field("links_up", int, "", default=0, lifecycle=since("tampa")),
        Field("auto_update_mac", bool, "", default=True, lifecycle=since("quebec")),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(
                Param("network", Ref("network"), ""),
                Param("members", SetOf(Ref("PIF")), ""),
                Param("MAC", str, ""),
                Param("mode", BondMode, "", default=BondMode.BALANCE_SLB, release="boston"),
                Param("properties", MapOf(str, str), "", default={}, release="tampa"),
            ),
            result=Ref("Bond"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("Bond"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
        Message(
            "set_mode",
            "",
            params=(Param("self", Ref("Bond"), ""), Param("value", BondMode, "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "set_property",
            "",
            params=(Param("self", Ref("Bond"), ""), Param("name", str, ""), Param("value", str, "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("tampa"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("miami"),
    has_get_all=True,
)
