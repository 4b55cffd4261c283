"""auth:"""

from __future__ import annotations

from xapi.datamodel.types import Class, MapOf, Message, Param, Role, SetOf, since

AUTH = Class(
    "auth",
    "",
    fields=(),
    messages=(
        Message(
            "get_subject_identifier",
            "",
            params=(Param("subject_name", str, ""),),
            result=str,
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("george"),
            is_async=False,
        ),
        Message(
            "get_subject_information_from_identifier",
            "",
            params=(Param("subject_identifier", str, ""),),
            result=MapOf(str, str),
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("george"),
            is_async=False,
        ),
        Message(
            "get_group_membership",
            "",
            params=(Param("subject_identifier", str, ""),),
            result=SetOf(str),
            result_doc="",
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
