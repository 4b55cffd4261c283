"""Rate_limit:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, Message, Param, Ref, SetOf, history

RATE_LIMIT = Class(
    "Rate_limit",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=history("prototyped 26.17.0")),
        Field(
            "name_label",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__label",
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field(
            "name_description",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__description",
            lifecycle=history("prototyped 26.17.0"),
        ),
        Field("callers", SetOf(Ref("Caller")), "", lifecycle=history("prototyped 26.17.0")),
        Field("burst_size", float, "", access=Access.STATIC_RO, default=0.0, lifecycle=history("prototyped 26.17.0")),
        Field("fill_rate", float, "", access=Access.STATIC_RO, default=0.0, lifecycle=history("prototyped 26.17.0")),
    ),
    messages=(
        Message(
            "add_caller",
            "",
            params=(Param("self", Ref("Rate_limit"), ""), Param("caller", Ref("Caller"), "")),
            lifecycle=history("prototyped 26.17.0"),
        ),
        Message(
            "remove_caller",
            "",
            params=(Param("self", Ref("Rate_limit"), ""), Param("caller", Ref("Caller"), "")),
            lifecycle=history("prototyped 26.17.0"),
        ),
        Message(
            "set_burst_size",
            "",
            params=(Param("self", Ref("Rate_limit"), ""), Param("value", float, "")),
            lifecycle=history("prototyped 26.17.0"),
        ),
        Message(
            "set_fill_rate",
            "",
            params=(Param("self", Ref("Rate_limit"), ""), Param("value", float, "")),
            lifecycle=history("prototyped 26.17.0"),
        ),
    ),
    lifecycle=history("prototyped 26.17.0"),
    has_get_all=True,
    constructor=True,
)
