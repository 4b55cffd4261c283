"""What a libvirtd that was killed while it built a domain leaves."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from xenopsd.backend.libvirt import sweep as sweep_module
from xenopsd.backend.libvirt.sweep import sweep, sweep_tpms

NAME = "11111111-0000-4000-8000-000000000001"


def leave(directory: Path, reason: str, pid: int) -> None:
    (directory / f"{NAME}.xml").write_text(f"<!-- generated -->\n<domstatus state='paused' reason='{reason}' pid='0'/>")
    (directory / f"{NAME}.pid").write_text(str(pid))


def test_a_domain_that_was_being_built_is_cleared_away(tmp_path: Path) -> None:
    emulator = subprocess.Popen(["sh", "-c", "sleep 60; :", f"guest={NAME},debug-threads=on"])
    while NAME not in Path(f"/proc/{emulator.pid}/cmdline").read_text():
        time.sleep(0.01)
    leave(tmp_path, "starting up", emulator.pid)

    assert sweep(tmp_path) == [NAME]

    assert emulator.wait(5) == -9
    assert not list(tmp_path.iterdir())


def test_a_stranger_with_its_number_lives(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    leave(tmp_path, "starting up", stranger.pid)

    assert sweep(tmp_path) == [NAME]

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_whole_domains_are_left_alone(tmp_path: Path) -> None:
    leave(tmp_path, "user", 1)
    assert sweep(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 2


@pytest.fixture
def tpms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the TPMs of the programs below are."""
    folder = tmp_path / "tpms"
    folder.mkdir()
    monkeypatch.setattr(sweep_module, "TPMS", folder)
    return folder


@contextlib.contextmanager
def program(folder: Path, name: str, argument: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is called `name` and has this argument."""
    path = folder.parent / name
    path.write_text("#!/bin/sh\necho; read _\n")
    path.chmod(0o755)
    process = subprocess.Popen([path, argument], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(1)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_tpm_that_was_being_made_is_cleared_away(tpms: Path) -> None:
    with program(tpms, "swtpm_setup", f"/var/lib/libvirt/swtpm/{NAME}/tpm2") as left:
        assert sweep_tpms(tpms) == [f"swtpm_setup of {NAME}"]
        assert left.wait(5) == -9


def test_the_tpm_of_a_guest_that_runs_is_left_alone(tpms: Path) -> None:
    with (
        program(tpms, "qemu-system-x86", f"guest={NAME},debug-threads=on") as qemu,
        program(tpms, "swtpm", f"dir=/var/lib/libvirt/swtpm/{NAME}/tpm2,mode=0600") as tpm,
    ):
        assert sweep_tpms(tpms) == []
        assert (qemu.poll(), tpm.poll()) == (None, None)


def test_a_tpm_of_another_libvirtd_is_left_alone(tpms: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with program(tpms, "swtpm", f"/var/lib/libvirt/swtpm/{NAME}/tpm2") as other:
        assert sweep_tpms(tmp_path / "mine") == []
        assert other.poll() is None
