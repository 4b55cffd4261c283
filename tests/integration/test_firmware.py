"""UEFI variables and a TPM of a real guest: they survive, they are in the API, they come back, they are copied."""

from __future__ import annotations

import base64
import re
import shutil
import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate

from common import unix
from tests.integration.host import DevelopmentHost, wait_for
from tests.integration.leftovers import inventory
from tests.integration.life import MIB
from tests.integration.local import Local
from tests.integration.xe import Xe

pytestmark = [pytest.mark.integration, pytest.mark.root]

TEMPLATE = "Other install media"
MEMORY = str(256 * MIB)
NEEDED = ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/bin/swtpm", "/usr/bin/swtpm_setup")
BOOT = 180.0  # seconds to the shell of UEFI, emulated on a busy machine
ANSWER = 30.0
NAME = "Marker"
VARIABLE = f"setvar {NAME} -guid 6b657074-0000-4000-8000-000000000001"
VALUE = "6B657074"
CERTIFICATES = 2
"""What a TPM has once it is made: of its key and of its platform."""
CERTIFICATE = b"\x30\x82"
"""How one begins, in DER."""


class Shell:
    """The shell of UEFI on the guest's serial line."""

    def __init__(self, host: DevelopmentHost, uuid: str) -> None:
        path = host.root / f"var/run/xapi-toolstack/console/{uuid}.vt100"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(unix.short(str(path)))
        self._text = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _k: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._socket.close()

    def wait(self, seconds: float, pattern: str = "Shell> ") -> str:
        """What came until the prompt."""
        give_up = time.monotonic() + seconds
        while not (found := re.search(pattern, self._text)):
            self._socket.settimeout(max(give_up - time.monotonic(), 0.01))
            data = self._socket.recv(4096)
            assert data, f"the console was closed: {self._text[-500:]!r}"
            self._text += re.sub(r"\x1b\[[0-9;=?]*[A-Za-z]", "", data.decode(errors="replace"))
        text, self._text = self._text[: found.end()], self._text[found.end() :]
        return text

    def run(self, command: str) -> str:
        """What it answers."""
        self._socket.sendall(command.encode() + b"\r")
        return self.wait(ANSWER)


class Kept:
    """What the API has of a VM."""

    def __init__(self, client: Local, vm: str) -> None:
        self.variables = _unpacked(client.call("VM.get_NVRAM", vm).get("EFI-variables", ""))
        [vtpm] = client.call("VM.get_VTPMs", vm)
        self.tpm = _unpacked(client.call("VTPM.get_contents", vtpm))

    @property
    def has_marker(self) -> bool:
        """Whether the guest's variable is in it."""
        return NAME.encode("utf-16-le") in self.variables

    @property
    def keys(self) -> set[bytes]:
        """Fingerprints of the TPM's certificates, which belong to keys that no other TPM has."""
        found = set()
        for match in re.finditer(re.escape(CERTIFICATE) + b"(..)", self.tpm, re.DOTALL):
            size = int.from_bytes(match[1], "big") + 4
            try:
                certificate = load_der_x509_certificate(self.tpm[match.start() : match.start() + size])
            except ValueError:
                continue
            found.add(certificate.fingerprint(SHA256()))
        return found


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text)) if text else b""


def files(host: DevelopmentHost) -> list[Path]:
    """Where the backend has what firmware remembers."""
    base = host.root / "var/lib/xapi-toolstack/libvirt"
    return sorted([*(base / "nvram").glob("*"), *(base / "lib/swtpm").glob("*")])


@contextmanager
def booted(host: DevelopmentHost, client: Local, vm: str) -> Iterator[Shell]:
    """The VM, started, at its shell."""
    client.call("VM.start", vm, True, False)
    with Shell(host, client.call("VM.get_uuid", vm)) as shell:
        client.call("VM.unpause", vm)
        shell.wait(BOOT)
        yield shell


def made(client: Local) -> str:
    """A VM with UEFI firmware and nothing to boot from."""
    vm = str(client.call("VM.clone", client.find("VM", TEMPLATE), "firmware"))
    client.call("VM.set_is_a_template", vm, False)
    client.call("VM.set_memory_limits", vm, *[MEMORY] * 4)
    client.call("VM.set_HVM_boot_params", vm, {"firmware": "uefi", "order": "c"})
    return vm


def kill(host: DevelopmentHost, *daemons: str) -> None:
    """Kill them, and wait until they are back."""
    victims = {name: host.kill(name) for name in daemons}
    for name, victim in victims.items():
        host.wait_back(name, victim)


@pytest.fixture
def client(libvirt: DevelopmentHost) -> Iterator[Local]:
    """Root on the host, which is as it was afterwards."""
    missing = [path for path in NEEDED if not Path(path).exists()]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    before: tuple[dict[str, Any], list[Path]] = inventory(libvirt), files(libvirt)
    with Local(libvirt) as found:
        yield found
    assert (inventory(libvirt), files(libvirt)) == before


def test_what_firmware_remembers_follows_the_vm(libvirt: DevelopmentHost, client: Local) -> None:
    xe, vm = Xe(libvirt), made(client)
    uuid = client.call("VM.get_uuid", vm)
    xe.xe("vtpm-create", f"vm-uuid={uuid}")

    with booted(libvirt, client, vm) as shell:
        shell.run(f"{VARIABLE} -bs -nv =0x{VALUE}")
        kill(libvirt, "libvirtd", "xenopsd")
        snapshot = client.call("VM.snapshot", vm, "running", [])
        client.call("VM.suspend", vm)
        assert Kept(client, vm).has_marker
        client.call("VM.resume", vm, False, False)
        client.call("VM.hard_shutdown", vm)

    kept = Kept(client, vm)
    clone = client.call("VM.clone", vm, "copy")
    assert kept.keys
    for each in (vm, snapshot, clone):
        assert (Kept(client, each).has_marker, Kept(client, each).keys) == (True, kept.keys)

    found = [path for path in files(libvirt) if uuid in path.name]
    assert len(found) == 2
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    with booted(libvirt, client, vm) as shell:
        assert VALUE in shell.run(VARIABLE).upper().replace(" ", "")
        client.call("VM.hard_shutdown", vm)
    again = Kept(client, vm)
    assert (again.has_marker, again.keys) == (True, kept.keys)

    xe.xe("vtpm-destroy", f"uuid={xe.xe('vtpm-list', f'vm-uuid={uuid}', '--minimal')}", "--force")
    for each in (vm, snapshot, clone):
        client.call("VM.destroy", each)
    assert client.call("VTPM.get_all") == []


@pytest.mark.parametrize("moment", [0.3, 0.8, 1.3])
def test_a_tpm_that_was_being_made_is_made_anew(libvirt: DevelopmentHost, client: Local, moment: float) -> None:
    vm = made(client)
    client.call("VTPM.create", vm, False)
    task = client.call("Async.VM.start", vm, True, False)
    time.sleep(moment)
    kill(libvirt, "libvirtd")
    wait_for(lambda: client.call("task.get_status", task) != "pending", BOOT, "the start to end")
    client.call("task.destroy", task)

    if client.call("VM.get_power_state", vm) == "Halted":
        client.call("VM.start", vm, True, False)
    client.call("VM.hard_shutdown", vm)

    assert len(Kept(client, vm).keys) >= CERTIFICATES
    client.call("VM.destroy", vm)
