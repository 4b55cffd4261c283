"""The certificate that this host shows to clients: the file stunnel serves, and its row."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from common.config import under_root
from xapi.context import Context
from xapi.datamodel.enums import CertificateType

log = logging.getLogger(__name__)

PATH = "/etc/xensource/xapi-ssl.pem"


def server_certificate() -> x509.Certificate | None:
    """The first certificate in the file; None when there is no usable one."""
    try:
        return x509.load_pem_x509_certificate(under_root(PATH).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        log.warning("%s: no certificate: %s", PATH, error)
        return None


def pem(certificate: x509.Certificate) -> str:
    """The certificate alone, without key or chain."""
    return certificate.public_bytes(Encoding.PEM).decode()


def fingerprint(certificate: x509.Certificate, algorithm: HashAlgorithm) -> str:
    """Bytes in hex, joined by colons, capitals."""
    return certificate.fingerprint(algorithm).hex(":").upper()


def sync(ctx: Context) -> None:
    """The row of this host's certificate. Safe to repeat."""
    certificate = server_certificate()
    present = [row for row in ctx.db.certificate.where(host=ctx.host) if row.type is CertificateType.HOST]
    if certificate is None:
        for row in present:
            ctx.db.certificate.delete(row.ref)
        return
    sha256 = fingerprint(certificate, SHA256())
    for row in present:
        if row.fingerprint_sha256 == sha256:
            return
        ctx.db.certificate.delete(row.ref)
    ctx.db.certificate.create(
        name="",
        type=CertificateType.HOST,
        host=ctx.host,
        not_before=_moment(certificate.not_valid_before_utc),
        not_after=_moment(certificate.not_valid_after_utc),
        fingerprint=sha256,
        fingerprint_sha256=sha256,
        fingerprint_sha1=fingerprint(certificate, SHA1()),  # noqa: S303 - clients compare by it
    )


def _moment(when: datetime) -> datetime:
    return when.astimezone(UTC)
