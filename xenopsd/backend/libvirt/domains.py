"""Calls to libvirt about domains. They block: run them through `Connection.call`."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import libvirt

from common.idl.xen import VmId
from common.idl.xen_errors import BadPowerState
from xenopsd.backend.base import HypervisorError
from xenopsd.backend.libvirt import xml
from xenopsd.backend.libvirt.observe import Seen, parse
from xenopsd.backend.libvirt.parts import NAMESPACE

log = logging.getLogger(__name__)

GONE = frozenset({libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_ERR_OPERATION_INVALID})
AGENT_TIMEOUT = 5  # seconds a guest agent has for an answer
LEFT_ALT, SYSRQ = 56, 99  # Linux key codes
KEYS = {key: code for row, first in (("qwertyuiop", 16), ("asdfghjkl", 30), ("zxcvbnm", 44), ("1234567890", 2))
        for code, key in enumerate(row, first)}  # fmt: skip
STATS = (
    libvirt.VIR_DOMAIN_STATS_STATE
    | libvirt.VIR_DOMAIN_STATS_VCPU
    | libvirt.VIR_DOMAIN_STATS_BALLOON
    | libvirt.VIR_DOMAIN_STATS_BLOCK
    | libvirt.VIR_DOMAIN_STATS_INTERFACE
)
ACTIVE = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A domain's XML and state, read together."""

    vm: VmId
    seen: Seen
    state: int
    reason: int


def find(connection: Any, vm: VmId) -> Any:
    """The domain, or None."""
    try:
        return connection.lookupByUUIDString(vm)
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return None
        raise


def need(connection: Any, vm: VmId) -> Any:
    """The domain. Raises `BadPowerState`."""
    domain = find(connection, vm)
    if domain is None:
        raise BadPowerState(vm, "Halted", "Running")
    return domain


def look(connection: Any, vm: VmId) -> Snapshot | None:
    """The domain now."""
    domain = find(connection, vm)
    return None if domain is None else _snapshot(domain)


def look_at_all(connection: Any) -> list[Snapshot]:
    """Every domain of ours."""
    found = (_snapshot(domain) for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE))
    return [snapshot for snapshot in found if snapshot is not None]


def create(connection: Any, text: str) -> None:
    """Make a paused domain that is gone when it ends: after the host's reboot nothing starts by itself."""
    connection.createXML(text, libvirt.VIR_DOMAIN_START_PAUSED)


def destroy(connection: Any, vm: VmId) -> None:
    """Safe to repeat."""
    domain = find(connection, vm)
    if domain is None:
        return
    with _unless_gone():
        domain.destroy()


def resume(connection: Any, vm: VmId) -> None:
    """Let the VCPUs run, if they don't."""
    domain = need(connection, vm)
    if domain.state()[0] != libvirt.VIR_DOMAIN_RUNNING:
        domain.resume()


def pause(connection: Any, vm: VmId) -> None:
    """Stop the VCPUs."""
    need(connection, vm).suspend()


def press_power_button(connection: Any, vm: VmId) -> None:
    """By the agent where there is one, else by ACPI, which the guest does not acknowledge."""
    domain = find(connection, vm)
    if domain is None:
        return
    snapshot = _snapshot(domain)
    if snapshot is not None and snapshot.seen.agent:
        try:
            domain.agentSetResponseTimeout(AGENT_TIMEOUT, 0)
            domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT)
            return
        except libvirt.libvirtError as error:
            log.info("VM %s: its agent does not shut it down: %s", vm, error)
    with _unless_gone():
        domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN)


def save(connection: Any, vm: VmId, path: str) -> None:
    """Write the domain to `path`; on success it is gone."""
    need(connection, vm).saveFlags(path, None, libvirt.VIR_DOMAIN_SAVE_RUNNING)


