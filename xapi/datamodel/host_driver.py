"""Host_driver:"""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, Message, Param, Ref, SetOf, history

HOST_DRIVER = Class(
    "Host_driver",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=history("prototyped 25.2.0")),
        Field("host", Ref("host"), "", access=Access.STATIC_RO, default=NULL, lifecycle=history("prototyped 25.2.0")),
        Field("name", str, "", lifecycle=history("prototyped 25.2.0")),
        Field("friendly_name", str, "", lifecycle=history("prototyped 25.2.0")),
        Field("variants", SetOf(Ref("Driver_variant")), "", lifecycle=history("prototyped 25.2.0")),
        Field("active_variant", Ref("Driver_variant"), "", lifecycle=history("prototyped 25.2.0")),
        Field("selected_variant", Ref("Driver_variant"), "", lifecycle=history("prototyped 25.2.0")),
        Field("type", str, "", lifecycle=history("prototyped 25.2.0")),
        Field("description", str, "", lifecycle=history("prototyped 25.2.0")),
        Field("info", str, "", lifecycle=history("prototyped 25.2.0")),
    ),
    messages=(
        Message(
            "select",
            "",
            params=(Param("self", Ref("Host_driver"), ""), Param("variant", Ref("Driver_variant"), "")),
            lifecycle=history("prototyped 25.2.0"),
        ),
        Message(
            "deselect", "", params=(Param("self", Ref("Host_driver"), ""),), lifecycle=history("prototyped 25.2.0")
        ),
        Message("rescan", "", params=(Param("host", Ref("host"), ""),), lifecycle=history("prototyped 25.2.0")),
    ),
    lifecycle=history("prototyped 25.2.0"),
    has_get_all=True,
)
