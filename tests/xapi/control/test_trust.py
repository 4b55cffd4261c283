"""Trusted authorities and revocation lists: files for stunnel, rows for clients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from xapi.control import trust
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
from xapi.db.database import Database

KEY = ec.generate_private_key(ec.SECP256R1())
ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=1)


def certificate() -> str:
    builder = x509.CertificateBuilder().subject_name(ISSUER).issuer_name(ISSUER).public_key(KEY.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(NOW).not_valid_after(LATER)
    return builder.sign(KEY, SHA256()).public_bytes(Encoding.PEM).decode()


def revocations() -> str:
    builder = x509.CertificateRevocationListBuilder().issuer_name(ISSUER).last_update(NOW).next_update(LATER)
    return builder.sign(KEY, SHA256()).public_bytes(Encoding.PEM).decode()


def test_a_certificate_is_a_file_a_row_and_part_of_the_bundle(root: Path) -> None:
    db, one, two = Database(), certificate(), certificate()

    trust.install(db, "a.pem", one)
    trust.install(db, "b.pem", two)

    assert trust.certificates() == ["a.pem", "b.pem"]
    assert (root / "etc/stunnel/xapi-stunnel-ca-bundle.pem").read_text() == one + two
    assert {(row.name, row.type) for row in db.certificate.rows()} == {
        ("a.pem", CertificateType.CA),
        ("b.pem", CertificateType.CA),
    }

    trust.uninstall(db, "a.pem")

    assert (root / "etc/stunnel/xapi-stunnel-ca-bundle.pem").read_text() == two
    assert [row.name for row in db.certificate.rows()] == ["b.pem"]


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "a b"])
def test_names_that_would_leave_the_folder(name: str) -> None:
    with pytest.raises(CertificateNameInvalid):
        trust.install(Database(), name, certificate())
    with pytest.raises(CertificateNameInvalid):
        trust.uninstall(Database(), name)
    with pytest.raises(CrlNameInvalid):
        trust.install_crl(name, revocations())


def test_a_certificate_is_trusted_once() -> None:
    db = Database()
    trust.install(db, "a.pem", certificate())

    with pytest.raises(CertificateAlreadyExists):
        trust.install(db, "a.pem", certificate())
    with pytest.raises(CertificateDoesNotExist):
        trust.uninstall(db, "b.pem")
    trust.uninstall(db, "b.pem", force=True)


def test_what_is_no_certificate_leaves_no_file() -> None:
    db = Database()

    with pytest.raises(CertificateCorrupt):
        trust.install(db, "a.pem", "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n")

    assert trust.certificates() == []
    assert not db.certificate.rows()


def test_revocation_lists() -> None:
    trust.install_crl("r.pem", revocations())

    assert trust.crls() == ["r.pem"]
    with pytest.raises(CrlAlreadyExists):
        trust.install_crl("r.pem", revocations())
    with pytest.raises(CrlCorrupt):
        trust.install_crl("s.pem", certificate())
    trust.uninstall_crl("r.pem")
    with pytest.raises(CrlDoesNotExist):
        trust.uninstall_crl("r.pem")
