"""Rate_limit: a limit for requests of some callers."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, Message, Param, Ref, SetOf, history

RATE_LIMIT = Class(
    "Rate_limit",
    "A limit for requests of some callers.",
    fields=(
        Field(
            "uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=history("prototyped 26.17.0")
        ),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            access=Access.RW,
            default="",
            db_name="name__label",
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            access=Access.RW,
            default="",
            db_name="name__description",
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field("callers", SetOf(Ref("Caller")), "The callers.", lifecycle=history("prototyped 26.17.0")),
        Field(
            "burst_size",
            float,
            "How many tokens can be saved up.",
            access=Access.STATIC_RO,
            default=0.0,
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field(
            "fill_rate",
            float,
            "How many tokens are added each second.",
            access=Access.STATIC_RO,
            default=0.0,
            lifecycle=history("prototyped 26.17.0"),
        ),
    ),
    messages=(
        Message(
            "add_caller",
            "Limit one caller more.",
            params=(Param("self", Ref("Rate_limit")), Param("caller", Ref("Caller"), "The caller.")),
            lifecycle=history("prototyped 26.17.0"),
        ),
        Message(
            "remove_caller",
            "Limit one caller less.",
            params=(Param("self", Ref("Rate_limit")), Param("caller", Ref("Caller"), "The caller.")),
            lifecycle=history("prototyped 26.17.0"),
        ),
        Message(
            "set_burst_size",
            "Set how many tokens can be saved up.",
            params=(Param("self", Ref("Rate_limit")), Param("value", float, "The new value.")),
            lifecycle=history("prototyped 26.17.0"),
        ),
        Message(
            "set_fill_rate",
            "Set how many tokens are added each second.",
            params=(Param("self", Ref("Rate_limit")), Param("value", float, "The new value.")),
            lifecycle=history("prototyped 26.17.0"),
        ),
    ),
    lifecycle=history("prototyped 26.17.0"),
    has_get_all=True,
    constructor=True,
)
