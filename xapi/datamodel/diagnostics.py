"""Diagnostics: a look inside the server."""

from __future__ import annotations

from xapi.datamodel.types import Class, MapOf, Message, Param, Ref, Role, SetOf, since

DIAGNOSTICS = Class(
    "Diagnostics",
    "A look inside the server.",
    fields=(),
    messages=(
        Message(
            "gc_compact",
            "Give memory of the server back.",
            params=(Param("host", Ref("host"), "The host."),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("stockholm"),
            hidden=True,
        ),
        Message(
            "gc_stats",
            "How the server uses memory.",
            params=(Param("host", Ref("host"), "The host."),),
            result=MapOf(str, str),
            result_doc="Numbers by name.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("stockholm"),
            hidden=True,
        ),
        Message(
            "db_stats",
            "How the database is used.",
            result=MapOf(str, str),
            result_doc="Numbers by name.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("stockholm"),
            hidden=True,
        ),
        Message(
            "network_stats",
            "How connections are used.",
            params=(Param("host", Ref("host"), "The host."), Param("params", MapOf(str, str), "Parameters.")),
            result=SetOf(SetOf(str)),
            result_doc="Rows of a table.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("stockholm"),
            hidden=True,
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("stockholm"),
    persist=False,
    in_database=False,
    events=False,
)
