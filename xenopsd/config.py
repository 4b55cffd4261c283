"""Settings of xenopsd. This table makes the flags, the man page and the checks."""

from __future__ import annotations

from dataclasses import dataclass

from common.config import setting


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of xenopsd."""

    backend: str = setting("auto", "auto (libxl on Xen, else libvirt), libxl, libvirt or simulator.")
    state: str = setting("/var/lib/xapi-toolstack/xenopsd", "Directory that keeps the VMs we manage.")
    workers: int = setting(25, "Operations on different VMs that may run at once.", minimum=1)
    hooks: str = setting("/etc/xapi.d", "Directory of the administrator's hook scripts.")
    check_interval: float = setting(30.0, "Seconds between looks at VMs whose clean-up failed.", minimum=0.1)
    storage_deadline: float = setting(30.0, "Seconds a call to sm is repeated while sm restarts.", minimum=0.0)
    libvirt_socket: str = setting("/var/run/libvirt/libvirt-sock", "Socket of this host's private libvirtd.")
    libvirt_uri: str = setting("", "libvirt: empty for this host's private QEMU, or xen:///system for Xen by libvirt.")
    acceleration: str = setting("auto", "libvirt: auto (probe by booting a kernel), kvm or tcg.")
    agent_interval: float = setting(10.0, "libvirt: seconds between questions to a guest agent.", minimum=0.1)
    minimum_run: float = setting(
        120.0, "Seconds a guest must run to be started again after a crash, or at once after a reboot.", minimum=0
    )
    acknowledge_timeout: float = setting(60.0, "Seconds a guest has to react to a shutdown request.", minimum=0.1)
