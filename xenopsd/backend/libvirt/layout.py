"""Where the private libvirtd keeps its things below this host's root, and where it believes they are."""

from __future__ import annotations

from pathlib import Path

from common.config import under_root
from common.idl.xen import VmId

BASE = "/var/lib/xapi-toolstack/libvirt"

INSIDE = {
    "run": Path("/run/libvirt"),
    "etc": Path("/etc/libvirt"),
    "lib": Path("/var/lib/libvirt"),
    "log": Path("/var/log/libvirt"),
    "cache": Path("/var/cache/libvirt"),
    "localca": Path("/var/lib/swtpm-localca"),
    "swtpm-log": Path("/var/log/swtpm"),
}
"""Directories of ours, and what they are mounted on for libvirtd alone."""

SOCKET_NAME = "libvirt-sock"
EMULATOR = "/usr/bin/qemu-system-x86_64"


def outside(socket: str) -> dict[str, Path]:
    """The same directories as everybody else sees them; `socket` is the setting `libvirt_socket`."""
    base = under_root(BASE)
    return {name: base / name for name in INSIDE} | {"run": under_root(socket).parent}


def firmware_variables(vm: VmId) -> Path:
    """UEFI variables of the guest."""
    return under_root(BASE) / "nvram" / f"{vm}.fd"


def tpm_folder(vm: VmId) -> Path:
    """All that there is of the guest's TPM; where libvirt has it."""
    return under_root(BASE) / "lib" / "swtpm" / vm


def tpm_state(vm: VmId) -> Path:
    """What the TPM keeps for good; the name is swtpm's."""
    return tpm_folder(vm) / "tpm2" / "tpm2-00.permall"


def saved() -> Path:
    """Memory images on their way to or from a disk that has no path."""
    return under_root(BASE) / "saved"
