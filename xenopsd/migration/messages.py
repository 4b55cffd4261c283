"""What the two ends of a migration say: offer, ready, memory, sent, whole, run, running, in this order."""

from __future__ import annotations

import msgspec

from common.idl.xen import (
    Vbd,
    Vif,
    Vm,
    VmId,
)

VERSION = 1


class Offer(msgspec.Struct, frozen=True, kw_only=True, tag="offer"):
    """From the source: take this VM. Its devices are named as the destination knows them."""

    version: int = VERSION
    dbg: str
    vm: Vm
    vbds: list[Vbd]
    vifs: list[Vif]
    memory: int
    """Bytes the domain has."""
    told: dict[str, str]
    """What the guest and its agent told, as `attr/vif/0/ipv4/0`."""
    started: float
    """When it last started, in seconds since the epoch; as the one below."""
    crashed: float


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready"):
    """From the destination: there is room, and memory may come."""


class Sent(msgspec.Struct, frozen=True, kw_only=True, tag="sent"):
    """From the source: the guest is stopped, all its memory was sent, and its disks are let go of."""


class Whole(msgspec.Struct, frozen=True, kw_only=True, tag="whole"):
    """From the destination: the domain is complete with its devices, and would run."""


class Run(msgspec.Struct, frozen=True, kw_only=True, tag="run"):
    """From the source: from here on the guest is yours. It will not run here again unless you say that you failed."""


class Running(msgspec.Struct, frozen=True, kw_only=True, tag="running"):
    """From the destination: it runs, or will."""


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """From the destination: nothing of the VM is left there, and it never ran."""

    code: str
    params: list[str]


class GiveUp(msgspec.Struct, frozen=True, kw_only=True, tag="give up"):
    """From the source, instead of `Run`: the guest stays. It waits until the destination has let go of everything."""


class Ask(msgspec.Struct, frozen=True, kw_only=True, tag="ask"):
    """From a source whose `Run` was not answered, on a new connection: `Running` or `Failed`?"""

    vm: VmId


Message = Offer | Ready | Sent | Whole | Run | Running | Failed | GiveUp | Ask
