"""tunnel: a tunnel between hosts over a physical interface."""

from __future__ import annotations

from xapi.datamodel.enums import TunnelProtocol
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, since

TUNNEL = Class(
    "tunnel",
    "A tunnel between hosts over a physical interface.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("cowley")),
        Field(
            "access_PIF",
            Ref("PIF"),
            "The tunnel's interface.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("cowley"),
        ),
        Field(
            "transport_PIF",
            Ref("PIF"),
            "The interface over which it runs.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("cowley"),
        ),
        Field(
            "status",
            MapOf(str, str),
            "Whether it is `active`, and its key.",
            access=Access.RW,
            default={"active": "false"},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("cowley"),
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("cowley"),
        ),
        Field(
            "protocol",
            TunnelProtocol,
            "How packets are wrapped.",
            access=Access.RW,
            default=TunnelProtocol.GRE,
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("1.250.0"),
        ),
    ),
    messages=(
        Message(
            "create",
            "Create a tunnel.",
            params=(
                Param("transport_PIF", Ref("PIF"), "The interface over which it runs.", release="dundee"),
                Param("network", Ref("network"), "The network.", release="dundee"),
                Param("protocol", TunnelProtocol, "The protocol.", default=TunnelProtocol.GRE, release="1.250.0"),
            ),
            result=Ref("tunnel"),
            result_doc="The tunnel.",
            errors=("OPENVSWITCH_NOT_ACTIVE", "TRANSPORT_PIF_NOT_CONFIGURED", "IS_TUNNEL_ACCESS_PIF"),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("cowley"),
        ),
        Message(
            "destroy",
            "Destroy the tunnel and its interface.",
            params=(Param("self", Ref("tunnel")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("cowley"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("cowley"),
    has_get_all=True,
)
