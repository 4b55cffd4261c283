"""Certificate:"""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.enums import CertificatePurpose, CertificateType
from xapi.datamodel.types import NEVER, NULL, Access, Class, Field, Ref, Role, SetOf, history, since

CERTIFICATE = Class(
    "Certificate",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("stockholm")),
        Field("name", str, "", default="", lifecycle=since("1.294.0")),
        Field("type", CertificateType, "", default=CertificateType.HOST, lifecycle=since("1.294.0")),
        Field("host", Ref("host"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("stockholm")),
        Field("not_before", datetime, "", access=Access.STATIC_RO, default=NEVER, lifecycle=since("stockholm")),
        Field("not_after", datetime, "", access=Access.STATIC_RO, default=NEVER, lifecycle=since("stockholm")),
        Field(
            "fingerprint",
            str,
            "",
            access=Access.STATIC_RO,
            default="",
            lifecycle=history("published stockholm", "deprecated 24.19.0"),
        ),
        Field(
            "fingerprint_sha256", str, "", access=Access.STATIC_RO, default="", lifecycle=history("prototyped 24.20.0")
        ),
        Field(
            "fingerprint_sha1", str, "", access=Access.STATIC_RO, default="", lifecycle=history("prototyped 24.20.0")
        ),
        Field(
            "purpose",
            SetOf(CertificatePurpose),
            "",
            access=Access.STATIC_RO,
            default=(),
            lifecycle=history("prototyped 26.13.0"),
        ),
    ),
    roles=(Role.READ_ONLY, Role.CLIENT_CERT),
    lifecycle=since("stockholm"),
    has_get_all=True,
)
