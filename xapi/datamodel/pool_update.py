"""pool_update:"""

from __future__ import annotations

from xapi.datamodel.enums import LivepatchStatus, UpdateAfterApplyGuidance
from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

POOL_UPDATE = Class(
    "pool_update",
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
        Field("version", str, "", access=Access.STATIC_RO, default="", lifecycle=since("ely")),
        Field("installation_size", int, "", access=Access.STATIC_RO, default=0, lifecycle=since("ely")),
        Field("key", str, "", access=Access.STATIC_RO, default="", lifecycle=since("ely")),
        Field(
            "after_apply_guidance",
            SetOf(UpdateAfterApplyGuidance),
            "",
            access=Access.STATIC_RO,
            default=(),
            lifecycle=since("ely"),
        ),
        Field("vdi", Ref("VDI"), "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("hosts", SetOf(Ref("host")), "", lifecycle=since("ely")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("inverness"),
        ),
        Field("enforce_homogeneity", bool, "", access=Access.STATIC_RO, default=False, lifecycle=since("inverness")),
    ),
    messages=(
        Message(
            "introduce",
            "",
            params=(Param("vdi", Ref("VDI"), ""),),
            result=Ref("pool_update"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "precheck",
            "",
            params=(Param("self", Ref("pool_update"), ""), Param("host", Ref("host"), "")),
            result=LivepatchStatus,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
            host_extension="pool_update.precheck",
        ),
        Message(
            "apply",
            "",
            params=(Param("self", Ref("pool_update"), ""), Param("host", Ref("host"), "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
            host_extension="pool_update.apply",
        ),
        Message(
            "pool_apply",
            "",
            params=(Param("self", Ref("pool_update"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "pool_clean",
            "",
            params=(Param("self", Ref("pool_update"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("pool_update"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "attach",
            "",
            params=(
                Param("self", Ref("pool_update"), ""),
                Param("use_localhost_proxy", bool, "", default=False, release="naples"),
            ),
            result=str,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
            hidden=True,
        ),
        Message(
            "detach",
            "",
            params=(Param("self", Ref("pool_update"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
            hidden=True,
        ),
        Message(
            "resync_host",
            "",
            params=(Param("host", Ref("host"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
            hidden=True,
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("ely"),
    has_get_all=True,
)
