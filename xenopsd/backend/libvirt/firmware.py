"""UEFI for a guest that wants it: Debian's package `ovmf`, and variables of the guest's own."""

from __future__ import annotations

from pathlib import Path

from common.idl.xen import HvmBoot, Unimplemented, Vm
from xenopsd.backend.libvirt.layout import firmware_variables
from xenopsd.backend.libvirt.xml import Firmware

DIRECTORY = Path("/usr/share/OVMF")
CODE, VARIABLES = "OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"


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
    directory = firmware_variables()
    directory.mkdir(parents=True, exist_ok=True)
    return Firmware(code=str(code), template=str(DIRECTORY / VARIABLES), variables=str(directory / f"{vm.id}.fd"))
