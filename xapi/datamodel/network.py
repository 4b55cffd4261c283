"""network:"""

from __future__ import annotations

from xapi.datamodel.enums import NetworkDefaultLockingMode, NetworkOperations, NetworkPurpose
from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, history, since

NETWORK = Class(
    "network",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field(
            "name_label",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__label",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__description",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field("allowed_operations", SetOf(NetworkOperations), "", default=(), persist=False, lifecycle=since("rio")),
        Field(
            "current_operations", MapOf(str, NetworkOperations), "", default={}, persist=False, lifecycle=since("rio")
        ),
        Field("VIFs", SetOf(Ref("VIF")), "", lifecycle=since("rio")),
        Field("PIFs", SetOf(Ref("PIF")), "", lifecycle=since("rio")),
        Field(
            "MTU", int, "", access=Access.RW, default=1500, writers=(Role.VM_ADMIN,), lifecycle=since("midnight-ride")
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            writers=(Role.POOL_OPERATOR,),
            key_roles=(
                ("folder", Role.VM_OPERATOR),
                ("XenCenter.CustomFields.*", Role.VM_OPERATOR),
                ("XenCenterCreateInProgress", Role.VM_OPERATOR),
            ),
            lifecycle=since("rio"),
        ),
        Field(
            "bridge", str, "", access=Access.STATIC_RO, default="", lifecycle=history("published rio", "changed falcon")
        ),
        Field("managed", bool, "", access=Access.STATIC_RO, default=True, lifecycle=since("falcon")),
        Field("blobs", MapOf(str, Ref("blob")), "", default={}, lifecycle=since("orlando")),
        Field(
            "tags",
            SetOf(str),
            "",
            access=Access.RW,
            default=(),
            writers=(Role.VM_OPERATOR,),
            lifecycle=since("orlando"),
        ),
        Field(
            "default_locking_mode",
            NetworkDefaultLockingMode,
            "",
            default=NetworkDefaultLockingMode.UNLOCKED,
            lifecycle=since("tampa"),
        ),
        Field("assigned_ips", MapOf(Ref("VIF"), str), "", default={}, lifecycle=since("creedence")),
        Field("purpose", SetOf(NetworkPurpose), "", default=(), lifecycle=since("inverness")),
    ),
    messages=(
        Message(
            "attach",
            "",
            params=(Param("network", Ref("network"), ""), Param("host", Ref("host"), "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
            hidden=True,
        ),
        Message(
            "pool_introduce",
            "",
            params=(
                Param("name_label", str, "", release="miami"),
                Param("name_description", str, "", release="miami"),
                Param("MTU", int, "", release="miami"),
                Param("other_config", MapOf(str, str), "", release="miami"),
                Param("bridge", str, "", release="miami"),
                Param("managed", bool, "", release="falcon"),
                Param("purpose", SetOf(NetworkPurpose), "", release="inverness"),
            ),
            result=Ref("network"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
            hidden=True,
        ),
        Message(
            "create_new_blob",
            "",
            params=(
                Param("network", Ref("network"), ""),
                Param("name", str, ""),
                Param("mime_type", str, ""),
                Param("public", bool, "", default=False, release="tampa"),
            ),
            result=Ref("blob"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("orlando"),
        ),
        Message(
            "set_default_locking_mode",
            "",
            params=(Param("network", Ref("network"), ""), Param("value", NetworkDefaultLockingMode, "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("tampa"),
        ),
        Message(
            "attach_for_vm",
            "",
            params=(Param("host", Ref("host"), ""), Param("vm", Ref("VM"), "")),
            roles=(Role.VM_POWER_ADMIN,),
            lifecycle=since("tampa"),
            hidden=True,
        ),
        Message(
            "detach_for_vm",
            "",
            params=(Param("host", Ref("host"), ""), Param("vm", Ref("VM"), "")),
            roles=(Role.VM_POWER_ADMIN,),
            lifecycle=since("tampa"),
            hidden=True,
        ),
        Message(
            "add_purpose",
            "",
            params=(Param("self", Ref("network"), ""), Param("value", NetworkPurpose, "")),
            errors=("NETWORK_INCOMPATIBLE_PURPOSES",),
            lifecycle=since("inverness"),
        ),
        Message(
            "remove_purpose",
            "",
            params=(Param("self", Ref("network"), ""), Param("value", NetworkPurpose, "")),
            lifecycle=since("inverness"),
        ),
    ),
    roles=(Role.VM_ADMIN,),
    lifecycle=since("rio"),
    has_get_all=True,
    constructor=True,
)
