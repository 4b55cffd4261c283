"""PVS_server: a server of a PVS site."""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, Message, Param, Ref, Role, SetOf, since

PVS_SERVER = Class(
    "PVS_server",
    "A server of a PVS site.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("ely")),
        Field(
            "addresses", SetOf(str), "Its IPv4 addresses.", access=Access.STATIC_RO, default=(), lifecycle=since("ely")
        ),
        Field("first_port", int, "The first UDP port.", access=Access.STATIC_RO, default=0, lifecycle=since("ely")),
        Field("last_port", int, "The last UDP port.", access=Access.STATIC_RO, default=0, lifecycle=since("ely")),
        Field("site", Ref("PVS_site"), "The site.", access=Access.STATIC_RO, default=NULL, lifecycle=since("ely")),
    ),
    messages=(
        Message(
            "introduce",
            "Make a server known.",
            params=(
                Param("addresses", SetOf(str), "Its IPv4 addresses."),
                Param("first_port", int, "The first UDP port."),
                Param("last_port", int, "The last UDP port."),
                Param("site", Ref("PVS_site"), "The PVS site."),
            ),
            result=Ref("PVS_server"),
            result_doc="The server.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
        Message(
            "forget",
            "Forget the server.",
            params=(Param("self", Ref("PVS_server")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("ely"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("ely"),
    has_get_all=True,
)
