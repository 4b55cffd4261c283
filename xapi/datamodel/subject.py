"""subject:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

SUBJECT = Class(
    "subject",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("subject_identifier", str, "", access=Access.STATIC_RO, default="", lifecycle=since("george")),
        Field("other_config", MapOf(str, str), "", access=Access.STATIC_RO, default={}, lifecycle=since("george")),
        Field(
            "roles",
            SetOf(Ref("role")),
            "",
            default=("OpaqueRef:0165f154-ba3e-034e-6b27-5d271af109ba",),
            may_dangle=True,
            lifecycle=since("midnight-ride"),
        ),
    ),
    messages=(
        Message(
            "add_to_roles",
            "",
            params=(Param("self", Ref("subject"), ""), Param("role", Ref("role"), "")),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
        Message(
            "remove_from_roles",
            "",
            params=(Param("self", Ref("subject"), ""), Param("role", Ref("role"), "")),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
        Message(
            "get_permissions_name_label",
            "",
            params=(Param("self", Ref("subject"), ""),),
            result=SetOf(str),
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
    ),
    lifecycle=since("george"),
    has_get_all=True,
    constructor=True,
)
