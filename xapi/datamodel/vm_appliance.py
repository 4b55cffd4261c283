"""VM_appliance:"""

from __future__ import annotations

from xapi.datamodel.enums import VMApplianceOperation
from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

VM_APPLIANCE = Class(
    "VM_appliance",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field(
            "name_label",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__label",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__description",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field("allowed_operations", SetOf(VMApplianceOperation), "", default=(), persist=False, lifecycle=since("rio")),
        Field(
            "current_operations",
            MapOf(str, VMApplianceOperation),
            "",
            default={},
            persist=False,
            lifecycle=since("rio"),
        ),
        Field("VMs", SetOf(Ref("VM")), "", lifecycle=since("rio")),
    ),
    messages=(
        Message(
            "start",
            "",
            params=(Param("self", Ref("VM_appliance"), ""), Param("paused", bool, "")),
            errors=("OPERATION_PARTIALLY_FAILED",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "clean_shutdown",
            "",
            params=(Param("self", Ref("VM_appliance"), ""),),
            errors=("OPERATION_PARTIALLY_FAILED",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "hard_shutdown",
            "",
            params=(Param("self", Ref("VM_appliance"), ""),),
            errors=("OPERATION_PARTIALLY_FAILED",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "shutdown",
            "",
            params=(Param("self", Ref("VM_appliance"), ""),),
            errors=("OPERATION_PARTIALLY_FAILED",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "assert_can_be_recovered",
            "",
            params=(Param("self", Ref("VM_appliance"), ""), Param("session_to", Ref("session"), "")),
            errors=("VM_REQUIRES_SR",),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("boston"),
        ),
        Message(
            "get_SRs_required_for_recovery",
            "",
            params=(Param("self", Ref("VM_appliance"), ""), Param("session_to", Ref("session"), "")),
            result=SetOf(Ref("SR")),
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("creedence"),
        ),
        Message(
            "recover",
            "",
            params=(
                Param("self", Ref("VM_appliance"), ""),
                Param("session_to", Ref("session"), ""),
                Param("force", bool, ""),
            ),
            errors=("VM_REQUIRES_SR",),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("boston"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("boston"),
    has_get_all=True,
    constructor=True,
)