def restore(connection: Any, path: str, drives: list[Any], place: xml.Place, now: float) -> None:
    """Make the paused domain that `save` wrote, with its disks where they are now."""
    saved = xml.with_sources(connection.saveImageGetXMLDesc(path), drives)
    text = xml.renumbered(saved, place.domid, now, place.cpus)
    connection.restoreFlags(path, text, libvirt.VIR_DOMAIN_SAVE_PAUSED)


def set_started(connection: Any, vm: VmId, now: float) -> None:
    """Remember in the domain that its guest began anew."""
    domain = find(connection, vm)
    snapshot = None if domain is None else _snapshot(domain)
    if snapshot is not None:
        _set_metadata(domain, snapshot.seen.domid, now)


def set_vcpus(connection: Any, vm: VmId, vcpus: int) -> None:
    """Plug or unplug; the guest must help with the latter."""
    need(connection, vm).setVcpusFlags(vcpus, libvirt.VIR_DOMAIN_AFFECT_LIVE)


def set_memory(connection: Any, vm: VmId, size: int) -> None:
    """The balloon's target, in bytes."""
    need(connection, vm).setMemoryFlags(size >> 10, libvirt.VIR_DOMAIN_AFFECT_LIVE)


def send_sysrq(connection: Any, vm: VmId, key: str) -> None:
    """Alt, SysRq and the key, for 100 ms."""
    code = KEYS.get(key.lower())
    if code is None:
        raise HypervisorError(f"no key {key!r}")
    codes = [LEFT_ALT, SYSRQ, code]
    need(connection, vm).sendKey(libvirt.VIR_KEYCODE_SET_LINUX, 100, codes, len(codes), 0)


def freeze(connection: Any, vm: VmId) -> bool:
    """False when no agent answers; then nothing is frozen, neither by an answer that came late nor from before."""
    domain = need(connection, vm)
    domain.agentSetResponseTimeout(AGENT_TIMEOUT, 0)
    try:
        domain.fsFreeze()
    except libvirt.libvirtError as error:
        log.info("VM %s: not frozen: %s", vm, error)
        thaw(connection, vm)
        return False
    return True


def thaw(connection: Any, vm: VmId) -> None:
    """Safe to repeat."""
    domain = find(connection, vm)
    if domain is not None:
        try:
            domain.agentSetResponseTimeout(AGENT_TIMEOUT, 0)
            domain.fsThaw()
        except libvirt.libvirtError as error:
            log.info("VM %s: not thawed: %s", vm, error)


def agent_info(connection: Any, vm: VmId) -> dict[str, Any]:
    """What the guest's agent tells; empty when it does not answer."""
    domain = find(connection, vm)
    if domain is None:
        return {}
    domain.agentSetResponseTimeout(AGENT_TIMEOUT, 0)
    return dict(domain.guestInfo(0, 0))


def statistics(connection: Any) -> list[tuple[VmId, int, dict[str, Any]]]:
    """Of all running domains: VM, libvirt's id, statistics. Domains that are busy answer less, at once."""
    return [
        (VmId(domain.UUIDString()), domain.ID(), stats) for domain, stats in connection.getAllDomainStats(STATS, ACTIVE)
    ]


def _snapshot(domain: Any) -> Snapshot | None:
    try:
        state, reason = domain.state()
        seen = parse(domain.XMLDesc())
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return None
        raise
    return None if seen is None else Snapshot(VmId(domain.UUIDString()), seen, state, reason)


def _set_metadata(domain: Any, domid: int, started: float) -> None:
    domain.setMetadata(
        libvirt.VIR_DOMAIN_METADATA_ELEMENT,
        xml.mark(domid, started),
        "toolstack",
        NAMESPACE,
        libvirt.VIR_DOMAIN_AFFECT_LIVE,
    )


@contextlib.contextmanager
def _unless_gone() -> Iterator[None]:
    try:
        yield
    except libvirt.libvirtError as error:
        if error.get_error_code() not in GONE:
            raise
