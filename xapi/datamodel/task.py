"""task:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.enums import TaskAllowedOperations, TaskStatusType
from xapi.datamodel.types import NULL, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, history, since

TASK = Class(
    "task",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("name_label", str, "", default="", db_name="name__label", lifecycle=since("rio")),
        Field("name_description", str, "", default="", db_name="name__description", lifecycle=since("rio")),
        Field(
            "allowed_operations", SetOf(TaskAllowedOperations), "", default=(), persist=False, lifecycle=since("rio")
        ),
        Field(
            "current_operations",
            MapOf(str, TaskAllowedOperations),
            "",
            default={},
            persist=False,
            lifecycle=since("rio"),
        ),
        Field("created", datetime, "", lifecycle=since("rio")),
        Field("finished", datetime, "", lifecycle=since("rio")),
        Field("status", TaskStatusType, "", lifecycle=since("rio")),
        Field("session", Ref("session"), "", internal=True, lifecycle=since("rio")),
        Field("resident_on", Ref("host"), "", lifecycle=since("rio")),
        Field("progress", float, "", lifecycle=since("rio")),
        Field("externalpid", int, "", internal=True, lifecycle=since("rio")),
        Field("stunnelpid", int, "", internal=True, lifecycle=history("published rio", "deprecated boston")),
        Field("forwarded", bool, "", internal=True, lifecycle=since("rio")),
        Field("forwarded_to", Ref("host"), "", internal=True, lifecycle=since("rio")),
        Field("type", str, "", lifecycle=since("rio")),
        Field("result", str, "", lifecycle=since("rio")),
        Field("error_info", SetOf(str), "", lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            default={},
            key_roles=(
                ("applies_to", Role.VM_OPERATOR),
                ("XenCenterUUID", Role.VM_OPERATOR),
                ("XenCenterMeddlingActionTitle", Role.VM_OPERATOR),
            ),
            lifecycle=since("miami"),
        ),
        Field("subtask_of", Ref("task"), "", default=NULL, lifecycle=since("orlando")),
        Field("subtasks", SetOf(Ref("task")), "", lifecycle=since("orlando")),
        Field("backtrace", str, "", default="()", lifecycle=since("dundee")),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(Param("label", str, ""), Param("description", str, "")),
            result=Ref("task"),
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("rio"),
            is_async=False,
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("task"), ""),),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("rio"),
            is_async=False,
        ),
        Message(
            "cancel",
            "",
            params=(Param("task", Ref("task"), ""),),
            errors=("OPERATION_NOT_ALLOWED",),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("rio"),
        ),
        Message(
            "set_status",
            "",
            params=(Param("self", Ref("task"), ""), Param("value", TaskStatusType, "")),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("falcon"),
            is_async=False,
        ),
        Message(
            "set_progress",
            "",
            params=(Param("self", Ref("task"), ""), Param("value", float, "")),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("stockholm"),
            is_async=False,
        ),
        Message(
            "set_result",
            "",
            params=(Param("self", Ref("task"), ""), Param("value", str, "")),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("21.3.0"),
            is_async=False,
        ),
        Message(
            "set_error_info",
            "",
            params=(Param("self", Ref("task"), ""), Param("value", SetOf(str), "")),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("21.3.0"),
            is_async=False,
        ),
        Message(
            "add_to_other_config",
            "",
            params=(Param("self", Ref("task"), ""), Param("key", str, ""), Param("value", str, "")),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            key_roles=(
                ("applies_to", Role.VM_OPERATOR),
                ("XenCenterUUID", Role.VM_OPERATOR),
                ("XenCenterMeddlingActionTitle", Role.VM_OPERATOR),
            ),
            lifecycle=history("prototyped 25.8.0"),
        ),
        Message(
            "remove_from_other_config",
            "",
            params=(Param("self", Ref("task"), ""), Param("key", str, "")),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            key_roles=(
                ("applies_to", Role.VM_OPERATOR),
                ("XenCenterUUID", Role.VM_OPERATOR),
                ("XenCenterMeddlingActionTitle", Role.VM_OPERATOR),
            ),
            lifecycle=history("prototyped 25.8.0"),
        ),
        Message(
            "set_other_config",
            "",
            params=(Param("self", Ref("task"), ""), Param("value", MapOf(str, str), "")),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=history("prototyped 25.8.0"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("rio"),
    persist=False,
    has_get_all=True,
)
