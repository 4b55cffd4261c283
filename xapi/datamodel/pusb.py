"""PUSB:"""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, since

PUSB = Class(
    "PUSB",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("inverness")),
        Field("USB_group", Ref("USB_group"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("inverness")),
        Field("host", Ref("host"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("inverness")),
        Field("path", str, "", access=Access.STATIC_RO, default="", lifecycle=since("inverness")),
        Field("vendor_id", str, "", access=Access.STATIC_RO, default="", lifecycle=since("inverness")),
        Field("vendor_desc", str, "", access=Access.STATIC_RO, default="", lifecycle=since("inverness")),
        Field("product_id", str, "", access=Access.STATIC_RO, default="", lifecycle=since("inverness")),
        Field("product_desc", str, "", access=Access.STATIC_RO, default="", lifecycle=since("inverness")),
        Field("serial", str, "", access=Access.STATIC_RO, default="", lifecycle=since("inverness")),
        Field("version", str, "", access=Access.STATIC_RO, default="", lifecycle=since("inverness")),
        Field("description", str, "", access=Access.STATIC_RO, default="", lifecycle=since("inverness")),
        Field("passthrough_enabled", bool, "", default=False, lifecycle=since("inverness")),
        Field("other_config", MapOf(str, str), "", access=Access.RW, default={}, lifecycle=since("inverness")),
        Field("speed", float, "", access=Access.STATIC_RO, default=-1.0, lifecycle=since("stockholm")),
    ),
    messages=(
        Message("scan", "", params=(Param("host", Ref("host"), ""),), lifecycle=since("inverness")),
        Message(
            "set_passthrough_enabled",
            "",
            params=(Param("self", Ref("PUSB"), ""), Param("value", bool, "")),
            lifecycle=since("inverness"),
        ),
    ),
    lifecycle=since("inverness"),
    has_get_all=True,
)
