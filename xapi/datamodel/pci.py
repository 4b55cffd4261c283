"""PCI: a PCI device of a host."""

from __future__ import annotations

from xapi.datamodel.enums import PCIDom0Access
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, history, since

PCI = Class(
    "PCI",
    "A PCI device of a host.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("boston")),
        Field("class_id", str, "Number of its class.", access=Access.STATIC_RO, default="", lifecycle=since("boston")),
        Field("class_name", str, "Name of its class.", access=Access.STATIC_RO, default="", lifecycle=since("boston")),
        Field(
            "vendor_id", str, "Number of its vendor.", access=Access.STATIC_RO, default="", lifecycle=since("boston")
        ),
        Field(
            "vendor_name", str, "Name of its vendor.", access=Access.STATIC_RO, default="", lifecycle=since("boston")
        ),
        Field("device_id", str, "Number of its model.", access=Access.STATIC_RO, default="", lifecycle=since("boston")),
        Field("device_name", str, "Name of its model.", access=Access.STATIC_RO, default="", lifecycle=since("boston")),
        Field("host", Ref("host"), "The host.", access=Access.STATIC_RO, default=NULL, lifecycle=since("boston")),
        Field(
            "pci_id",
            str,
            "Its address on the bus, such as `0000:03:00.0`.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("boston"),
        ),
        Field(
            "functions",
            int,
            "How many functions it has, counting virtual ones.",
            default=1,
            internal=True,
            lifecycle=since("boston"),
        ),
        Field(
            "virtual_functions", SetOf(Ref("PCI")), "Its virtual functions.", internal=True, lifecycle=since("falcon")
        ),
        Field(
            "physical_function",
            Ref("PCI"),
            "The device of which it is a virtual function.",
            access=Access.STATIC_RO,
            default=NULL,
            internal=True,
            lifecycle=since("falcon"),
        ),
        Field("attached_VMs", SetOf(Ref("VM")), "VMs that have it now.", internal=True, lifecycle=since("boston")),
        Field(
            "dependencies",
            SetOf(Ref("PCI")),
            "Devices that must be passed through together with it.",
            may_dangle=True,
            lifecycle=since("boston"),
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Field(
            "subsystem_vendor_id",
            str,
            "Number of the vendor of the board.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("clearwater-whetstone"),
        ),
        Field(
            "subsystem_vendor_name",
            str,
            "Name of the vendor of the board.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("clearwater-whetstone"),
        ),
        Field(
            "subsystem_device_id",
            str,
            "Number of the board.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("clearwater-whetstone"),
        ),
        Field(
            "subsystem_device_name",
            str,
            "Name of the board.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("clearwater-whetstone"),
        ),
        Field(
            "scheduled_to_be_attached_to",
            Ref("VM"),
            "The VM for which it is held.",
            default=NULL,
            internal=True,
            lifecycle=since("falcon"),
        ),
        Field(
            "driver_name",
            str,
            "Name of the driver that uses it.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("kolkata"),
        ),
    ),
    messages=(
        Message(
            "disable_dom0_access",
            "Hide it from the control domain after the next boot.",
            params=(Param("self", Ref("PCI")),),
            result=PCIDom0Access,
            result_doc="The state.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 24.14.0"),
        ),
        Message(
            "enable_dom0_access",
            "Give it back to the control domain after the next boot.",
            params=(Param("self", Ref("PCI")),),
            result=PCIDom0Access,
            result_doc="The state.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 24.14.0"),
        ),
        Message(
            "get_dom0_access_status",
            "Whether the control domain may use it.",
            params=(Param("self", Ref("PCI")),),
            result=PCIDom0Access,
            result_doc="The state.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 24.14.0"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("boston"),
    has_get_all=True,
)
