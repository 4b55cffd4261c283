"""pool_patch:"""

from __future__ import annotations

from xapi.datamodel.enums import AfterApplyGuidance
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, history, since

POOL_PATCH = Class(
    "pool_patch",
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
        Field("version", str, "", access=Access.STATIC_RO, default="", lifecycle=since("miami")),
        Field("filename", str, "", default="", internal=True, lifecycle=since("miami")),
        Field("size", int, "", default=0, lifecycle=since("miami")),
        Field("pool_applied", bool, "", default=False, lifecycle=since("miami")),
        Field("host_patches", SetOf(Ref("host_patch")), "", lifecycle=since("miami")),
        Field("after_apply_guidance", SetOf(AfterApplyGuidance), "", default=(), lifecycle=since("miami")),
        Field("pool_update", Ref("pool_update"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("ely")),
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
            "apply",
            "",
            params=(Param("self", Ref("pool_patch"), ""), Param("host", Ref("host"), "")),
            result=str,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published miami", "deprecated ely"),
        ),
        Message(
            "pool_apply",
            "",
            params=(Param("self", Ref("pool_patch"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published miami", "deprecated ely"),
        ),
        Message(
            "precheck",
            "",
            params=(Param("self", Ref("pool_patch"), ""), Param("host", Ref("host"), "")),
            result=str,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published miami", "deprecated ely"),
        ),
        Message(
            "clean",
            "",
            params=(Param("self", Ref("pool_patch"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published miami", "deprecated ely"),
        ),
        Message(
            "pool_clean",
            "",
            params=(Param("self", Ref("pool_patch"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published tampa", "deprecated ely"),
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("pool_patch"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published miami", "deprecated ely"),
        ),
        Message(
            "clean_on_host",
            "",
            params=(Param("self", Ref("pool_patch"), ""), Param("host", Ref("host"), "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published tampa", "deprecated ely"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=history("published miami", "deprecated ely"),
    has_get_all=True,
)
