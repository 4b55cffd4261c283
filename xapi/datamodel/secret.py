"""secret: a value that is kept apart from the objects that use it."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, since

SECRET = Class(
    "secret",
    "A value that is kept apart from the objects that use it.",
    fields=(
        Field(
            "uuid",
            str,
            "Identifies the object for good, here and elsewhere.",
            readers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field(
            "value",
            str,
            "The secret itself.",
            access=Access.RW,
            readers=(Role.POOL_OPERATOR,),
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
    ),
    messages=(
        Message(
            "introduce",
            "Store a secret under a given UUID.",
            params=(
                Param("uuid", str, "The UUID that the object has or is to have."),
                Param("value", str, "The secret itself."),
                Param("other_config", MapOf(str, str), "Initial `other_config`.", default={}, release="boston"),
            ),
            result=Ref("secret"),
            result_doc="The secret.",
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
