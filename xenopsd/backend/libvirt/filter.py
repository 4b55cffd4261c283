"""What a locked interface's guest may send: one nftables table of the bridge family for each such interface.

A table of its own makes every change one transaction and removal one word; its rules cost only the packets of a host
that locks interfaces at all. The rules are pure text.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection

from common import command
from common.idl.xen import (
    LockingMode,
    Vif,
)
from common.idl.xen_errors import Unimplemented

log = logging.getLogger(__name__)

PRIORITY = -250  # before the bridge's own and the administrator's rules


def rules(vif: Vif, tap: str) -> str:
    """Input of `nft -f`: replaces whatever there is for `tap`. Safe to repeat."""
    removed = removal([tap])
    if vif.locking_mode is LockingMode.UNLOCKED:
        return removed
    sent = _locked(vif) if vif.locking_mode is LockingMode.LOCKED else []
    chains = [_chain("sent", "prerouting", f'iifname != "{tap}" accept', sent)]
    if vif.locking_mode is LockingMode.DISABLED:
        chains.append(_chain("received", "postrouting", f'oifname != "{tap}" accept', []))
    return removed + f"table bridge {tap} {{\n{''.join(chains)}}}\n"


def removal(taps: Collection[str]) -> str:
    """Input of `nft -f` that leaves nothing of `taps`. Safe to repeat."""
    # A table that is not there can't be deleted, so it is made first.
    return "".join(f"add table bridge {tap}\ndelete table bridge {tap}\n" for tap in taps)


async def apply(vif: Vif, tap: str) -> None:
    """Filter `tap` as `vif` says. Raises `Unimplemented` where there is no nft and something is to be filtered."""
    if shutil.which("nft") is None:
        if vif.locking_mode is LockingMode.UNLOCKED:
            return
        raise Unimplemented("locking an interface: nft is not installed")
    await command.run("nft", "-f", "-", stdin=rules(vif, tap).encode())


async def remove(taps: Collection[str]) -> None:
    """Forget `taps`. Safe to repeat; failure leaves rules for interfaces that are gone, so it is only logged."""
    if not taps or shutil.which("nft") is None:
        return
    try:
        await command.run("nft", "-f", "-", stdin=removal(taps).encode())
    except command.CommandFailed as error:
        log.warning("%s", error)


def _chain(name: str, hook: str, others: str, allowed: list[str]) -> str:
    lines = [f"type filter hook {hook} priority {PRIORITY}; policy accept;", others, *allowed, "drop"]
    return f"  chain {name} {{\n" + "".join(f"    {line}\n" for line in lines) + "  }\n"


def _locked(vif: Vif) -> list[str]:
    lines = [f"ether saddr != {vif.mac} drop"]
    if vif.ipv4_allowed:
        addresses = "{ " + ", ".join(vif.ipv4_allowed) + " }"
        lines += [
            f"arp saddr ether {vif.mac} arp saddr ip {addresses} accept",
            f"ip saddr {addresses} accept",
            "ip saddr 0.0.0.0 udp dport 67 accept",  # it may ask DHCP for the address it is allowed
        ]
    if vif.ipv6_allowed:
        addresses = "{ " + ", ".join([*vif.ipv6_allowed, link_local(vif.mac)]) + " }"
        lines += [
            f"ip6 saddr {addresses} accept",
            "ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit } accept",
        ]
    return lines


def link_local(mac: str) -> str:
    """The address that a guest makes of its MAC (RFC 4291, appendix A), without which it finds no neighbours."""
    octets = [int(part, 16) for part in mac.split(":")]
    words = [octets[0] ^ 2, octets[1], octets[2], 0xFF, 0xFE, *octets[3:]]
    return "fe80::" + ":".join(f"{words[n] << 8 | words[n + 1]:x}" for n in range(0, 8, 2))
