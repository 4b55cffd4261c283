"""event: something that has changed."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.enums import EventOperation
from xapi.datamodel.types import Access, Class, Field, Message, Param, RecordOf, Role, SetOf, history, since

EVENT = Class(
    "event",
    "Something that has changed.",
    fields=(
        Field("id", int, "Its number.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field(
            "timestamp",
            datetime,
            "When it happened.",
            access=Access.STATIC_RO,
            lifecycle=history("published rio", "deprecated boston"),
        ),
        Field("class", str, "Class of the object.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("operation", EventOperation, "What happened to it.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("ref", str, "The object.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field(
            "obj_uuid",
            str,
            "UUID of the object; unused.",
            access=Access.STATIC_RO,
            lifecycle=history("published rio", "deprecated boston"),
        ),
    ),
    messages=(
        Message(
            "register",
            "Begin to collect events of some classes for `event.next`.",
            params=(Param("classes", SetOf(str), "Names of classes, of `class/ref` pairs, or `*` for all."),),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=history("published rio", "deprecated boston"),
        ),
        Message(
            "unregister",
            "Collect events of some classes no more.",
            params=(Param("classes", SetOf(str), "Names of classes, of `class/ref` pairs, or `*` for all."),),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=history("published rio", "deprecated boston"),
        ),
        Message(
            "next",
            "Wait for events that were collected for the session.",
            result=SetOf(RecordOf("event")),
            result_doc="The events.",
            errors=("SESSION_NOT_REGISTERED", "EVENTS_LOST", "EVENT_SUBSCRIPTION_PARSE_FAILURE"),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=history("published rio", "deprecated boston"),
            is_async=False,
            raw_result=True,
        ),
        Message(
            "from",
            "Wait for events since a token was given.",
            params=(
                Param("classes", SetOf(str), "Names of classes, of `class/ref` pairs, or `*` for all."),
                Param("token", str, "The token of the last answer; empty at first."),
                Param("timeout", float, "The longest time to wait, in seconds."),
            ),
            result=SetOf(RecordOf("event")),
            result_doc="The events, what is there now, and the next token.",
            errors=("EVENT_FROM_TOKEN_PARSE_FAILURE", "EVENT_SUBSCRIPTION_PARSE_FAILURE"),
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("boston"),
            is_async=False,
            raw_result=True,
        ),
        Message(
            "get_current_id",
            "Number of the latest change.",
            result=int,
            result_doc="The number.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("rio"),
            is_async=False,
        ),
        Message(
            "inject",
            "Cause an event without a change, to find out when all before it was delivered.",
            params=(Param("class", str, "Class of the object."), Param("ref", str, "The object.")),
            result=str,
            result_doc="A token after it.",
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
