"""Caller: a client whose requests are counted."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import NEVER, NULL, Access, Class, Field, Message, Param, Ref, Role, SetOf, history

CALLER = Class(
    "Caller",
    "A client whose requests are counted.",
    fields=(
        Field(
            "uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=history("prototyped 26.17.0")
        ),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            access=Access.RW,
            default="",
            db_name="name__label",
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            access=Access.RW,
            default="",
            db_name="name__description",
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field(
            "user_agent",
            str,
            "How it calls itself.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field(
            "client_ip",
            str,
            "Its address.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field(
            "last_access", datetime, "When it was last seen.", default=NEVER, lifecycle=history("prototyped 26.17.0")
        ),
        Field("groups", SetOf(str), "Groups to which it belongs.", default=(), lifecycle=history("prototyped 26.17.0")),
        Field(
            "rate_limit",
            Ref("Rate_limit"),
            "How its requests are limited.",
            default=NULL,
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field(
            "auto_registered",
            bool,
            "The server noticed it by itself.",
            default=False,
            lifecycle=history("prototyped 26.17.0"),
        ),
    ),
    messages=(
        Message(
            "add_group",
            "Put it into a group.",
            params=(Param("self", Ref("Caller")), Param("group", str, "The group.")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.17.0"),
        ),
        Message(
            "remove_group",
            "Take it out of a group.",
            params=(Param("self", Ref("Caller")), Param("group", str, "The group.")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.17.0"),
        ),
        Message(
            "query_token_usage",
            "How much it has used lately.",
            params=(Param("self", Ref("Caller")),),
            result=float,
            result_doc="In tokens.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.15.0"),
        ),
        Message(
            "query_call_count",
            "How many requests it has made.",
            params=(Param("self", Ref("Caller")),),
            result=int,
            result_doc="The number.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.15.0"),
        ),
        Message(
            "query_group_token_usage",
            "How much a group has used lately.",
            params=(Param("group", str, "The group."),),
            result=float,
            result_doc="In tokens.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.15.0"),
        ),
        Message(
            "query_group_call_count",
            "How many requests a group has made.",
            params=(Param("group", str, "The group."),),
            result=int,
            result_doc="The number.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.15.0"),
        ),
        Message(
            "query_all_usage",
            "What everybody has used.",
            result=SetOf(SetOf(str)),
            result_doc="Rows of a table.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.17.0"),
        ),
    ),
    lifecycle=history("prototyped 26.17.0"),
    has_get_all=True,
    constructor=True,
)
