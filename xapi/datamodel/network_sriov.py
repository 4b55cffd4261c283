"""network_sriov:"""

from __future__ import annotations

from xapi.datamodel.enums import SriovConfigurationMode
from xapi.datamodel.types import NULL, Access, Class, Field, Message, Param, Ref, Role, since

NETWORK_SRIOV = Class(
    "network_sriov",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("physical_PIF", Ref("PIF"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("kolkata")),
        Field("logical_PIF", Ref("PIF"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("kolkata")),
        Field("requires_reboot", bool, "", default=False, lifecycle=since("kolkata")),
        Field(
            "configuration_mode",
            SriovConfigurationMode,
            "",
            default=SriovConfigurationMode.UNKNOWN,
            lifecycle=since("kolkata"),
        ),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(Param("pif", Ref("PIF"), ""), Param("network", Ref("network"), "")),
            result=Ref("network_sriov"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("kolkata"),
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("network_sriov"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("kolkata"),
        ),
        Message(
            "get_remaining_capacity",
            "",
            params=(Param("self", Ref("network_sriov"), ""),),
            result=int,
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("kolkata"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("kolkata"),
    has_get_all=True,
)
