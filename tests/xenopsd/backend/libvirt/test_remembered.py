"""What firmware remembers, as files."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest

from common.idl.xen import FirmwareState
from common.idl.xen_errors import FailedToStartEmulator
from tests.xenopsd.samples import VM, vm
from xenopsd.backend.libvirt import layout, remembered

VARIABLES = bytes(40) + b"_FVH" + b"\xff" * 5000
"""As a firmware volume begins."""
TPM = b"\x02\x01keys"


def packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 9)).decode()


STATE = FirmwareState(variables=packed(VARIABLES), tpm=packed(TPM))


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    return tmp_path


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_was_taken_is_told_again() -> None:
    remembered.replace(VM, STATE)
    assert (layout.firmware_variables(VM).read_bytes(), layout.tpm_state(VM).read_bytes()) == (VARIABLES, TPM)
    assert remembered.state(VM) == STATE


def test_a_vm_that_never_ran_remembers_nothing() -> None:
    assert remembered.state(VM) == FirmwareState()


def test_what_is_empty_is_removed(root: Path) -> None:
    remembered.replace(VM, STATE)
    remembered.replace(VM, FirmwareState(tpm=STATE.tpm))
    assert files(root) == [layout.tpm_state(VM)]
    remembered.replace(VM, FirmwareState())
    remembered.replace(VM, FirmwareState())
    assert not files(root)
    assert not layout.tpm_folder(VM).exists()


def test_a_suspended_session_of_another_state_is_not_left_beside_it() -> None:
    remembered.replace(VM, STATE)
    stale = layout.tpm_state(VM).with_name("tpm2-00.volatilestate")
    stale.write_bytes(b"x")
    remembered.replace(VM, FirmwareState(tpm=packed(b"other")))
    assert not stale.exists()


def test_what_is_there_is_not_completed() -> None:
    remembered.complete(vm(firmware=STATE))
    remembered.complete(vm(firmware=FirmwareState(variables=packed(VARIABLES + b"old"), tpm=packed(b"old"))))
    assert remembered.state(VM) == STATE


def test_an_empty_folder_of_a_tpm_is_no_tpm() -> None:
    layout.tpm_state(VM).parent.mkdir(parents=True)
    remembered.complete(vm())
    assert not layout.tpm_folder(VM).exists()


@pytest.mark.parametrize("foreign", ["AAAA", packed(b"VARS" + bytes(100)), "not base64", packed(VARIABLES)[:-8]])
def test_variables_of_another_firmware_are_left_out(foreign: str) -> None:
    remembered.replace(VM, STATE)
    remembered.replace(VM, FirmwareState(variables=foreign, tpm=STATE.tpm))
    assert remembered.state(VM) == FirmwareState(tpm=STATE.tpm)


def test_a_tpm_that_is_not_understood_is_not_replaced_by_a_new_one() -> None:
    remembered.replace(VM, STATE)
    with pytest.raises(FailedToStartEmulator):
        remembered.replace(VM, FirmwareState(variables=STATE.variables, tpm="AAAA"))
    assert remembered.state(VM) == STATE


def test_what_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "LARGEST", 1000)
    remembered.replace(VM, FirmwareState(variables=STATE.variables))
    assert remembered.state(VM) == FirmwareState()


def test_keys_are_not_shown() -> None:
    assert STATE.tpm not in repr(vm(firmware=STATE))
