"""Observer:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, SetOf, history, since

OBSERVER = Class(
    "Observer",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=history("prototyped 23.14.0")),
        Field("name_label", str, "", access=Access.RW, default="", db_name="name__label", lifecycle=since("rio")),
        Field(
            "name_description",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__description",
            lifecycle=since("rio"),
        ),
        Field(
            "hosts",
            SetOf(Ref("host")),
            "",
            access=Access.STATIC_RO,
            default=(),
            may_dangle=True,
            lifecycle=history("prototyped 23.14.0"),
        ),
        Field(
            "attributes",
            MapOf(str, str),
            "",
            access=Access.STATIC_RO,
            default={},
            lifecycle=history("prototyped 23.14.0"),
        ),
        Field(
            "endpoints", SetOf(str), "", access=Access.STATIC_RO, default=(), lifecycle=history("prototyped 23.14.0")
        ),
        Field(
            "components", SetOf(str), "", access=Access.STATIC_RO, default=(), lifecycle=history("prototyped 23.14.0")
        ),
        Field("enabled", bool, "", access=Access.STATIC_RO, default=False, lifecycle=history("prototyped 23.14.0")),
    ),
    messages=(
        Message(
            "register",
            "",
            params=(Param("self", Ref("Observer"), ""), Param("host", Ref("host"), "")),
            lifecycle=history("prototyped 23.14.0"),
            hidden=True,
        ),
        Message(
            "unregister",
            "",
            params=(Param("self", Ref("Observer"), ""), Param("host", Ref("host"), "")),
            lifecycle=history("prototyped 23.14.0"),
            hidden=True,
        ),
        Message(
            "set_hosts",
            "",
            params=(Param("self", Ref("Observer"), ""), Param("value", SetOf(Ref("host")), "")),
            lifecycle=history("prototyped 23.14.0"),
        ),
        Message(
            "set_enabled",
            "",
            params=(Param("self", Ref("Observer"), ""), Param("value", bool, "")),
            lifecycle=history("prototyped 23.14.0"),
        ),
        Message(
            "set_attributes",
            "",
            params=(Param("self", Ref("Observer"), ""), Param("value", MapOf(str, str), "")),
            lifecycle=history("prototyped 23.14.0"),
        ),
        Message(
            "set_endpoints",
            "",
            params=(Param("self", Ref("Observer"), ""), Param("value", SetOf(str), "")),
            lifecycle=history("prototyped 23.14.0"),
        ),
        Message(
            "set_components",
            "",
            params=(Param("self", Ref("Observer"), ""), Param("value", SetOf(str), "")),
            lifecycle=history("prototyped 23.14.0"),
        ),
    ),
    lifecycle=history("prototyped 23.14.0"),
    has_get_all=True,
    constructor=True,
)
