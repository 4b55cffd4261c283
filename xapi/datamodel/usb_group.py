"""USB_group: uSB devices that can stand in for each other."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, SetOf, since

USB_GROUP = Class(
    "USB_group",
    "USB devices that can stand in for each other.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("inverness")),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            access=Access.RW,
            default="",
            db_name="name__label",
            lifecycle=since("inverness"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            access=Access.RW,
            default="",
            db_name="name__description",
            lifecycle=since("inverness"),
        ),
        Field("PUSBs", SetOf(Ref("PUSB")), "The devices.", lifecycle=since("inverness")),
        Field(
            "VUSBs", SetOf(Ref("VUSB")), "Virtual USB devices that ask for one of them.", lifecycle=since("inverness")
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            lifecycle=since("inverness"),
        ),
    ),
    messages=(
        Message(
            "create",
            "Create a group.",
            params=(
                Param("name_label", str, "A name for people.", default=""),
                Param("name_description", str, "A longer text for people.", default=""),
                Param("other_config", MapOf(str, str), "Initial `other_config`.", default={}),
            ),
            result=Ref("USB_group"),
            result_doc="The group.",
            lifecycle=since("inverness"),
        ),
        Message(
            "destroy",
            "Destroy a group that is empty.",
            params=(Param("self", Ref("USB_group")),),
            lifecycle=since("inverness"),
        ),
    ),
    lifecycle=since("inverness"),
    has_get_all=True,
)
