"""PVS_site: a site of Citrix Provisioning Services whose traffic is cached on hosts."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, Message, Param, Ref, Role, SetOf, since

PVS_SITE = Class(
    "PVS_site",
    "A site of Citrix Provisioning Services whose traffic is cached on hosts.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("ely")),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            access=Access.RW,
            default="",
            db_name="name__label",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            access=Access.RW,
            default="",
            db_name="name__description",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Field(
            "PVS_uuid",
            str,
            "What identifies the site to its servers.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("ely"),
        ),
        Field(
            "cache_storage",
            SetOf(Ref("PVS_cache_storage")),
            "Where each host keeps its cache.",
            default=(),
            may_dangle=True,
            lifecycle=since("ely"),
        ),
        Field("servers", SetOf(Ref("PVS_server")), "The servers.", lifecycle=since("ely")),
        Field("proxies", SetOf(Ref("PVS_proxy")), "The proxies.", lifecycle=since("ely")),
    ),
    messages=(
        Message(
            "introduce",
            "Make a site known.",
            params=(
                Param("name_label", str, "A name for people."),
                Param("name_description", str, "A longer text for people."),
                Param("PVS_uuid", str, "What identifies the site to its servers."),
            ),
            result=Ref("PVS_site"),
            result_doc="The site.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "forget",
            "Forget the site.",
            params=(Param("self", Ref("PVS_site")),),
            errors=("PVS_SITE_CONTAINS_RUNNING_PROXIES", "PVS_SITE_CONTAINS_SERVERS"),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "set_PVS_uuid",
            "Set what identifies the site.",
            params=(Param("self", Ref("PVS_site")), Param("value", str, "The new value.")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("ely"),
    has_get_all=True,
)
