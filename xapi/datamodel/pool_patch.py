"""pool_patch: a patch of the old kind; `pool_update` replaced it."""

from __future__ import annotations

from xapi.datamodel.enums import AfterApplyGuidance
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, history, since

POOL_PATCH = Class(
    "pool_patch",
    "A patch of the old kind; `pool_update` replaced it.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            access=Access.STATIC_RO,
            default="",
            db_name="name__label",
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            access=Access.STATIC_RO,
            default="",
            db_name="name__description",
            lifecycle=since("rio"),
        ),
        Field("version", str, "Its version.", access=Access.STATIC_RO, default="", lifecycle=since("miami")),
        Field("filename", str, "The file on the coordinator.", default="", internal=True, lifecycle=since("miami")),
        Field("size", int, "Bytes of the file.", default=0, lifecycle=since("miami")),
        Field("pool_applied", bool, "It was applied to all hosts.", default=False, lifecycle=since("miami")),
        Field("host_patches", SetOf(Ref("host_patch")), "What became of it on each host.", lifecycle=since("miami")),
        Field(
            "after_apply_guidance",
            SetOf(AfterApplyGuidance),
            "What must be done after it was applied.",
            default=(),
            lifecycle=since("miami"),
        ),
        Field(
            "pool_update",
            Ref("pool_update"),
            "The update that stands behind it.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("ely"),
        ),
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
            "apply",
            "Apply it to a host.",
            params=(Param("self", Ref("pool_patch")), Param("host", Ref("host"), "The host.")),
            result=str,
            result_doc="What it said.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published miami", "deprecated ely"),
        ),
        Message(
            "pool_apply",
            "Apply it to all hosts.",
            params=(Param("self", Ref("pool_patch")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published miami", "deprecated ely"),
        ),
        Message(
            "precheck",
            "Check whether it could be applied to a host.",
            params=(Param("self", Ref("pool_patch")), Param("host", Ref("host"), "The host.")),
            result=str,
            result_doc="What it said.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published miami", "deprecated ely"),
        ),
        Message(
            "clean",
            "Delete its file from the coordinator.",
            params=(Param("self", Ref("pool_patch")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published miami", "deprecated ely"),
        ),
        Message(
            "pool_clean",
            "Delete its file from all hosts.",
            params=(Param("self", Ref("pool_patch")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published tampa", "deprecated ely"),
        ),
        Message(
            "destroy",
            "Delete it, if no host has it.",
            params=(Param("self", Ref("pool_patch")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published miami", "deprecated ely"),
        ),
        Message(
            "clean_on_host",
            "Delete its file from a host.",
            params=(Param("self", Ref("pool_patch")), Param("host", Ref("host"), "The host.")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published tampa", "deprecated ely"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=history("published miami", "deprecated ely"),
    has_get_all=True,
)
