"""PCI:"""

from __future__ import annotations

from xapi.datamodel.enums import PCIDom0Access
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, history, since

PCI = Class(
    "PCI",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("boston")),
        Field("class_id", str, "", access=Access.STATIC_RO, default="", lifecycle=since("boston")),
        Field("class_name", str, "", access=Access.STATIC_RO, default="", lifecycle=since("boston")),
        Field("vendor_id", str, "", access=Access.STATIC_RO, default="", lifecycle=since("boston")),
        Field("vendor_name", str, "", access=Access.STATIC_RO, default="", lifecycle=since("boston")),
        Field("device_id", str, "", access=Access.STATIC_RO, default="", lifecycle=since("boston")),
        Field("device_name", str, "", access=Access.STATIC_RO, default="", lifecycle=since("boston")),
        Field("host", Ref("host"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("boston")),
        Field("pci_id", str, "", access=Access.STATIC_RO, default="", lifecycle=since("boston")),
        Field("functions", int, "", default=1, internal=True, lifecycle=since("boston")),
        Field("virtual_functions", SetOf(Ref("PCI")), "", internal=True, lifecycle=since("falcon")),
        Field(
            "physical_function",
            Ref("PCI"),
            "",
            access=Access.STATIC_RO,
            default=NULL,
            internal=True,
            lifecycle=since("falcon"),
        ),
        Field("attached_VMs", SetOf(Ref("VM")), "", internal=True, lifecycle=since("boston")),
        Field("dependencies", SetOf(Ref("PCI")), "", may_dangle=True, lifecycle=since("boston")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Field(
            "subsystem_vendor_id", str, "", access=Access.STATIC_RO, default="", lifecycle=since("clearwater-whetstone")
        ),
        Field(
            "subsystem_vendor_name",
            str,
            "",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("clearwater-whetstone"),
        ),
        Field(
            "subsystem_device_id", str, "", access=Access.STATIC_RO, default="", lifecycle=since("clearwater-whetstone")
        ),
        Field(
            "subsystem_device_name",
            str,
            "",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("clearwater-whetstone"),
        ),
        Field("scheduled_to_be_attached_to", Ref("VM"), "", default=NULL, internal=True, lifecycle=since("falcon")),
        Field("driver_name", str, "", access=Access.STATIC_RO, default="", lifecycle=since("kolkata")),
    ),
    messages=(
        Message(
            "disable_dom0_access",
            "",
            params=(Param("self", Ref("PCI"), ""),),
            result=PCIDom0Access,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 24.14.0"),
        ),
        Message(
            "enable_dom0_access",
            "",
            params=(Param("self", Ref("PCI"), ""),),
            result=PCIDom0Access,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 24.14.0"),
        ),
        Message(
            "get_dom0_access_status",
            "",
            params=(Param("self", Ref("PCI"), ""),),
            result=PCIDom0Access,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 24.14.0"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("boston"),
    has_get_all=True,
)
