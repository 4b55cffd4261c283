"""Observer: where traces of requests go."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, SetOf, history, since

OBSERVER = Class(
    "Observer",
    "Where traces of requests go.",
    fields=(
        Field(
            "uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=history("prototyped 23.14.0")
        ),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            access=Access.RW,
            default="",
            db_name="name__label",
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            access=Access.RW,
            default="",
            db_name="name__description",
            lifecycle=since("rio"),
        ),
        Field(
            "hosts",
            SetOf(Ref("host")),
            "Hosts that it watches; empty for all.",
            access=Access.STATIC_RO,
            default=(),
            may_dangle=True,
            lifecycle=history("prototyped 23.14.0"),
        ),
        Field(
            "attributes",
            MapOf(str, str),
            "What is added to every trace.",
            access=Access.STATIC_RO,
            default={},
            lifecycle=history("prototyped 23.14.0"),
        ),
        Field(
            "endpoints",
            SetOf(str),
            "Where traces are sent, or `bugtool` for files.",
            access=Access.STATIC_RO,
            default=(),
            lifecycle=history("prototyped 23.14.0"),
        ),
        Field(
            "components",
            SetOf(str),
            "Which programs it watches; empty for all.",
            access=Access.STATIC_RO,
            default=(),
            lifecycle=history("prototyped 23.14.0"),
        ),
        Field(
            "enabled",
            bool,
            "It is watching.",
            access=Access.STATIC_RO,
            default=False,
            lifecycle=history("prototyped 23.14.0"),
        ),
    ),
    messages=(
        Message(
            "register",
            "Let a host be watched.",
            params=(Param("self", Ref("Observer")), Param("host", Ref("host"), "The host.")),
            lifecycle=history("prototyped 23.14.0"),
            hidden=True,
        ),
        Message(
            "unregister",
            "Let a host not be watched.",
            params=(Param("self", Ref("Observer")), Param("host", Ref("host"), "The host.")),
            lifecycle=history("prototyped 23.14.0"),
            hidden=True,
        ),
        Message(
            "set_hosts",
            "Set which hosts it watches.",
            params=(Param("self", Ref("Observer")), Param("value", SetOf(Ref("host")), "The new value.")),
            lifecycle=history("prototyped 23.14.0"),
        ),
        Message(
            "set_enabled",
            "Set whether it is watching.",
            params=(Param("self", Ref("Observer")), Param("value", bool, "The new value.")),
            lifecycle=history("prototyped 23.14.0"),
        ),
        Message(
            "set_attributes",
            "Set what is added to every trace.",
            params=(Param("self", Ref("Observer")), Param("value", MapOf(str, str), "The new value.")),
            lifecycle=history("prototyped 23.14.0"),
        ),
        Message(
            "set_endpoints",
            "Set where traces are sent.",
            params=(Param("self", Ref("Observer")), Param("value", SetOf(str), "The new value.")),
            lifecycle=history("prototyped 23.14.0"),
        ),
        Message(
            "set_components",
            "Set which programs it watches.",
            params=(Param("self", Ref("Observer")), Param("value", SetOf(str), "The new value.")),
            lifecycle=history("prototyped 23.14.0"),
        ),
    ),
    lifecycle=history("prototyped 23.14.0"),
    has_get_all=True,
    constructor=True,
)
