"""USB_group:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, SetOf, since

USB_GROUP = Class(
    "USB_group",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("inverness")),
        Field("name_label", str, "", access=Access.RW, default="", db_name="name__label", lifecycle=since("inverness")),
        Field(
            "name_description",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__description",
            lifecycle=since("inverness"),
        ),
        Field("PUSBs", SetOf(Ref("PUSB")), "", lifecycle=since("inverness")),
        Field("VUSBs", SetOf(Ref("VUSB")), "", lifecycle=since("inverness")),
        Field("other_config", MapOf(str, str), "", access=Access.RW, default={}, lifecycle=since("inverness")),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(
                Param("name_label", str, "", default=""),
                Param("name_description", str, "", default=""),
                Param("other_config", MapOf(str, str), "", default={}),
            ),
            result=Ref("USB_group"),
            result_doc="",
            lifecycle=since("inverness"),
        ),
        Message("destroy", "", params=(Param("self", Ref("USB_group"), ""),), lifecycle=since("inverness")),
    ),
    lifecycle=since("inverness"),
    has_get_all=True,
)
