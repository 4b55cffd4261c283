"""Certificates of authorities that this host trusts, and lists of revoked ones: files that stunnel reads, and rows.

`/etc/stunnel/certs/<name>` and `/etc/stunnel/crls/<name>` hold one each; the bundle is made from all certificates.
"""

from __future__ import annotations

import re
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from common.config import under_root
from common.files import write_atomically
from xapi.control.certificates import fingerprint
from xapi.datamodel.enums import CertificateType
from xapi.datamodel.errors import (
    CertificateAlreadyExists,
    CertificateCorrupt,
    CertificateDoesNotExist,
    CertificateNameInvalid,
    CrlAlreadyExists,
    CrlCorrupt,
    CrlDoesNotExist,
    CrlNameInvalid,
)
from xapi.datamodel.types import NULL
from xapi.db.database import Database

CERTIFICATES = "/etc/stunnel/certs"
CRLS = "/etc/stunnel/crls"
BUNDLE = "/etc/stunnel/xapi-stunnel-ca-bundle.pem"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def certificates() -> list[str]:
    """Names of the certificates."""
    return _names(under_root(CERTIFICATES))


def install(db: Database, name: str, text: str) -> None:
    """Trust a certificate, PEM. Raises CERTIFICATE_NAME_INVALID, CERTIFICATE_ALREADY_EXISTS, CERTIFICATE_CORRUPT."""
    if not NAME.fullmatch(name):
        raise CertificateNameInvalid(name)
    path = under_root(CERTIFICATES) / name
    if path.exists():
        raise CertificateAlreadyExists(name)
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
    except ValueError as error:
        raise CertificateCorrupt(name) from error
    write_atomically(path, text.encode(), mode=0o644)
    _bundle()
    sha256 = fingerprint(certificate, SHA256())
    db.certificate.create(
        name=name,
        type=CertificateType.CA,
        host=NULL,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        fingerprint=sha256,
        fingerprint_sha256=sha256,
        fingerprint_sha1=fingerprint(certificate, SHA1()),  # noqa: S303 - clients compare by it
    )


def uninstall(db: Database, name: str, *, force: bool = False) -> None:
    """Trust it no more. Raises CERTIFICATE_NAME_INVALID and, unless `force`, CERTIFICATE_DOES_NOT_EXIST."""
    if not NAME.fullmatch(name):
        raise CertificateNameInvalid(name)
    path = under_root(CERTIFICATES) / name
    if not path.exists() and not force:
        raise CertificateDoesNotExist(name)
    path.unlink(missing_ok=True)
    _bundle()
    for row in db.certificate.rows():
        if row.type is CertificateType.CA and row.name == name:
            db.certificate.delete(row.ref)


def crls() -> list[str]:
    """Names of the lists of revoked certificates."""
    return _names(under_root(CRLS))


def install_crl(name: str, text: str) -> None:
    """Obey a list, PEM. Raises CRL_NAME_INVALID, CRL_ALREADY_EXISTS, CRL_CORRUPT."""
    if not NAME.fullmatch(name):
        raise CrlNameInvalid(name)
    path = under_root(CRLS) / name
    if path.exists():
        raise CrlAlreadyExists(name)
    try:
        x509.load_pem_x509_crl(text.encode())
    except ValueError as error:
        raise CrlCorrupt(name) from error
    write_atomically(path, text.encode(), mode=0o644)


def uninstall_crl(name: str) -> None:
    """Obey it no more. Raises CRL_NAME_INVALID, CRL_DOES_NOT_EXIST."""
    if not NAME.fullmatch(name):
        raise CrlNameInvalid(name)
    path = under_root(CRLS) / name
    if not path.exists():
        raise CrlDoesNotExist(name)
    path.unlink()


def _bundle() -> None:
    folder = under_root(CERTIFICATES)
    text = b"".join((folder / name).read_bytes().rstrip() + b"\n" for name in _names(folder))
    write_atomically(under_root(BUNDLE), text, mode=0o644)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if NAME.fullmatch(path.name)) if folder.is_dir() else []
