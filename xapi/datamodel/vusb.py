"""VUSB: a USB device as one VM sees it."""

from __future__ import annotations

from xapi.datamodel.enums import VUSBOperations
from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, SetOf, since

VUSB = Class(
    "VUSB",
    "A USB device as one VM sees it.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("inverness")),
        Field(
            "allowed_operations",
            SetOf(VUSBOperations),
            "What may be started now; a hint, checked again when it is.",
            default=(),
            persist=False,
            lifecycle=since("rio"),
        ),
        Field(
            "current_operations",
            MapOf(str, VUSBOperations),
            "What is running on it now, by the task that does it.",
            default={},
            persist=False,
            lifecycle=since("rio"),
        ),
        Field("VM", Ref("VM"), "The VM.", lifecycle=since("inverness")),
        Field("USB_group", Ref("USB_group"), "The group from which a device is taken.", lifecycle=since("inverness")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            lifecycle=since("inverness"),
        ),
        Field("currently_attached", bool, "It is plugged into the running VM.", default=False, lifecycle=since("rio")),
    ),
    messages=(
        Message(
            "create",
            "Give a VM a USB device.",
            params=(
                Param("VM", Ref("VM"), "The VM."),
                Param("USB_group", Ref("USB_group"), "The group from which a device is taken."),
                Param("other_config", MapOf(str, str), "Initial `other_config`.", default={}),
            ),
            result=Ref("VUSB"),
            result_doc="The virtual device.",
            lifecycle=since("inverness"),
        ),
        Message(
            "unplug",
            "Take the device out of the running VM.",
            params=(Param("self", Ref("VUSB")),),
            lifecycle=since("inverness"),
        ),
        Message(
            "destroy",
            "Take the device from the VM for good.",
            params=(Param("self", Ref("VUSB")),),
            lifecycle=since("inverness"),
        ),
    ),
    lifecycle=since("inverness"),
    has_get_all=True,
)
