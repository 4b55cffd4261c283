"""role: a set of permissions."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, Message, Param, Ref, Role, SetOf, since

ROLE = Class(
    "role",
    "A set of permissions.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "name_label",
            str,
            "Its name.",
            access=Access.STATIC_RO,
            default="",
            db_name="name__label",
            lifecycle=since("midnight-ride"),
        ),
        Field(
            "name_description",
            str,
            "What it allows.",
            access=Access.STATIC_RO,
            default="",
            db_name="name__description",
            lifecycle=since("midnight-ride"),
        ),
        Field(
            "subroles",
            SetOf(Ref("role")),
            "Roles and permissions of which it consists.",
            access=Access.STATIC_RO,
            default=(),
            may_dangle=True,
            lifecycle=since("midnight-ride"),
        ),
        Field(
            "is_internal",
            bool,
            "It is for hosts and helpers, not for subjects.",
            default=False,
            lifecycle=since("22.5.0"),
        ),
    ),
    messages=(
        Message(
            "get_permissions",
            "All permissions of the role.",
            params=(Param("self", Ref("role")),),
            result=SetOf(Ref("role")),
            result_doc="The permissions, which are roles too.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
        Message(
            "get_permissions_name_label",
            "All permissions of the role.",
            params=(Param("self", Ref("role")),),
            result=SetOf(str),
            result_doc="Their names.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
        Message(
            "get_by_permission",
            "Roles that contain a permission.",
            params=(Param("permission", Ref("role"), "The permission, which is a role too."),),
            result=SetOf(Ref("role")),
            result_doc="The roles.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
        Message(
            "get_by_permission_name_label",
            "Roles that contain a permission.",
            params=(Param("label", str, "The name."),),
            result=SetOf(Ref("role")),
            result_doc="The roles.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
    ),
    lifecycle=since("midnight-ride"),
    has_get_all=True,
)
