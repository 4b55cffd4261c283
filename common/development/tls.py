"""The certificates of a development host and stunnel's configuration, from the template that real hosts use."""

from __future__ import annotations

import datetime
import ipaddress
import os
import string
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from common import unix
from common.development.layout import CHECKOUT, Host
from common.files import write_atomically

TEMPLATE = CHECKOUT / "xapi/service/stunnel.conf"
KEY_SIZE = 2048  # bits
VALID_FOR = datetime.timedelta(days=3650)
RENEW_BEFORE = datetime.timedelta(days=30)


def prepare(host: Host, address: str, port: int) -> Path:
    """Make what is missing and write the configuration; answers its path. Safe to repeat."""
    certificate = host.root / "etc/xensource/xapi-ssl.pem"
    pool_certificate = host.root / "etc/xensource/xapi-pool-tls.pem"
    for path in (certificate, pool_certificate):
        if not _usable(path, address):
            write_atomically(path, _self_signed(host.name, address))
    bundle = host.root / "etc/stunnel/xapi-pool-ca-bundle.pem"
    if not bundle.exists():
        write_atomically(bundle, _certificate_of(pool_certificate), mode=0o644)
    configuration = host.root / "etc/stunnel/xapi.conf"
    # stunnel takes no socket whose path is longer than the kernel's limit.
    socket = unix.short(str(host.root / "var/lib/xcp/xapi-pool"))
    values = {"root": host.root, "address": address, "port": port, "sockets": os.path.dirname(socket)}  # noqa: PTH120
    text = string.Template(TEMPLATE.read_text()).substitute(values)
    write_atomically(configuration, text.encode(), mode=0o644)
    return configuration


def _usable(path: Path, address: str) -> bool:
    """Whether key and certificate at `path` belong together, name `address` and last a while."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    try:
        context.use_privatekey_file(str(path))
        context.use_certificate_file(str(path))
        context.check_privatekey()
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (SSL.Error, OSError, ValueError, x509.ExtensionNotFound):
        return False
    now = datetime.datetime.now(datetime.UTC)
    named = ipaddress.ip_address(address) in names.get_values_for_type(x509.IPAddress)
    return named and certificate.not_valid_after_utc > now + RENEW_BEFORE


def _self_signed(name: str, address: str) -> bytes:
    """A new key and its certificate, as one PEM file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    alternatives = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address(address))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def _certificate_of(path: Path) -> bytes:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.public_bytes(serialization.Encoding.PEM)
