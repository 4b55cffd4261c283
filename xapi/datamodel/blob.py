"""blob:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import Access, Class, Field, Message, Param, Ref, Role, since

BLOB = Class(
    "blob",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field(
            "name_label",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__label",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__description",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Field("size", int, "", lifecycle=since("rio")),
        Field(
            "public", bool, "", access=Access.RW, default=False, writers=(Role.POOL_OPERATOR,), lifecycle=since("tampa")
        ),
        Field("last_updated", datetime, "", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("mime_type", str, "", access=Access.STATIC_RO, lifecycle=since("rio")),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(Param("mime_type", str, ""), Param("public", bool, "", default=False, release="tampa")),
            result=Ref("blob"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("orlando"),
            is_async=False,
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("blob"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("orlando"),
            is_async=False,
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("orlando"),
    has_get_all=True,
)
