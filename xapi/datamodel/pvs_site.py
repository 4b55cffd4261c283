"""PVS_site:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, Message, Param, Ref, Role, SetOf, since

PVS_SITE = Class(
    "PVS_site",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("ely")),
        Field(
            "name_label",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__label",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Field(
            "name_description",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__description",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Field("PVS_uuid", str, "", access=Access.STATIC_RO, default="", lifecycle=since("ely")),
        Field(
            "cache_storage", SetOf(Ref("PVS_cache_storage")), "", default=(), may_dangle=True, lifecycle=since("ely")
        ),
        Field("servers", SetOf(Ref("PVS_server")), "", lifecycle=since("ely")),
        Field("proxies", SetOf(Ref("PVS_proxy")), "", lifecycle=since("ely")),
    ),
    messages=(
        Message(
            "introduce",
            "",
            params=(Param("name_label", str, ""), Param("name_description", str, ""), Param("PVS_uuid", str, "")),
            result=Ref("PVS_site"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "forget",
            "",
            params=(Param("self", Ref("PVS_site"), ""),),
            errors=("PVS_SITE_CONTAINS_RUNNING_PROXIES", "PVS_SITE_CONTAINS_SERVERS"),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "set_PVS_uuid",
            "",
            params=(Param("self", Ref("PVS_site"), ""), Param("value", str, "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("ely"),
    has_get_all=True,
)
