"""PVS_proxy: the cache between a VM's interface and a PVS site."""

from __future__ import annotations

from xapi.datamodel.enums import PVSProxyStatus
from xapi.datamodel.types import NULL, Access, Class, Field, Message, Param, Ref, Role, since

PVS_PROXY = Class(
    "PVS_proxy",
    "The cache between a VM's interface and a PVS site.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("ely")),
        Field("site", Ref("PVS_site"), "The site.", access=Access.STATIC_RO, default=NULL, lifecycle=since("ely")),
        Field(
            "VIF",
            Ref("VIF"),
            "The interface whose traffic is cached.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("ely"),
        ),
        Field("currently_attached", bool, "It is at work.", default=False, lifecycle=since("ely")),
        Field("status", PVSProxyStatus, "What it is doing.", default=PVSProxyStatus.STOPPED, lifecycle=since("ely")),
    ),
    messages=(
        Message(
            "create",
            "Cache the traffic of an interface.",
            params=(Param("site", Ref("PVS_site"), "The PVS site."), Param("VIF", Ref("VIF"), "The interface.")),
            result=Ref("PVS_proxy"),
            result_doc="The proxy.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "destroy",
            "Stop caching.",
            params=(Param("self", Ref("PVS_proxy")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("ely"),
    has_get_all=True,
)
