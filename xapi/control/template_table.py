"""The built-in templates: what a guest of each kind needs, as data. `templates.py` makes rows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

REVISION = 1
"""Raise it when the table changes: templates of an older revision are brought up to date at the next start."""

MiB = 1024**2
GiB = 1024**3

_ANY = {"nx": "true", "acpi": "1", "apic": "true", "pae": "true", "hpet": "true"}
_LINUX = {"linux_template": "true", "install-methods": "cdrom,nfs,http,ftp"}
_SCREEN = {"vga": "std", "videoram": "8"}
_VIRIDIAN = {
    key: "true"
    for key in (
        "viridian",
        "viridian_apic_assist",
        "viridian_crash_ctl",
        "viridian_reference_tsc",
        "viridian_stimer",
        "viridian_time_ref_count",
    )
}
_PASSTHROUGH = {"allow-gpu-passthrough": "1", "allow-vgpu": "1", "allow-network-sriov": "1"}
_FROM_NETWORK = (
    "Installs from a CD or from a network repository: set other-config:install-repository to its "
    "http://, ftp:// or nfs: address."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What templates of one kind share. `kernel_args` None: firmware boots the guest."""

    description: str
    firmware: str = ""
    order: str = "cdn"
    kernel_args: str | None = None
    memory: int
    """MiB; half of it is the least the guest runs with."""
    disk: int
    """GiB; 0: no disk."""
    disk_bootable: bool = True
    vcpus: int = 1
    max_memory: int
    """GiB."""
    max_vcpus: int
    min_vcpus: int = 0
    vendor_device: bool = False
    platform: Mapping[str, str]
    other_config: Mapping[str, str]
    restrictions: Mapping[str, str] = field(default_factory=dict)
    generation_id: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """One template; None takes the family's value."""

    name: str
    label: str
    """Becomes `reference_label`, which stays with the VMs made from it."""
    family: Family
    memory: int | None = None
    disk: int | None = None
    vcpus: int | None = None
    max_memory: int | None = None
    kernel_args: str | None = None
    arch: str = ""
    slate: bool = False
    vtpm: bool = False
    bios: bool = True
    """Whether the guest may be given BIOS firmware instead."""
    sriov: bool = True


def _paravirtual(kernel_args: str, max_memory: int, **other_config: str) -> Family:
    return Family(
        description=f"For kernels that know Xen. {_FROM_NETWORK}",
        kernel_args=kernel_args,
        memory=1024,
        disk=8,
        max_memory=max_memory,
        max_vcpus=32,
        platform=_ANY | {"secureboot": "true"},
        other_config=_LINUX | {key.replace("_", "-"): value for key, value in other_config.items()},
    )


EL5 = _paravirtual("graphical utf8", 16, install_distro="rhlike", rhel5="true")
EL6 = _paravirtual("graphical utf8", 128, install_distro="rhlike", rhel6="true")
SLES_TTY = _paravirtual("console=ttyS0 xencons=ttyS", 128, install_distro="sleslike")
SLES_HVC = _paravirtual("console=hvc0 xencons=hvc", 128, install_distro="sleslike")

LINUX_UEFI = Family(
    description=_FROM_NETWORK,
    firmware="uefi",
    memory=4096,
    disk=10,
    max_memory=1536,
    max_vcpus=64,
    platform=_ANY | _SCREEN | {"device_id": "0001", "viridian": "false", "secureboot": "auto"},
    other_config=_LINUX,
    restrictions=_PASSTHROUGH | {"supports-bios": "yes", "supports-uefi": "yes", "supports-secure-boot": "yes"},
)
LINUX_BIOS = Family(
    description=_FROM_NETWORK,
    firmware="bios",
    memory=2048,
    disk=10,
    max_memory=1536,
    max_vcpus=64,
    platform=_ANY
    | _SCREEN
    | {"device_id": "0001", "viridian": "false", "secureboot": "false", "device-model": "qemu-upstream-compat"},
    other_config=_LINUX,
    restrictions=_PASSTHROUGH | {"supports-bios": "yes", "supports-uefi": "no", "supports-secure-boot": "no"},
)
WINDOWS = Family(
    description="Installs from a CD; a VM made from it gets its disk when it is provisioned.",
    firmware="uefi",
    order="cd",
    memory=4096,
    disk=32,
    disk_bootable=False,
    vcpus=2,
    max_memory=1536,
    max_vcpus=64,
    min_vcpus=2,
    vendor_device=True,
    platform=_ANY | _SCREEN | _VIRIDIAN | {"device_id": "0002", "cores-per-socket": "2", "secureboot": "auto"},
    other_config={"install-methods": "cdrom"},
    restrictions={
        "allow-network-sriov": "1",
        "supports-bios": "yes",
        "supports-uefi": "yes",
        "supports-secure-boot": "yes",
    },
    generation_id="0:0",
)
OTHER = Family(
    description="Installs any system from install media.",
    firmware="bios",
    order="cd",
    memory=256,
    disk=0,
    max_memory=128,
    max_vcpus=64,
    platform=_ANY | {"viridian": "true", "secureboot": "false"},
    other_config={"install-methods": "cdrom"},
    restrictions={"supports-bios": "yes", "supports-uefi": "yes", "supports-secure-boot": "yes"},
)

