"""host_patch: a patch of the old kind on one host."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, history, since

HOST_PATCH = Class(
    "host_patch",
    "A patch of the old kind on one host.",
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
        Field("version", str, "Its version.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("host", Ref("host"), "The host.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("filename", str, "The file.", internal=True, lifecycle=since("rio")),
        Field("applied", bool, "It was applied.", lifecycle=since("rio")),
        Field("timestamp_applied", datetime, "When it was applied.", lifecycle=since("rio")),
        Field("size", int, "Bytes of the file.", lifecycle=since("rio")),
        Field(
            "pool_patch",
            Ref("pool_patch"),
            "The patch.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("miami"),
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
            "destroy",
            "Delete the patch from the host.",
            params=(Param("self", Ref("host_patch")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published rio", "deprecated miami"),
        ),
        Message(
            "apply",
            "Apply the patch.",
            params=(Param("self", Ref("host_patch")),),
            result=str,
            result_doc="What it said.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published rio", "deprecated miami"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=history("published rio", "deprecated ely"),
    has_get_all=True,
)
