"""network_sriov: a network made of the virtual functions of a card."""

from __future__ import annotations

from xapi.datamodel.enums import SriovConfigurationMode
from xapi.datamodel.types import NULL, Access, Class, Field, Message, Param, Ref, Role, since

NETWORK_SRIOV = Class(
    "network_sriov",
    "A network made of the virtual functions of a card.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "physical_PIF",
            Ref("PIF"),
            "The interface of the card.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("kolkata"),
        ),
        Field(
            "logical_PIF",
            Ref("PIF"),
            "The interface that stands for the virtual functions.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("kolkata"),
        ),
        Field(
            "requires_reboot",
            bool,
            "The host must be rebooted for it to work.",
            default=False,
            lifecycle=since("kolkata"),
        ),
        Field(
            "configuration_mode",
            SriovConfigurationMode,
            "How virtual functions are set up.",
            default=SriovConfigurationMode.UNKNOWN,
            lifecycle=since("kolkata"),
        ),
    ),
    messages=(
        Message(
            "create",
            "Split a card into virtual functions.",
            params=(
                Param("pif", Ref("PIF"), "The physical interface."),
                Param("network", Ref("network"), "The network."),
            ),
            result=Ref("network_sriov"),
            result_doc="The SR-IOV network.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("kolkata"),
        ),
        Message(
            "destroy",
            "Stop splitting the card.",
            params=(Param("self", Ref("network_sriov")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("kolkata"),
        ),
        Message(
            "get_remaining_capacity",
            "How many virtual functions are free.",
            params=(Param("self", Ref("network_sriov")),),
            result=int,
            result_doc="The number.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("kolkata"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("kolkata"),
    has_get_all=True,
)
