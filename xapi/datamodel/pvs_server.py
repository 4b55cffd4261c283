"""PVS_server:"""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, Message, Param, Ref, Role, SetOf, since

PVS_SERVER = Class(
    "PVS_server",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("ely")),
        Field("addresses", SetOf(str), "", access=Access.STATIC_RO, default=(), lifecycle=since("ely")),
        Field("first_port", int, "", access=Access.STATIC_RO, default=0, lifecycle=since("ely")),
        Field("last_port", int, "", access=Access.STATIC_RO, default=0, lifecycle=since("ely")),
        Field("site", Ref("PVS_site"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("ely")),
    ),
    messages=(
        Message(
            "introduce",
            "",
            params=(
                Param("addresses", SetOf(str), ""),
                Param("first_port", int, ""),
                Param("last_port", int, ""),
                Param("site", Ref("PVS_site"), ""),
            ),
            result=Ref("PVS_server"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "forget",
            "",
            params=(Param("self", Ref("PVS_server"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("ely"),
    has_get_all=True,
)
