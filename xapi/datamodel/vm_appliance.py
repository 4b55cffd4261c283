"""VM_appliance: vMs that are started and stopped together, in order."""

from __future__ import annotations

from xapi.datamodel.enums import VMApplianceOperation
from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

VM_APPLIANCE = Class(
    "VM_appliance",
    "VMs that are started and stopped together, in order.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            access=Access.RW,
            default="",
            db_name="name__label",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            access=Access.RW,
            default="",
            db_name="name__description",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field(
            "allowed_operations",
            SetOf(VMApplianceOperation),
            "What may be started now; a hint, checked again when it is.",
            default=(),
            persist=False,
            lifecycle=since("rio"),
        ),
        Field(
            "current_operations",
            MapOf(str, VMApplianceOperation),
            "What is running on it now, by the task that does it.",
            default={},
            persist=False,
            lifecycle=since("rio"),
        ),
        Field("VMs", SetOf(Ref("VM")), "The members.", lifecycle=since("rio")),
    ),
    messages=(
        Message(
            "start",
            "Start the members in their order.",
            params=(Param("self", Ref("VM_appliance")), Param("paused", bool, "Leave them paused.")),
            errors=("OPERATION_PARTIALLY_FAILED",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "clean_shutdown",
            "Ask the guests of all members to shut down, the last in order first.",
            params=(Param("self", Ref("VM_appliance")),),
            errors=("OPERATION_PARTIALLY_FAILED",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "hard_shutdown",
            "Turn all members off, the last in order first.",
            params=(Param("self", Ref("VM_appliance")),),
            errors=("OPERATION_PARTIALLY_FAILED",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "shutdown",
            "Shut members down, and turn off those that do not obey.",
            params=(Param("self", Ref("VM_appliance")),),
            errors=("OPERATION_PARTIALLY_FAILED",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "assert_can_be_recovered",
            "Raise an error if the other pool lacks what the members need.",
            params=(
                Param("self", Ref("VM_appliance")),
                Param("session_to", Ref("session"), "A session with the pool into which it would be recovered."),
            ),
            errors=("VM_REQUIRES_SR",),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("boston"),
        ),
        Message(
            "get_SRs_required_for_recovery",
            "What storage the other pool would need.",
            params=(
                Param("self", Ref("VM_appliance")),
                Param("session_to", Ref("session"), "A session with the pool into which it would be recovered."),
            ),
            result=SetOf(Ref("SR")),
            result_doc="The storage repositories.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("creedence"),
        ),
        Message(
            "recover",
            "Bring all members from a replicated database into the pool of another session.",
            params=(
                Param("self", Ref("VM_appliance")),
                Param("session_to", Ref("session"), "A session with the pool into which it would be recovered."),
                Param("force", bool, "Go on in spite of conditions that would forbid it."),
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
