"""SDN_controller: a controller for Open vSwitch on all hosts."""

from __future__ import annotations

from xapi.datamodel.enums import SDNControllerProtocol
from xapi.datamodel.types import Access, Class, Field, Message, Param, Ref, Role, since

SDN_CONTROLLER = Class(
    "SDN_controller",
    "A controller for Open vSwitch on all hosts.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("falcon")),
        Field(
            "protocol",
            SDNControllerProtocol,
            "How it is reached.",
            access=Access.STATIC_RO,
            default=SDNControllerProtocol.SSL,
            lifecycle=since("falcon"),
        ),
        Field("address", str, "Its address.", access=Access.STATIC_RO, default="", lifecycle=since("falcon")),
        Field("port", int, "Its port.", access=Access.STATIC_RO, default=0, lifecycle=since("falcon")),
    ),
    messages=(
        Message(
            "introduce",
            "Let all hosts be controlled from there.",
            params=(
                Param("protocol", SDNControllerProtocol, "The protocol.", default=SDNControllerProtocol.SSL),
                Param("address", str, "The address.", default=""),
                Param("port", int, "The port.", default=0),
            ),
            result=Ref("SDN_controller"),
            result_doc="The controller.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("falcon"),
        ),
        Message(
            "forget",
            "Let no host be controlled from there any more.",
            params=(Param("self", Ref("SDN_controller")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("falcon"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("falcon"),
    has_get_all=True,
)
