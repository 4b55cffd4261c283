"""Reads back what libvirt says of a domain: its XML and state become a `Domain`."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET

import libvirt

from xenopsd.backend.base import Ending, Status
from xenopsd.backend.libvirt import hostdev
from xenopsd.backend.libvirt.parts import NAMESPACE
from xenopsd.backend.libvirt.xml import VBD_ALIAS, VIF_ALIAS


@dataclass(frozen=True, slots=True)
class Seen:
    """A live domain's XML, as far as we use it."""

    domid: int
    started: float
    disks: dict[str, bool]
    """Drives by device; False without medium."""
    targets: dict[str, str]
    """Device by the target's name: `vda` is `xvda`."""
    interfaces: dict[str, str]
    """Position to the tap's name."""
    macs: dict[str, str]
    """MAC, lower-cased, to position."""
    agent: bool
    """Whether the guest's agent holds its end of the channel."""
    memory_limit: int
    """Bytes, as the next."""
    memory: int
    vcpus: int
    cpus: str
    """The CPUs that it is kept on, those of one NUMA node; empty: any."""
    pci: list[str]
    """The host's devices, by address."""
    xml: ET.Element


def parse(text: str) -> Seen | None:
    """None for a domain that is not of our making."""
    root = ET.fromstring(text)  # noqa: S314 - libvirt's own
    ours = root.find(f"metadata/{{{NAMESPACE}}}domain")
    if ours is None:
        return None
    disks, targets = _disks(root)
    interfaces, macs = _interfaces(root)
    vcpu = root.find("vcpu")
    limit = _kib(root, "memory")
    return Seen(
        domid=int(ours.get("domid", "0")),
        started=float(ours.get("started", "0")),
        disks=disks,
        targets=targets,
        interfaces=interfaces,
        macs=macs,
        agent=_attribute(root, "devices/channel/target[@state='connected']", "state") == "connected",
        memory_limit=limit,
        memory=_kib(root, "currentMemory") or limit,
        vcpus=int(vcpu.get("current") or vcpu.text or "1") if vcpu is not None else 1,
        cpus=_attribute(root, "vcpu", "cpuset"),
        pci=hostdev.found(root),
        xml=root,
    )


def device(root: ET.Element, alias: str) -> ET.Element | None:
    """The disk or interface called `alias`."""
    for tag in ("disk", "interface"):
        for found in root.findall(f"devices/{tag}"):
            if _alias(found) == alias:
                return found
    return None


def status(state: int, reason: int) -> tuple[Status, Ending | None, bool]:
    """Status, why it ended, and whether it waits for its storage.

    A guest that waits for its storage counts as running: it will go on without anybody's doing.
    """
    if state == libvirt.VIR_DOMAIN_CRASHED or (state, reason) == (
        libvirt.VIR_DOMAIN_PAUSED,
        libvirt.VIR_DOMAIN_PAUSED_CRASHED,
    ):
        return Status.ENDED, Ending.CRASH, False
    if state == libvirt.VIR_DOMAIN_SHUTOFF:
        return Status.ENDED, Ending.POWEROFF, False
    if (state, reason) == (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_IOERROR):
        return Status.RUNNING, None, True
    if state in {libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PMSUSPENDED}:
        return Status.PAUSED, None, False
    return Status.RUNNING, None, False


def xen_device(found: ET.Element) -> str:
    """A drive's device where libvirt keeps no alias: its target's name, an IDE drive for CDs being `xvd` to us."""
    name = _attribute(found, "target", "dev")
    return "xvd" + name.removeprefix("hd") if found.get("device") == "cdrom" and name.startswith("hd") else name


def _disks(root: ET.Element) -> tuple[dict[str, bool], dict[str, str]]:
    disks, targets, xen = {}, {}, root.get("type") == "xen"
    for found in root.findall("devices/disk"):
        name = _alias(found) or (VBD_ALIAS + xen_device(found) if xen else "")
        if name.startswith(VBD_ALIAS):
            disks[name.removeprefix(VBD_ALIAS)] = found.find("source") is not None
            targets[_attribute(found, "target", "dev")] = name.removeprefix(VBD_ALIAS)
    return disks, targets


def _interfaces(root: ET.Element) -> tuple[dict[str, str], dict[str, str]]:
    interfaces, macs, xen = {}, {}, root.get("type") == "xen"
    for found in root.findall("devices/interface"):
        name = _alias(found) or (VIF_ALIAS + _attribute(found, "target", "dev").rpartition(".")[2] if xen else "")
        if name.startswith(VIF_ALIAS):
            interfaces[name.removeprefix(VIF_ALIAS)] = _attribute(found, "target", "dev")
            macs[_attribute(found, "mac", "address").lower()] = name.removeprefix(VIF_ALIAS)
    return interfaces, macs


def _alias(element: ET.Element) -> str:
    return _attribute(element, "alias", "name")


def _attribute(root: ET.Element, path: str, name: str) -> str:
    found = root.find(path)
    return "" if found is None else found.get(name, "")


def _kib(root: ET.Element, path: str) -> int:
    found = root.find(path)
    return 0 if found is None else int(found.text or "0") << 10
