"""PVS_proxy:"""

from __future__ import annotations

from xapi.datamodel.enums import PVSProxyStatus
from xapi.datamodel.types import NULL, Access, Class, Field, Message, Param, Ref, Role, since

PVS_PROXY = Class(
    "PVS_proxy",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("ely")),
        Field("site", Ref("PVS_site"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("ely")),
        Field("VIF", Ref("VIF"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("ely")),
        Field("currently_attached", bool, "", default=False, lifecycle=since("ely")),
        Field("status", PVSProxyStatus, "", default=PVSProxyStatus.STOPPED, lifecycle=since("ely")),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(Param("site", Ref("PVS_site"), ""), Param("VIF", Ref("VIF"), "")),
            result=Ref("PVS_proxy"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("PVS_proxy"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("ely"),
    has_get_all=True,
)
