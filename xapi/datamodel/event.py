"""event:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.enums import EventOperation
from xapi.datamodel.types import Access, Class, Field, Message, Param, RecordOf, Role, SetOf, history, since

EVENT = Class(
    "event",
    "",
    fields=(
        Field("id", int, "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field(
            "timestamp", datetime, "", access=Access.STATIC_RO, lifecycle=history("published rio", "deprecated boston")
        ),
        Field("class", str, "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("operation", EventOperation, "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("ref", str, "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("obj_uuid", str, "", access=Access.STATIC_RO, lifecycle=history("published rio", "deprecated boston")),
    ),
    messages=(
        Message(
            "register",
            "",
            params=(Param("classes", SetOf(str), ""),),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=history("published rio", "deprecated boston"),
        ),
        Message(
            "unregister",
            "",
            params=(Param("classes", SetOf(str), ""),),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=history("published rio", "deprecated boston"),
        ),
        Message(
            "next",
            "",
            result=SetOf(RecordOf("event")),
            result_doc="",
            errors=("SESSION_NOT_REGISTERED", "EVENTS_LOST", "EVENT_SUBSCRIPTION_PARSE_FAILURE"),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=history("published rio", "deprecated boston"),
            is_async=False,
            raw_result=True,
        ),
        Message(
            "from",
            "",
            params=(Param("classes", SetOf(str), ""), Param("token", str, ""), Param("timeout", float, "")),
            result=SetOf(RecordOf("event")),
            result_doc="",
            errors=("EVENT_FROM_TOKEN_PARSE_FAILURE", "EVENT_SUBSCRIPTION_PARSE_FAILURE"),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("boston"),
            is_async=False,
            raw_result=True,
        ),
        Message(
            "get_current_id",
            "",
            result=int,
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("rio"),
            is_async=False,
        ),
        Message(
            "inject",
            "",
            params=(Param("class", str, ""), Param("ref", str, "")),
            result=str,
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("tampa"),
            is_async=False,
        ),
    ),
    lifecycle=since("rio"),
    persist=False,
    in_database=False,
    events=False,
)
