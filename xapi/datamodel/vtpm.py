"""VTPM: a virtual TPM of a VM."""

from __future__ import annotations

from xapi.datamodel.enums import PersistenceBackend, VTPMOperations
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, history, since

VTPM = Class(
    "VTPM",
    "A virtual TPM of a VM.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "allowed_operations",
            SetOf(VTPMOperations),
            "What may be started now; a hint, checked again when it is.",
            default=(),
            persist=False,
            lifecycle=since("rio"),
        ),
        Field(
            "current_operations",
            MapOf(str, VTPMOperations),
            "What is running on it now, by the task that does it.",
            default={},
            persist=False,
            lifecycle=since("rio"),
        ),
        Field("VM", Ref("VM"), "The VM.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("backend", Ref("VM"), "The domain that serves it.", default=NULL, lifecycle=since("rio")),
        Field(
            "persistence_backend",
            PersistenceBackend,
            "Where its contents are kept.",
            default=PersistenceBackend.XAPI,
            lifecycle=history("prototyped 22.26.0"),
        ),
        Field(
            "is_unique",
            bool,
            "It is not copied with the VM.",
            access=Access.STATIC_RO,
            default=False,
            lifecycle=history("prototyped 22.26.0"),
        ),
        Field(
            "is_protected", bool, "Its contents are encrypted.", default=False, lifecycle=history("prototyped 22.26.0")
        ),
        Field("contents", Ref("secret"), "What it has stored.", internal=True, lifecycle=history("prototyped 22.26.0")),
    ),
    messages=(
        Message(
            "create",
            "Give a halted VM a TPM.",
            params=(Param("vM", Ref("VM"), "The VM."), Param("is_unique", bool, "It must not be copied with the VM.")),
            result=Ref("VTPM"),
            result_doc="The TPM.",
            roles=(Role.VM_ADMIN,),
            lifecycle=history("prototyped 22.26.0"),
        ),
        Message(
            "destroy",
            "Take the TPM from a halted VM, with all that it has stored.",
            params=(Param("self", Ref("VTPM")),),
            roles=(Role.VM_ADMIN,),
            lifecycle=history("prototyped 22.26.0"),
        ),
        Message(
            "get_contents",
            "What the TPM has stored.",
            params=(Param("self", Ref("VTPM")),),
            result=str,
            result_doc="Encoded in base64.",
            roles=(Role.LOCAL_ROOT,),
            lifecycle=history("prototyped 22.26.0"),
            hidden=True,
            secret=True,
        ),
        Message(
            "set_contents",
            "Replace what the TPM has stored.",
            params=(Param("self", Ref("VTPM")), Param("contents", str, "The contents, encoded in base64.")),
            roles=(Role.LOCAL_ROOT,),
            lifecycle=history("prototyped 22.26.0"),
            hidden=True,
            secret=True,
        ),
    ),
    lifecycle=history("prototyped 22.26.0"),
    has_get_all=True,
)
