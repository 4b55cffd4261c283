"""SDN_controller:"""

from __future__ import annotations

from xapi.datamodel.enums import SDNControllerProtocol
from xapi.datamodel.types import Access, Class, Field, Message, Param, Ref, Role, since

SDN_CONTROLLER = Class(
    "SDN_controller",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("falcon")),
        Field(
            "protocol",
            SDNControllerProtocol,
            "",
            access=Access.STATIC_RO,
            default=SDNControllerProtocol.SSL,
            lifecycle=since("falcon"),
        ),
        Field("address", str, "", access=Access.STATIC_RO, default="", lifecycle=since("falcon")),
        Field("port", int, "", access=Access.STATIC_RO, default=0, lifecycle=since("falcon")),
    ),
    messages=(
        Message(
            "introduce",
            "",
            params=(
                Param("protocol", SDNControllerProtocol, "", default=SDNControllerProtocol.SSL),
                Param("address", str, "", default=""),
                Param("port", int, "", default=0),
            ),
            result=Ref("SDN_controller"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("falcon"),
        ),
        Message(
            "forget",
            "",
            params=(Param("self", Ref("SDN_controller"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("falcon"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("falcon"),
    has_get_all=True,
)
