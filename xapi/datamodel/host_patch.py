"""host_patch:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, history, since

HOST_PATCH = Class(
    "host_patch",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field(
            "name_label", str, "", access=Access.STATIC_RO, default="", db_name="name__label", lifecycle=since("rio")
        ),
        Field(
            "name_description",
            str,
            "",
            access=Access.STATIC_RO,
            default="",
            db_name="name__description",
            lifecycle=since("rio"),
        ),
        Field("version", str, "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("host", Ref("host"), "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("filename", str, "", internal=True, lifecycle=since("rio")),
        Field("applied", bool, "", lifecycle=since("rio")),
        Field("timestamp_applied", datetime, "", lifecycle=since("rio")),
        Field("size", int, "", lifecycle=since("rio")),
        Field("pool_patch", Ref("pool_patch"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("miami")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
    ),
    messages=(
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("host_patch"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published rio", "deprecated miami"),
        ),
        Message(
            "apply",
            "",
            params=(Param("self", Ref("host_patch"), ""),),
            result=str,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published rio", "deprecated miami"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=history("published rio", "deprecated ely"),
    has_get_all=True,
)
