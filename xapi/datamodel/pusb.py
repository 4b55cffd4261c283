"""PUSB: a USB device plugged into a host."""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, since

PUSB = Class(
    "PUSB",
    "A USB device plugged into a host.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("inverness")),
        Field(
            "USB_group",
            Ref("USB_group"),
            "The group to which it belongs.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("inverness"),
        ),
        Field("host", Ref("host"), "The host.", access=Access.STATIC_RO, default=NULL, lifecycle=since("inverness")),
        Field(
            "path",
            str,
            "Its place in the tree of ports.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("inverness"),
        ),
        Field(
            "vendor_id", str, "Number of its vendor.", access=Access.STATIC_RO, default="", lifecycle=since("inverness")
        ),
        Field(
            "vendor_desc", str, "Name of its vendor.", access=Access.STATIC_RO, default="", lifecycle=since("inverness")
        ),
        Field(
            "product_id", str, "Number of its model.", access=Access.STATIC_RO, default="", lifecycle=since("inverness")
        ),
        Field(
            "product_desc", str, "Name of its model.", access=Access.STATIC_RO, default="", lifecycle=since("inverness")
        ),
        Field("serial", str, "Its serial number.", access=Access.STATIC_RO, default="", lifecycle=since("inverness")),
        Field(
            "version",
            str,
            "Version of USB that it speaks.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("inverness"),
        ),
        Field(
            "description",
            str,
            "Both names together.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("inverness"),
        ),
        Field("passthrough_enabled", bool, "It may be given to a VM.", default=False, lifecycle=since("inverness")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            lifecycle=since("inverness"),
        ),
        Field(
            "speed", float, "Its speed in Mbit/s.", access=Access.STATIC_RO, default=-1.0, lifecycle=since("stockholm")
        ),
    ),
    messages=(
        Message(
            "scan",
            "Look for USB devices that are not known yet.",
            params=(Param("host", Ref("host"), "The host."),),
            lifecycle=since("inverness"),
        ),
        Message(
            "set_passthrough_enabled",
            "Set whether it may be given to a VM.",
            params=(Param("self", Ref("PUSB")), Param("value", bool, "The new value.")),
            lifecycle=since("inverness"),
        ),
    ),
    lifecycle=since("inverness"),
    has_get_all=True,
)
