"""Feature: an optional feature of a host."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, Ref, Role, since

FEATURE = Class(
    "Feature",
    "An optional feature of a host.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("falcon")),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            access=Access.STATIC_RO,
            default="",
            db_name="name__label",
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            access=Access.STATIC_RO,
            default="",
            db_name="name__description",
            lifecycle=since("rio"),
        ),
        Field("enabled", bool, "It is turned on.", default=False, lifecycle=since("falcon")),
        Field(
            "experimental",
            bool,
            "It is not supported yet.",
            access=Access.STATIC_RO,
            default=False,
            lifecycle=since("falcon"),
        ),
        Field("version", str, "Its version.", access=Access.STATIC_RO, default="1.0", lifecycle=since("falcon")),
        Field("host", Ref("host"), "The host.", lifecycle=since("falcon")),
    ),
    roles=(Role.LOCAL_ROOT,),
    lifecycle=since("falcon"),
    has_get_all=True,
)
