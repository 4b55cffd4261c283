"""auth: questions to the directory that knows users."""

from __future__ import annotations

from xapi.datamodel.types import Class, MapOf, Message, Param, Role, SetOf, since

AUTH = Class(
    "auth",
    "Questions to the directory that knows users.",
    fields=(),
    messages=(
        Message(
            "get_subject_identifier",
            "Look a user or group up by name.",
            params=(Param("subject_name", str, "The name."),),
            result=str,
            result_doc="How the directory identifies it.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("george"),
            is_async=False,
        ),
        Message(
            "get_subject_information_from_identifier",
            "What the directory knows of a user or group.",
            params=(Param("subject_identifier", str, "How the directory identifies the user or group."),),
            result=MapOf(str, str),
            result_doc="Facts by name.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("george"),
            is_async=False,
        ),
        Message(
            "get_group_membership",
            "In which groups a user is, groups of groups included.",
            params=(Param("subject_identifier", str, "How the directory identifies the user or group."),),
            result=SetOf(str),
            result_doc="How the directory identifies them.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("george"),
            is_async=False,
        ),
    ),
    roles=(Role.READ_ONLY, Role.CLIENT_CERT),
    lifecycle=since("george"),
    persist=False,
    in_database=False,
    events=False,
)
