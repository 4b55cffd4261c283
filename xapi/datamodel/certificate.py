"""Certificate: a certificate that hosts have or trust."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.enums import CertificatePurpose, CertificateType
from xapi.datamodel.types import NEVER, NULL, Access, Class, Field, Ref, Role, SetOf, history, since

CERTIFICATE = Class(
    "Certificate",
    "A certificate that hosts have or trust.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("stockholm")),
        Field("name", str, "Name of the file, for authorities.", default="", lifecycle=since("1.294.0")),
        Field("type", CertificateType, "What it is.", default=CertificateType.HOST, lifecycle=since("1.294.0")),
        Field(
            "host",
            Ref("host"),
            "The host; null if all have it.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("stockholm"),
        ),
        Field(
            "not_before",
            datetime,
            "From when on it is valid.",
            access=Access.STATIC_RO,
            default=NEVER,
            lifecycle=since("stockholm"),
        ),
        Field(
            "not_after",
            datetime,
            "Until when it is valid.",
            access=Access.STATIC_RO,
            default=NEVER,
            lifecycle=since("stockholm"),
        ),
        Field(
            "fingerprint",
            str,
            "Its SHA-256 fingerprint; superseded by `fingerprint_sha256`.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=history("published stockholm", "deprecated 24.19.0"),
        ),
        Field(
            "fingerprint_sha256",
            str,
            "Its SHA-256 fingerprint.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=history("prototyped 24.20.0"),
        ),
        Field(
            "fingerprint_sha1",
            str,
            "Its SHA-1 fingerprint.",
            access=Access.STATIC_RO,
            default="",
            lifecycle=history("prototyped 24.20.0"),
        ),
        Field(
            "purpose",
            SetOf(CertificatePurpose),
            "What it is used for; empty for anything.",
            access=Access.STATIC_RO,
            default=(),
            lifecycle=history("prototyped 26.13.0"),
        ),
    ),
    roles=(Role.READ_ONLY, Role.CLIENT_CERT),
    lifecycle=since("stockholm"),
    has_get_all=True,
)
