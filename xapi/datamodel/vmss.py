"""VMSS:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.enums import VMSSFrequency, VMSSType
from xapi.datamodel.types import NEVER, Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

VMSS = Class(
    "VMSS",
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
        Field(
            "enabled", bool, "", access=Access.RW, default=True, writers=(Role.POOL_OPERATOR,), lifecycle=since("rio")
        ),
        Field("type", VMSSType, "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("retained_snapshots", int, "", access=Access.STATIC_RO, default=7, lifecycle=since("rio")),
        Field("frequency", VMSSFrequency, "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("schedule", MapOf(str, str), "", access=Access.STATIC_RO, default={}, lifecycle=since("rio")),
        Field("last_run_time", datetime, "", default=NEVER, lifecycle=since("rio")),
        Field("VMs", SetOf(Ref("VM")), "", lifecycle=since("rio")),
    ),
    messages=(
        Message(
            "snapshot_now",
            "",
            params=(Param("vmss", Ref("VMSS"), ""),),
            result=str,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("falcon"),
            is_async=False,
        ),
        Message(
            "set_retained_snapshots",
            "",
            params=(Param("self", Ref("VMSS"), ""), Param("value", int, "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("falcon"),
            is_async=False,
        ),
        Message(
            "set_frequency",
            "",
            params=(Param("self", Ref("VMSS"), ""), Param("value", VMSSFrequency, "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("falcon"),
            is_async=False,
        ),
        Message(
            "set_schedule",
            "",
            params=(Param("self", Ref("VMSS"), ""), Param("value", MapOf(str, str), "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("falcon"),
            is_async=False,
        ),
        Message(
            "add_to_schedule",
            "",
            params=(Param("self", Ref("VMSS"), ""), Param("key", str, ""), Param("value", str, "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("falcon"),
            is_async=False,
        ),
        Message(
            "remove_from_schedule",
            "",
            params=(Param("self", Ref("VMSS"), ""), Param("key", str, "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("falcon"),
            is_async=False,
        ),
        Message(
            "set_last_run_time",
            "",
            params=(Param("self", Ref("VMSS"), ""), Param("value", datetime, "")),
            roles=(Role.LOCAL_ROOT,),
            lifecycle=since("falcon"),
            is_async=False,
        ),
        Message(
            "set_type",
            "",
            params=(Param("self", Ref("VMSS"), ""), Param("value", VMSSType, "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("falcon"),
            is_async=False,
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("falcon"),
    has_get_all=True,
    constructor=True,
)
