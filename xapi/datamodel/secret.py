"""secret:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, since

SECRET = Class(
    "secret",
    "",
    fields=(
        Field("uuid", str, "", readers=(Role.POOL_OPERATOR,), lifecycle=since("rio")),
        Field(
            "value",
            str,
            "",
            access=Access.RW,
            readers=(Role.POOL_OPERATOR,),
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
    ),
    messages=(
        Message(
            "introduce",
            "",
            params=(
                Param("uuid", str, ""),
                Param("value", str, ""),
                Param("other_config", MapOf(str, str), "", default={}, release="boston"),
            ),
            result=Ref("secret"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("midnight-ride"),
            is_async=False,
            hidden=True,
            secret=True,
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    implicit_roles=(Role.POOL_OPERATOR,),
    lifecycle=since("midnight-ride"),
    events=False,
    has_get_all=True,
    constructor=True,
)
