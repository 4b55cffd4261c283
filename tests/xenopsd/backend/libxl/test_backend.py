"""What the libxl backend refuses before it asks libxl."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.idl.xen import FirmwareState
from common.idl.xen_errors import Unimplemented
from tests.xenopsd.samples import VM, vm
from xenopsd.backend.base import Spec
from xenopsd.backend.libxl.backend import Libxl


async def test_a_vm_with_a_tpm_does_not_start_without_one(tmp_path: Path) -> None:
    with pytest.raises(Unimplemented):
        await Libxl(tmp_path, tmp_path).create(Spec(vm=vm(tpm=True), drives=[], vifs=[]))


async def test_firmware_remembers_nothing(tmp_path: Path) -> None:
    backend = Libxl(tmp_path, tmp_path)
    await backend.set_firmware(VM, FirmwareState(variables="AAAA"))
    assert await backend.firmware(VM) == FirmwareState()
