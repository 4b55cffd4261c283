"""tunnel:"""

from __future__ import annotations

from xapi.datamodel.enums import TunnelProtocol
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, since

TUNNEL = Class(
    "tunnel",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("cowley")),
        Field("access_PIF", Ref("PIF"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("cowley")),
        Field("transport_PIF", Ref("PIF"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("cowley")),
        Field(
            "status",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={"active": "false"},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("cowley"),
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("cowley"),
        ),
        Field(
            "protocol",
            TunnelProtocol,
            "",
            access=Access.RW,
            default=TunnelProtocol.GRE,
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("1.250.0"),
        ),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(
                Param("transport_PIF", Ref("PIF"), "", release="dundee"),
                Param("network", Ref("network"), "", release="dundee"),
                Param("protocol", TunnelProtocol, "", default=TunnelProtocol.GRE, release="1.250.0"),
            ),
            result=Ref("tunnel"),
            result_doc="",
            errors=("OPENVSWITCH_NOT_ACTIVE", "TRANSPORT_PIF_NOT_CONFIGURED", "IS_TUNNEL_ACCESS_PIF"),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("cowley"),
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("tunnel"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("cowley"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("cowley"),
    has_get_all=True,
)
