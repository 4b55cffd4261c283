"""role:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, Message, Param, Ref, Role, SetOf, since

ROLE = Class(
    "role",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field(
            "name_label",
            str,
            "",
            access=Access.STATIC_RO,
            default="",
            db_name="name__label",
            lifecycle=since("midnight-ride"),
        ),
        Field(
            "name_description",
            str,
            "",
            access=Access.STATIC_RO,
            default="",
            db_name="name__description",
            lifecycle=since("midnight-ride"),
        ),
        Field(
            "subroles",
            SetOf(Ref("role")),
            "",
            access=Access.STATIC_RO,
            default=(),
            may_dangle=True,
            lifecycle=since("midnight-ride"),
        ),
        Field("is_internal", bool, "", default=False, lifecycle=since("22.5.0")),
    ),
    messages=(
        Message(
            "get_permissions",
            "",
            params=(Param("self", Ref("role"), ""),),
            result=SetOf(Ref("role")),
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
        Message(
            "get_permissions_name_label",
            "",
            params=(Param("self", Ref("role"), ""),),
            result=SetOf(str),
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
        Message(
            "get_by_permission",
            "",
            params=(Param("permission", Ref("role"), ""),),
            result=SetOf(Ref("role")),
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
        Message(
            "get_by_permission_name_label",
            "",
            params=(Param("label", str, ""),),
            result=SetOf(Ref("role")),
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
    ),
    lifecycle=since("midnight-ride"),
    has_get_all=True,
)
