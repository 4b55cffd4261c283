"""Firmware for a guest that wants it: UEFI of Debian's package `ovmf`, a TPM of `swtpm`."""

from __future__ import annotations

import shutil
from pathlib import Path

from common.idl.xen import (
    HvmBoot,
    Vm,
)
from common.idl.xen_errors import Unimplemented
from xenopsd.backend.libvirt import layout
from xenopsd.backend.libvirt.xml import Firmware

DIRECTORY = Path("/usr/share/OVMF")
CODE, VARIABLES = "OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"
TPM_PROGRAMS = ("swtpm", "swtpm_setup")


def firmware(vm: Vm) -> Firmware | None:
    """None for BIOS. Raises `Unimplemented` when the package is not installed."""
    if not isinstance(vm.boot, HvmBoot) or vm.boot.firmware != "uefi":
        return None
    if vm.boot.secure_boot:
        # System management mode, which guards the variables, exists on q35 only.
        raise Unimplemented("secure boot with the libvirt backend")
    code = DIRECTORY / CODE
    if not code.exists():
        raise Unimplemented("UEFI: the package ovmf is not installed")
    variables = layout.firmware_variables(vm.id)
    variables.parent.mkdir(parents=True, exist_ok=True)
    return Firmware(code=str(code), template=str(DIRECTORY / VARIABLES), variables=str(variables))


def check_tpm(vm: Vm) -> None:
    """Raises `Unimplemented` for a TPM when its packages are not installed."""
    if vm.tpm and any(shutil.which(program) is None for program in TPM_PROGRAMS):
        raise Unimplemented("a TPM: the packages swtpm and swtpm-tools are not installed")
