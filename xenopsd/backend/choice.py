"""Which hypervisor this host has."""

from __future__ import annotations

from pathlib import Path

from common.config import ConfigError, under_root
from common.xen import libxc
from xenopsd.backend.base import Backend
from xenopsd.backend.simulator import Simulator
from xenopsd.config import Config
from xenopsd.xen import context

CONSOLES = "/var/run/xapi-toolstack/console"
XEN_MARK = Path("/proc/xen/capabilities")


def choose(config: Config) -> Backend:
    """The backend that the settings ask for. Raises `ConfigError`."""
    name = config.backend
    if name == "auto":
        name = "libxl" if _is_dom0() and has_bindings() else "libvirt"
    if name == "simulator":
        return Simulator(under_root(config.state), under_root(CONSOLES))
    if name == "libvirt":
        # Its bindings cost 11 MB that the simulator's thousand hosts need not pay.
        from xenopsd.backend.libvirt.backend import Libvirt

        return Libvirt.from_config(config)
    if name == "libxl":
        # Its bindings are there only where Xen's headers were when the package was built.
        from xenopsd.backend.libxl.backend import Libxl

        if not has_bindings():
            raise ConfigError(
                "backend = libxl: the bindings to Xen are not compiled; see `python -m xenopsd.xen.build`"
            )
        return Libxl.from_config(config)
    raise ConfigError(f"backend: {name!r} is none of auto, libxl, libvirt, simulator")


def _is_dom0() -> bool:
    try:
        return "control_d" in XEN_MARK.read_text()
    except OSError:
        return False


def has_bindings() -> bool:
    """Whether libxl and libxc can be called."""
    try:
        libxc.binding()
        context.binding()
    except ImportError:
        return False
    return True