TEMPLATES: tuple[Template, ...] = (
    Template("AlmaLinux 10", "alma-10", LINUX_UEFI),
    Template("AlmaLinux 8", "alma-8", LINUX_UEFI),
    Template("AlmaLinux 9", "alma-9", LINUX_UEFI),
    Template("CentOS 6 (32-bit)", "centos-6-32bit", EL6, max_memory=16),
    Template("CentOS 6 (64-bit)", "centos-6-64bit", EL6),
    Template("CentOS Stream 10", "centos-10", LINUX_UEFI),
    Template("CentOS Stream 9", "centos-9", LINUX_BIOS, memory=4096),
    Template("Debian Bookworm 12", "debian-12", LINUX_UEFI, memory=2048),
    Template("Debian Bullseye 11", "debian-11", LINUX_BIOS, memory=1024),
    Template("Gooroom Platform 2.0", "gooroom-2", LINUX_BIOS),
    Template("NeoKylin Linux Server 6 (64-bit)", "kylin-server-6-64bit", EL6, arch="amd64"),
    Template("Oracle Enterprise Linux 5 (32-bit)", "oel-5-32bit", EL5, max_memory=64),
    Template("Oracle Enterprise Linux 5 (64-bit)", "oel-5-64bit", EL5, max_memory=128),
    Template("Oracle Enterprise Linux 6 (32-bit)", "oel-6-32bit", EL6, max_memory=16),
    Template("Oracle Enterprise Linux 6 (64-bit)", "oel-6-64bit", EL6, kernel_args="graphical utf8 crashkernel=no"),
    Template("Oracle Linux 8", "oel-8", LINUX_UEFI, vcpus=2),
    Template("Other install media", "other-install-media", OTHER),
    Template("Red Hat Enterprise Linux 10", "rhel-10", LINUX_UEFI),
    Template("Red Hat Enterprise Linux 5 (32-bit)", "rhel-5-32bit", EL5),
    Template("Red Hat Enterprise Linux 5 (64-bit)", "rhel-5-64bit", EL5, max_memory=128),
    Template("Red Hat Enterprise Linux 6 (32-bit)", "rhel-6-32bit", EL6, max_memory=16),
    Template("Red Hat Enterprise Linux 6 (64-bit)", "rhel-6-64bit", EL6),
    Template("Red Hat Enterprise Linux 8", "rhel-8", LINUX_UEFI),
    Template("Red Hat Enterprise Linux 9", "rhel-9", LINUX_UEFI),
    Template("Rocky Linux 8", "rocky-8", LINUX_UEFI),
    Template("Rocky Linux 9", "rocky-9", LINUX_UEFI, disk=15),
    Template("SUSE Linux Enterprise 15 (64-bit)", "sle-15-64bit", LINUX_UEFI, arch="x86_64", memory=2048, disk=8),
    Template("SUSE Linux Enterprise Desktop 11 SP3 (64-bit)", "sled-11-sp3-64bit", SLES_TTY, arch="x86_64"),
    Template("SUSE Linux Enterprise Desktop 12 (64-bit)", "sled-12-64bit", SLES_HVC, arch="x86_64"),
    Template("SUSE Linux Enterprise Desktop 12 SP1 (64-bit)", "sled-12-sp1-64bit", SLES_HVC, arch="x86_64"),
    Template("SUSE Linux Enterprise Desktop 12 SP2 (64-bit)", "sled-12-sp2-64bit", SLES_HVC, arch="x86_64"),
    Template("SUSE Linux Enterprise Server 11 SP3 (32-bit)", "sles-11-sp3-32bit", SLES_TTY, max_memory=16, arch="i386"),
    Template("SUSE Linux Enterprise Server 11 SP3 (64-bit)", "sles-11-sp3-64bit", SLES_TTY, arch="x86_64"),
    Template("SUSE Linux Enterprise Server 11 SP4 (32-bit)", "sles-11-sp4-32bit", SLES_TTY, max_memory=16, arch="i386"),
    Template("SUSE Linux Enterprise Server 11 SP4 (64-bit)", "sles-11-sp4-64bit", SLES_TTY, arch="x86_64"),
    Template("SUSE Linux Enterprise Server 12 (64-bit)", "sles-12-64bit", SLES_HVC, arch="x86_64"),
    Template("SUSE Linux Enterprise Server 12 SP1 (64-bit)", "sles-12-sp1-64bit", SLES_HVC, arch="x86_64"),
    Template("SUSE Linux Enterprise Server 12 SP2 (64-bit)", "sles-12-sp2-64bit", SLES_HVC, arch="x86_64"),
    Template("SUSE Linux Enterprise Server 12 SP5 (64-bit)", "sles-12-sp5-64bit", LINUX_BIOS, arch="x86_64", disk=8),
    Template("Scientific Linux 6 (32-bit)", "sl-6-32bit", EL6, max_memory=16),
    Template("Scientific Linux 6 (64-bit)", "sl-6-64bit", EL6),
    Template("Ubuntu Jammy Jellyfish 22.04", "ubuntu-22.04", LINUX_UEFI, memory=2048),
    Template("Ubuntu Noble Numbat 24.04", "ubuntu-24.04", LINUX_UEFI, memory=2048),
    Template("Windows 10 (64-bit)", "windows-10-64bit", WINDOWS, slate=True, sriov=False),
    Template("Windows 11", "windows-11", WINDOWS, memory=8192, disk=64, slate=True, vtpm=True, bios=False, sriov=False),
    Template("Windows Server 2016 (64-bit)", "windows-server-2016-64bit", WINDOWS, memory=2048),
    Template("Windows Server 2019 (64-bit)", "windows-server-2019-64bit", WINDOWS, memory=2048),
    Template("Windows Server 2022 (64-bit)", "windows-server-2022-64bit", WINDOWS, memory=2048),
    Template("Windows Server 2025", "windows-server-2025", WINDOWS, disk=64, bios=False),
)
