"""Bond: several physical interfaces joined into one."""

from __future__ import annotations

from xapi.datamodel.enums import BondMode
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

BOND = Class(
    "Bond",
    "Several physical interfaces joined into one.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "master",
            Ref("PIF"),
            "The interface that stands for all.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("miami"),
        ),
        Field("slaves", SetOf(Ref("PIF")), "The members.", lifecycle=since("miami")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
        Field(
            "primary_slave",
            Ref("PIF"),
            "The member whose settings the bond has taken over.",
            default=NULL,
            lifecycle=since("boston"),
        ),
        Field(
            "mode",
            BondMode,
            "How traffic is spread over the members.",
            default=BondMode.BALANCE_SLB,
            lifecycle=since("boston"),
        ),
        Field("properties", MapOf(str, str), "Further properties of the mode.", default={}, lifecycle=since("tampa")),
        Field("links_up", int, "How many members have a link.", default=0, lifecycle=since("tampa")),
        Field(
            "auto_update_mac",
            bool,
            "The hardware address follows the primary member.",
            default=True,
            lifecycle=since("quebec"),
        ),
    ),
    messages=(
        Message(
            "create",
            "Join interfaces of a host.",
            params=(
                Param("network", Ref("network"), "The network."),
                Param("members", SetOf(Ref("PIF")), "The interfaces."),
                Param("MAC", str, "The hardware address; empty lets the server choose."),
                Param("mode", BondMode, "The mode.", default=BondMode.BALANCE_SLB, release="boston"),
                Param(
                    "properties", MapOf(str, str), "Further properties of the interface.", default={}, release="tampa"
                ),
            ),
            result=Ref("Bond"),
            result_doc="The bond.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
        Message(
            "destroy",
            "Take the bond apart; the primary member gets its settings.",
            params=(Param("self", Ref("Bond")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
        Message(
            "set_mode",
            "Set how traffic is spread over the members.",
            params=(Param("self", Ref("Bond")), Param("value", BondMode, "The new value.")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "set_property",
            "Set a property of the mode.",
            params=(Param("self", Ref("Bond")), Param("name", str, "The name."), Param("value", str, "The new value.")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("tampa"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("miami"),
    has_get_all=True,
)
