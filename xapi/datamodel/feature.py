"""Feature:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, Ref, Role, since

FEATURE = Class(
    "Feature",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("falcon")),
        Field(
            "name_label", str, "", access=Access.STATIC_RO, default="", db_name="name__label", lifecycle=since("rio")
        ),
        Field(
            "name_description",
            str,
            "",
            access=Access.STATIC_RO,
            default="",
            db_name="name__description",
            lifecycle=since("rio"),
        ),
        Field("enabled", bool, "", default=False, lifecycle=since("falcon")),
        Field("experimental", bool, "", access=Access.STATIC_RO, default=False, lifecycle=since("falcon")),
        Field("version", str, "", access=Access.STATIC_RO, default="1.0", lifecycle=since("falcon")),
        Field("host", Ref("host"), "", lifecycle=since("falcon")),
    ),
    roles=(Role.LOCAL_ROOT,),
    lifecycle=since("falcon"),
    has_get_all=True,
)
