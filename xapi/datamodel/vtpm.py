"""VTPM:"""

from __future__ import annotations

from xapi.datamodel.enums import PersistenceBackend, VTPMOperations
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, history, since

VTPM = Class(
    "VTPM",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("allowed_operations", SetOf(VTPMOperations), "", default=(), persist=False, lifecycle=since("rio")),
        Field("current_operations", MapOf(str, VTPMOperations), "", default={}, persist=False, lifecycle=since("rio")),
        Field("VM", Ref("VM"), "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("backend", Ref("VM"), "", default=NULL, lifecycle=since("rio")),
        Field(
            "persistence_backend",
            PersistenceBackend,
            "",
            default=PersistenceBackend.XAPI,
            lifecycle=history("prototyped 22.26.0"),
        ),
        Field("is_unique", bool, "", access=Access.STATIC_RO, default=False, lifecycle=history("prototyped 22.26.0")),
        Field("is_protected", bool, "", default=False, lifecycle=history("prototyped 22.26.0")),
        Field("contents", Ref("secret"), "", internal=True, lifecycle=history("prototyped 22.26.0")),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(Param("vM", Ref("VM"), ""), Param("is_unique", bool, "")),
            result=Ref("VTPM"),
            result_doc="",
            roles=(Role.VM_ADMIN,),
            lifecycle=history("prototyped 22.26.0"),
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("VTPM"), ""),),
            roles=(Role.VM_ADMIN,),
            lifecycle=history("prototyped 22.26.0"),
        ),
        Message(
            "get_contents",
            "",
            params=(Param("self", Ref("VTPM"), ""),),
            result=str,
            result_doc="",
            roles=(Role.LOCAL_ROOT,),
            lifecycle=history("prototyped 22.26.0"),
            hidden=True,
            secret=True,
        ),
        Message(
            "set_contents",
            "",
            params=(Param("self", Ref("VTPM"), ""), Param("contents", str, "")),
            roles=(Role.LOCAL_ROOT,),
            lifecycle=history("prototyped 22.26.0"),
            hidden=True,
            secret=True,
        ),
    ),
    lifecycle=history("prototyped 22.26.0"),
    has_get_all=True,
)
