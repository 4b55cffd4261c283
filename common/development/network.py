"""The development hosts' wires: a bridge on the machine, and for each host a namespace with one NIC plugged into it.

Only interfaces that this makes are touched. Every step is safe to repeat, and looks before it acts: inside the
namespace networkd moves the NIC's address onto a bridge of its own, which must stay so.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
from ipaddress import IPv4Interface, IPv4Network
from pathlib import Path
from typing import Any

from common import command
from common.command import CommandFailed
from common.development import layout
from common.development.layout import Host
from common.files import write_atomically

NAMESPACES = Path("/run/netns")
NIC = "eth0"
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWNET = 0x40000000
MS_BIND, MS_REC, MS_SLAVE = 0x1000, 0x4000, 0x80000


def allowed() -> bool:
    """Whether this process may make namespaces: tried, in a child."""
    if os.geteuid() != 0:
        return False
    child = os.fork()
    if child == 0:
        try:
            _check(_libc().unshare(CLONE_NEWNET))
            _own_mounts_and_name()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


async def up(host: Host) -> str:
    """Make the namespace and the wires of `host`; answers its address. Raises `CommandFailed`."""
    subnet = await _subnet(host.folder)
    bridge = layout.bridge(host.folder)
    if not await _exists(bridge):
        await _ip("link", "add", bridge, "type", "bridge")
    gateway = IPv4Interface(f"{subnet[1]}/{subnet.prefixlen}")
    if str(gateway) not in await _addresses(bridge):
        await _ip("address", "add", str(gateway), "dev", bridge)
    await _ip("link", "set", bridge, "up")
    if not (NAMESPACES / host.netns).exists():
        await _ip("netns", "add", host.netns)
    await _ip("-n", host.netns, "link", "set", "lo", "up")
    if not await _exists(host.link):
        await _plug(host)
    await _ip("link", "set", host.link, "master", bridge, "up")
    address = f"{host.address(subnet)}/{subnet.prefixlen}"
    if address not in await _addresses(None, host.netns):
        await _ip("-n", host.netns, "address", "add", address, "dev", NIC)
        await _ip("-n", host.netns, "route", "replace", "default", "via", str(gateway.ip))
    return host.address(subnet)


async def down(host: Host) -> None:
    """Remove the namespace of `host` and its wire. Safe to repeat."""
    if (NAMESPACES / host.netns).exists():
        await _ip("netns", "delete", host.netns)
    # The pair goes when the namespace is freed, which the kernel does later; the next `up` must not find it.
    if await _exists(host.link):
        await _ip("link", "delete", host.link, accept=(0, 1))


async def remove_bridge(folder: Path) -> None:
    """Remove the bridge on the machine. Safe to repeat."""
    if await _exists(layout.bridge(folder)):
        await _ip("link", "delete", layout.bridge(folder))


def enter(host: Host) -> None:
    """Move this process into the network namespace of `host`, with mounts and a hostname of its own."""
    descriptor = os.open(NAMESPACES / host.netns, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_libc().setns(descriptor, CLONE_NEWNET))
    finally:
        os.close(descriptor)
    _own_mounts_and_name()
    socket.sethostname(host.name)
    _own_hosts_file(host)


def _own_mounts_and_name() -> None:
    """Mounts made from here on stay in this process and its children.

    /sys shows the interfaces of the namespace that mounted it, so it is mounted anew.
    """
    libc = _libc()
    _check(libc.unshare(CLONE_NEWNS | CLONE_NEWUTS))
    _check(libc.mount(b"", b"/", b"none", MS_SLAVE | MS_REC, None))
    _check(libc.mount(b"sysfs", b"/sys", b"sysfs", 0, None))


def _own_hosts_file(host: Host) -> None:
    """Let the host know its own name: libvirtd asks for it, and no name server answers in the namespace (10 s lost)."""
    address = host.address(IPv4Network((host.folder / "subnet").read_text().strip()))
    path = host.root / "etc/hosts"
    write_atomically(path, f"127.0.0.1 localhost\n::1 localhost\n{address} {host.name}\n".encode(), mode=0o644)
    _check(_libc().mount(os.fsencode(path), b"/etc/hosts", None, MS_BIND, None))


async def _plug(host: Host) -> None:
    # Should the namespace still hold the NIC of an earlier, half-made pair, the new one could not have its name.
    names = [link["ifname"] for link in await _json("-n", host.netns, "link", "show")]
    if NIC in names:
        await _ip("-n", host.netns, "link", "delete", NIC)
    await _ip("link", "add", host.link, "type", "veth", "peer", "name", NIC, "netns", host.netns)
    await _ip("-n", host.netns, "link", "set", NIC, "address", host.mac)
    await _ip("-n", host.netns, "link", "set", NIC, "up")


async def _subnet(folder: Path) -> IPv4Network:
    """The subnet chosen when the first host was made, or a free one, then kept."""
    path = folder / "subnet"
    if path.exists():
        return IPv4Network(path.read_text().strip())
    routes = [route["dst"] for route in await _json("-4", "route", "show") if route["dst"] != "default"]
    chosen = layout.subnet(folder, [IPv4Network(destination) for destination in routes])
    write_atomically(path, f"{chosen}\n".encode(), mode=0o644)
    return chosen


async def _exists(interface: str) -> bool:
    return (Path("/sys/class/net") / interface).exists()


async def _addresses(interface: str | None, netns: str | None = None) -> list[str]:
    namespace = [] if netns is None else ["-n", netns]
    device = [] if interface is None else ["dev", interface]
    links = await _json(*namespace, "-4", "address", "show", *device)
    return [f"{info['local']}/{info['prefixlen']}" for link in links for info in link.get("addr_info", [])]


async def _json(*arguments: str) -> list[dict[str, Any]]:
    parsed: list[dict[str, Any]] = json.loads(await _ip("-json", *arguments) or "[]")
    return [row for row in parsed if row]


async def _ip(*arguments: str, accept: tuple[int, ...] = (0,)) -> str:
    try:
        return await command.run("/sbin/ip", *arguments, accept=accept, deadline=10.0)
    except FileNotFoundError as error:
        raise CommandFailed("ip", 127, "iproute2 is not installed") from error


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), sys._getframe(1).f_code.co_name)
