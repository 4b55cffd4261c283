"""VUSB:"""

from __future__ import annotations

from xapi.datamodel.enums import VUSBOperations
from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, SetOf, since

VUSB = Class(
    "VUSB",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("inverness")),
        Field("allowed_operations", SetOf(VUSBOperations), "", default=(), persist=False, lifecycle=since("rio")),
        Field("current_operations", MapOf(str, VUSBOperations), "", default={}, persist=False, lifecycle=since("rio")),
        Field("VM", Ref("VM"), "", lifecycle=since("inverness")),
        Field("USB_group", Ref("USB_group"), "", lifecycle=since("inverness")),
        Field("other_config", MapOf(str, str), "", access=Access.RW, default={}, lifecycle=since("inverness")),
        Field("currently_attached", bool, "", default=False, lifecycle=since("rio")),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(
                Param("VM", Ref("VM"), ""),
                Param("USB_group", Ref("USB_group"), ""),
                Param("other_config", MapOf(str, str), "", default={}),
            ),
            result=Ref("VUSB"),
            result_doc="",
            lifecycle=since("inverness"),
        ),
        Message("unplug", "", params=(Param("self", Ref("VUSB"), ""),), lifecycle=since("inverness")),
        Message("destroy", "", params=(Param("self", Ref("VUSB"), ""),), lifecycle=since("inverness")),
    ),
    lifecycle=since("inverness"),
    has_get_all=True,
)
