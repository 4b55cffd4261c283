"""Caller:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import NEVER, NULL, Access, Class, Field, Message, Param, Ref, Role, SetOf, history

CALLER = Class(
    "Caller",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=history("prototyped 26.17.0")),
        Field(
            "name_label",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__label",
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field(
            "name_description",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__description",
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field("user_agent", str, "", access=Access.STATIC_RO, default="", lifecycle=history("prototyped 26.17.0")),
        Field("client_ip", str, "", access=Access.STATIC_RO, default="", lifecycle=history("prototyped 26.17.0")),
        Field("last_access", datetime, "", default=NEVER, lifecycle=history("prototyped 26.17.0")),
        Field("groups", SetOf(str), "", default=(), lifecycle=history("prototyped 26.17.0")),
        Field("rate_limit", Ref("Rate_limit"), "", default=NULL, lifecycle=history("prototyped 26.17.0")),
        Field("auto_registered", bool, "", default=False, lifecycle=history("prototyped 26.17.0")),
    ),
    messages=(
        Message(
            "add_group",
            "",
            params=(Param("self", Ref("Caller"), ""), Param("group", str, "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.17.0"),
        ),
        Message(
            "remove_group",
            "",
            params=(Param("self", Ref("Caller"), ""), Param("group", str, "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.17.0"),
        ),
        Message(
            "query_token_usage",
            "",
            params=(Param("self", Ref("Caller"), ""),),
            result=float,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.15.0"),
        ),
        Message(
            "query_call_count",
            "",
            params=(Param("self", Ref("Caller"), ""),),
            result=int,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.15.0"),
        ),
        Message(
            "query_group_token_usage",
            "",
            params=(Param("group", str, ""),),
            result=float,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.15.0"),
        ),
        Message(
            "query_group_call_count",
            "",
            params=(Param("group", str, ""),),
            result=int,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.15.0"),
        ),
        Message(
            "query_all_usage",
            "",
            result=SetOf(SetOf(str)),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("prototyped 26.17.0"),
        ),
    ),
    lifecycle=history("prototyped 26.17.0"),
    has_get_all=True,
    constructor=True,
)
