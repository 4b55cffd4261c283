"""VLAN: a pair of interfaces: one with tagged traffic, one for it untagged."""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, since

VLAN = Class(
    "VLAN",
    "A pair of interfaces: one with tagged traffic, one for it untagged.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "tagged_PIF",
            Ref("PIF"),
            "The interface below, on which traffic is tagged.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("miami"),
        ),
        Field(
            "untagged_PIF",
            Ref("PIF"),
            "The interface on which the same traffic is untagged.",
            default=NULL,
            lifecycle=since("miami"),
        ),
        Field("tag", int, "The VLAN tag.", access=Access.STATIC_RO, default=-1, lifecycle=since("miami")),
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
            "pool_introduce",
            "Put a VLAN into the database.",
            params=(
                Param("tagged_PIF", Ref("PIF"), "The interface below, whose traffic is tagged."),
                Param("untagged_PIF", Ref("PIF"), "The interface on which traffic is untagged."),
                Param("tag", int, "The VLAN tag."),
                Param("other_config", MapOf(str, str), "Initial `other_config`."),
            ),
            result=Ref("VLAN"),
            result_doc="The VLAN.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("inverness"),
            hidden=True,
        ),
        Message(
            "create",
            "Create a VLAN on an interface.",
            params=(
                Param("tagged_PIF", Ref("PIF"), "The interface below, whose traffic is tagged."),
                Param("tag", int, "The VLAN tag."),
                Param("network", Ref("network"), "The network."),
            ),
            result=Ref("VLAN"),
            result_doc="The VLAN.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
        Message(
            "destroy",
            "Destroy the VLAN and its untagged interface.",
            params=(Param("self", Ref("VLAN")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("miami"),
    has_get_all=True,
)
