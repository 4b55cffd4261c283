"""Diagnostics:"""

from __future__ import annotations

from xapi.datamodel.types import Class, MapOf, Message, Param, Ref, Role, SetOf, since

DIAGNOSTICS = Class(
    "Diagnostics",
    "",
    fields=(),
    messages=(
        Message(
            "gc_compact",
            "",
            params=(Param("host", Ref("host"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("stockholm"),
            hidden=True,
        ),
        Message(
            "gc_stats",
            "",
            params=(Param("host", Ref("host"), ""),),
            result=MapOf(str, str),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("stockholm"),
            hidden=True,
        ),
        Message(
            "db_stats",
            "",
            result=MapOf(str, str),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("stockholm"),
            hidden=True,
        ),
        Message(
            "network_stats",
            "",
            params=(Param("host", Ref("host"), ""), Param("params", MapOf(str, str), "")),
            result=SetOf(SetOf(str)),
            result_doc="",
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
