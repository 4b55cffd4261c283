"""Which hypervisor this host has."""

from __future__ import annotations

from pathlib import Path

from common.config import ConfigError, under_root
from xenopsd.backend.base import Backend
from xenopsd.backend.simulator import Simulator
from xenopsd.config import Config

CONSOLES = "/var/run/xapi-toolstack/console"
XEN_MARK = Path("/proc/xen/capabilities")


def choose(config: Config) -> Backend:
    """The backend that the settings ask for. Raises `ConfigError`."""
    name = config.backend
    if name == "auto":
        name = "libxl" if _is_dom0() else "libvirt"
    if name == "simulator":
        return Simulator(under_root(config.state), under_root(CONSOLES))
    if name == "libvirt":
        # Its bindings cost 11 MB that the simulator's thousand hosts need not pay.
        from xenopsd.backend.libvirt.backend import Libvirt

        return Libvirt.from_config(config)
    if name == "libxl":
        raise ConfigError("backend = libxl: this version has no Xen backend yet; use libvirt or simulator")
    raise ConfigError(f"backend: {name!r} is none of auto, libxl, libvirt, simulator")


def _is_dom0() -> bool:
    try:
        return "control_d" in XEN_MARK.read_text()
    except OSError:
        return False
