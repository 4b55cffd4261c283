"""A plugged interface's bridge, carrier and filter."""

from __future__ import annotations

from pathlib import Path

from common import command
from common.idl.xen import Vif
from common.xen.xenstore import Xenstore
from xenopsd.backend.libvirt import filter
from xenopsd.backend.libxl import namespace
from xenopsd.backend.libxl.observe import Device

BRIDGE_SCRIPT, SWITCH_SCRIPT = "/etc/xen/scripts/vif-bridge", "/etc/xen/scripts/vif-openvswitch"
NETWORK = Path("/sys/class/net")


def is_switch(bridge: str) -> bool:
    """Whether it is Open vSwitch's and not the kernel's."""
    return (NETWORK / bridge).exists() and not (NETWORK / bridge / "bridge").exists()


def script(bridge: str) -> str:
    """What libxl has to run to connect an interface to the bridge."""
    if is_switch(bridge):
        return SWITCH_SCRIPT
    return str(namespace.SCRIPT) if namespace.is_own() else BRIDGE_SCRIPT


async def update(store: Xenstore, vif: Vif, device: Device, frontend: str) -> None:
    """Make the interface as `vif` says. Safe to repeat. Raises `CommandFailed`, `Unimplemented`."""
    for name in (device.name, f"{device.name}-emu"):
        if (NETWORK / name).exists():
            await _connect(name, vif.bridge)
            await command.run("ip", "link", "set", "dev", name, "up" if vif.carrier else "down")
    await store.write(f"{device.backend}/bridge", vif.bridge)
    await store.write(f"{frontend}/disconnect", str(int(not vif.carrier)))
    await filter.apply(vif, device.name)


async def _connect(name: str, bridge: str) -> None:
    master = NETWORK / name / "master"
    if master.exists() and master.resolve().name == bridge:
        return
    if is_switch(bridge):
        await command.run("ovs-vsctl", "--if-exists", "del-port", name, "--", "add-port", bridge, name)
    else:
        await command.run("ip", "link", "set", "dev", name, "master", bridge)
