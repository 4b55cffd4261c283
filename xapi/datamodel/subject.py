"""subject: a user or group of a directory that may log in."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

SUBJECT = Class(
    "subject",
    "A user or group of a directory that may log in.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "subject_identifier",
            str,
            "How the directory identifies it.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=since("george"),
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.STATIC_RO,
            default={},
            lifecycle=since("george"),
        ),
        Field(
            "roles",
            SetOf(Ref("role")),
            "What it may do.",
            default=("OpaqueRef:0165f154-ba3e-034e-6b27-5d271af109ba",),
            may_dangle=True,
            lifecycle=since("midnight-ride"),
        ),
    ),
    messages=(
        Message(
            "add_to_roles",
            "Give it one more role.",
            params=(Param("self", Ref("subject")), Param("role", Ref("role"), "The role.")),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
        Message(
            "remove_from_roles",
            "Take a role from it.",
            params=(Param("self", Ref("subject")), Param("role", Ref("role"), "The role.")),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
        Message(
            "get_permissions_name_label",
            "All that it may do.",
            params=(Param("self", Ref("subject")),),
            result=SetOf(str),
            result_doc="Names of permissions.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("midnight-ride"),
            is_async=False,
        ),
    ),
    lifecycle=since("george"),
    has_get_all=True,
    constructor=True,
)
