"""blob: binary data attached to an object."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import Access, Class, Field, Message, Param, Ref, Role, since

BLOB = Class(
    "blob",
    "Binary data attached to an object.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            access=Access.RW,
            default="",
            db_name="name__label",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            access=Access.RW,
            default="",
            db_name="name__description",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field("size", int, "How many bytes there are.", lifecycle=since("rio")),
        Field(
            "public",
            bool,
            "It can be fetched without logging in.",
            access=Access.RW,
            default=False,
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("tampa"),
        ),
        Field(
            "last_updated",
            datetime,
            "When the values were last refreshed.",
            access=Access.STATIC_RO,
            lifecycle=since("rio"),
        ),
        Field("mime_type", str, "The kind of content.", access=Access.STATIC_RO, lifecycle=since("rio")),
    ),
    messages=(
        Message(
            "create",
            "Make a place for binary data.",
            params=(
                Param("mime_type", str, "The kind of content, such as `text/plain`."),
                Param("public", bool, "The content can be fetched without logging in.", default=False, release="tampa"),
            ),
            result=Ref("blob"),
            result_doc="The blob, still empty.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("orlando"),
            is_async=False,
        ),
        Message(
            "destroy",
            "Destroy it.",
            params=(Param("self", Ref("blob")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("orlando"),
            is_async=False,
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("orlando"),
    has_get_all=True,
)
