"""The host: enabling, evacuation, names, plugins, certificates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from common.errors import RemoteError
from xapi.api import host
from xapi.context import Context
from xapi.control import certificates
from xapi.datamodel.errors import (
    CannotEvacuateHost,
    HostCannotDestroySelf,
    HostHasResidentVMs,
    HostIsLive,
    HostNameInvalid,
    InternalError,
    InvalidEdition,
    InvalidValue,
    MapDuplicateKey,
    MessageMethodUnknown,
    OperationNotAllowed,
    PIFHasNoNetworkConfiguration,
    XenapiMissingPlugin,
    XenapiPluginFailure,
)

PLUGIN = """#!/bin/sh
printf '%s' "$1" > {folder}/request
cat <<'END'
<?xml version='1.0'?><methodResponse><params><param><value>{answer}</value></param></params></methodResponse>
END
"""
SUCCESS = (
    "<struct><member><name>Status</name><value>Success</value></member>"
    "<member><name>Value</name><value>hello</value></member></struct>"
)
FAILURE = (
    "<struct><member><name>Status</name><value>Failure</value></member>"
    "<member><name>ErrorDescription</name><value><array><data><value>UNKNOWN_XENAPI_PLUGIN_FUNCTION</value>"
    "<value>fn</value></data></array></value></member></struct>"
)


def install(root: Path, folder: str, name: str, text: str) -> None:
    path = root / "etc" / "xapi.d" / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


async def test_a_host_without_guests_can_be_emptied(started: Context) -> None:
    await host.assert_can_evacuate(started, started.host)

    assert await host.get_vms_which_prevent_evacuation(started, started.host) == {}


async def test_without_another_host_guests_can_not_leave(started: Context) -> None:
    vm = started.db.vm.create(resident_on=started.host).ref

    with pytest.raises(CannotEvacuateHost, match=f"NO_HOSTS_AVAILABLE,{vm}"):
        await host.assert_can_evacuate(started, started.host)
    assert await host.get_vms_which_prevent_evacuation(started, started.host) == {vm: ["NO_HOSTS_AVAILABLE", vm]}
    with pytest.raises(HostHasResidentVMs):
        await host.shutdown(started, started.host)


async def test_a_development_host_never_powers_its_machine_off(started: Context) -> None:
    with pytest.raises(OperationNotAllowed):
        await host.reboot(started, started.host)


async def test_a_host_does_not_destroy_itself_nor_one_that_lives(started: Context) -> None:
    metrics = started.db.host_metrics.create(live=True).ref
    other = started.db.host.create(metrics=metrics).ref
    started.db.host_cpu.create(host=other, number=0)

    with pytest.raises(HostCannotDestroySelf):
        await host.destroy(started, started.host)
    with pytest.raises(HostIsLive):
        await host.destroy(started, other)
    started.db.host_metrics.update(metrics, live=False)
    await host.destroy(started, other)

    assert other not in started.db.host
    assert metrics not in started.db.host_metrics


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "hostname empty"),
        ("-bad-", "hostname contains invalid characters"),
        ("a..b", "hostname contains invalid characters"),
        ("x" * 64, "hostname is too long"),
    ],
)
async def test_names_that_are_none(started: Context, name: str, reason: str) -> None:
    with pytest.raises(HostNameInvalid, match=reason):
        await host.set_hostname_live(started, started.host, name)


async def test_a_host_is_renamed(started: Context) -> None:
    await host.set_hostname_live(started, started.host, "host-1.example")

    assert started.db.host[started.host].hostname == "host-1.example"


async def test_a_plugin_gets_its_call_and_answers_text(started: Context, root: Path) -> None:
    install(root, "plugins", "echo", PLUGIN.format(folder=root, answer=SUCCESS))

    assert await host.call_plugin(started, started.host, "echo", "main", {"a": "b"}) == "hello"

    request = (root / "request").read_text()
    assert "<methodName>main</methodName>" in request
    assert "<name>a</name>" in request


@pytest.mark.parametrize("name", ["nosuch", "../plugins/echo", "", ".."])
async def test_a_plugin_that_is_not_there(started: Context, root: Path, name: str) -> None:
    install(root, "plugins", "echo", PLUGIN.format(folder=root, answer=SUCCESS))

    with pytest.raises(XenapiMissingPlugin):
        await host.call_plugin(started, started.host, name, "main", {})


async def test_a_plugins_own_error_reaches_the_client(started: Context, root: Path) -> None:
    install(root, "plugins", "echo", PLUGIN.format(folder=root, answer=FAILURE))

    with pytest.raises(RemoteError) as caught:
        await host.call_plugin(started, started.host, "echo", "fn", {})

    assert (caught.value.wire_code, caught.value.params) == ("UNKNOWN_XENAPI_PLUGIN_FUNCTION", ["fn"])


@pytest.mark.parametrize("text", ["#!/bin/sh\necho broken >&2\nexit 3\n", "#!/bin/sh\necho no xml\n"])
async def test_a_plugin_that_breaks(started: Context, root: Path, text: str) -> None:
    install(root, "plugins", "broken", text)

    with pytest.raises(XenapiPluginFailure):
        await host.call_plugin(started, started.host, "broken", "main", {})


async def test_extensions(started: Context, root: Path) -> None:
    install(root, "extensions", "Test.hello", PLUGIN.format(folder=root, answer=SUCCESS))

    assert await host.has_extension(started, started.host, "Test.hello")
    assert not await host.has_extension(started, started.host, "Test.other")
    call = '{"method": "Test.hello", "params": ["a"]}'
    assert await host.call_extension(started, started.host, call) == '"hello"'
    with pytest.raises(MessageMethodUnknown):
        await host.call_extension(started, started.host, '{"method": "Test.other", "params": []}')
    with pytest.raises(InternalError):
        await host.call_extension(started, started.host, "nosuch")


async def test_the_initiators_name_is_checked_and_written(started: Context, root: Path) -> None:
    with pytest.raises(InvalidValue):
        await host.set_iscsi_iqn(started, started.host, "not an iqn\nInitiatorName=x")

    await host.set_iscsi_iqn(started, started.host, "iqn.2026-11.com.example:host1")

    text = (root / "etc/iscsi/initiatorname.iscsi").read_text()
    assert text == "InitiatorName=iqn.2026-11.com.example:host1\n"
    row = started.db.host[started.host]
    assert (row.iscsi_iqn, row.other_config["iscsi_iqn"]) == (text.strip().split("=")[1], row.iscsi_iqn)


async def test_multipathing_is_told_in_both_places(started: Context) -> None:
    row = started.db.host[started.host]

    await host.set_multipathing(started, started.host, True)
    assert (row.multipathing, row.other_config["multipathing"], row.other_config["multipathhandle"]) == (
        True,
        "true",
        "dmp",
    )

    await host.set_multipathing(started, started.host, False)
    assert (row.multipathing, row.other_config["multipathing"]) == (False, "false")


async def test_there_is_one_edition(started: Context) -> None:
    await host.apply_edition(started, started.host, started.db.host[started.host].edition, False)
    with pytest.raises(InvalidEdition):
        await host.apply_edition(started, started.host, "nosuch", False)


async def test_management_needs_an_address(started: Context) -> None:
    pif = started.db.pif.create(host=started.host, device="eth9", physical=True).ref

    with pytest.raises(PIFHasNoNetworkConfiguration):
        await host.management_reconfigure(started, pif)


async def test_a_blob_is_known_by_one_name(started: Context) -> None:
    blob = await host.create_new_blob(started, started.host, "log", "text/plain", False)

    assert started.db.host[started.host].blobs == {"log": blob}
    with pytest.raises(MapDuplicateKey):
        await host.create_new_blob(started, started.host, "log", "text/plain", False)
    assert len(started.db.blob) == 1


async def test_the_certificate_has_a_row_that_follows_the_file(started: Context, root: Path) -> None:
    path = root / "etc/xensource/xapi-ssl.pem"
    path.parent.mkdir(parents=True, exist_ok=True)
    with pytest.raises(InternalError):
        await host.get_server_certificate(started, started.host)
    first, second = _certificate(), _certificate()

    path.write_bytes(first)
    certificates.sync(started)
    certificates.sync(started)
    (row,) = started.db.certificate.rows()
    assert (await host.get_server_certificate(started, started.host)).encode() == first
    assert row.host == started.host
    assert len(row.fingerprint_sha256.split(":")) == 32

    path.write_bytes(second)
    certificates.sync(started)
    (other,) = started.db.certificate.rows()
    assert other.fingerprint != row.fingerprint


def _certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "host")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now)
    return builder.not_valid_after(now + timedelta(days=1)).sign(key, SHA256()).public_bytes(Encoding.PEM)


async def test_a_time_zone_must_be_one(started: Context) -> None:
    with pytest.raises(InvalidValue):
        await host.set_timezone(started, started.host, "Mars/Olympus")

    await host.set_timezone(started, started.host, "Europe/Berlin")

    assert started.db.host[started.host].timezone == "Europe/Berlin"
