"""What a guest's firmware remembers: files of this host, one for the variables of its UEFI and one for its TPM.

QEMU and swtpm write them while the guest runs, libvirt leaves them alone. Each is replaced by rename, so that whoever
is killed leaves the old or the new one. All of this blocks for some milliseconds.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import logging
import shutil
import zlib
from pathlib import Path

from common.files import write_atomically
from common.idl.xen import (
    FirmwareState,
    Vm,
    VmId,
)
from common.idl.xen_errors import FailedToStartEmulator
from xenopsd.backend.libvirt import layout

log = logging.getLogger(__name__)

LARGEST = 16 << 20  # bytes of one of them, unpacked
SIGNATURE = slice(40, 44), b"_FVH"
"""Where a firmware volume says what it is (UEFI PI specification, volume 3)."""
SESSION_FILES = ("*volatilestate", "*savestate")
"""What swtpm keeps beside the permanent state only while its guest is suspended."""


def state(vm: VmId) -> FirmwareState:
    """What there is now; of a guest that runs, as a power cut would leave it."""
    return FirmwareState(variables=_packed(layout.firmware_variables(vm)), tpm=_packed(layout.tpm_state(vm)))


def replace(vm: VmId, wanted: FirmwareState) -> None:
    """Have it be `wanted`; what is empty is removed. Safe to repeat.

    Variables that are not those of our UEFI, as of a VM that came from Xen, are left out, and it makes new ones. A TPM
    holds keys, so one that is not understood raises `FailedToStartEmulator`.
    """
    present = state(vm)
    if wanted.tpm != present.tpm:
        _replace_tpm(vm, wanted.tpm)
    if wanted.variables != present.variables:
        _replace_variables(vm, wanted.variables)


def complete(vm: Vm) -> None:
    """Have it be what `vm` says where there is nothing yet. Raises as `replace`."""
    if not layout.firmware_variables(vm.id).exists():
        _replace_variables(vm.id, vm.firmware.variables)
    if not layout.tpm_state(vm.id).exists():
        _replace_tpm(vm.id, vm.firmware.tpm)


def _replace_variables(vm: VmId, packed: str) -> None:
    path = layout.firmware_variables(vm)
    content = _unpacked(packed)
    if content is None or content[SIGNATURE[0]] != SIGNATURE[1]:
        if packed:
            log.warning("VM %s: its variables are not those of this UEFI: it begins without", vm)
        path.unlink(missing_ok=True)
        return
    write_atomically(path, content)


def _replace_tpm(vm: VmId, packed: str) -> None:
    path = layout.tpm_state(vm)
    content = _unpacked(packed)
    if content is None:
        if packed:
            raise FailedToStartEmulator(vm, "swtpm", "what is kept of its TPM is not the state of one of this host")
        # Without the folder libvirt makes a new TPM, with its certificates; in an empty one it would have none.
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(layout.tpm_folder(vm))
        return
    write_atomically(path, content)
    for pattern in SESSION_FILES:
        for stale in path.parent.glob(pattern):
            stale.unlink()


def _packed(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ""
    return base64.b64encode(zlib.compress(content, 9)).decode()


def _unpacked(packed: str) -> bytes | None:
    """None for what is empty or was never packed by us."""
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(base64.b64decode(packed, validate=True), LARGEST)
    except (binascii.Error, ValueError, zlib.error):
        return None
    return content if content and unpacking.eof else None
