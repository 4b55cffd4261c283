"""The NUMA node that a guest gets on a host of several. The choice is pure.

Its threads are kept on the node's CPUs, and Linux gives memory from the node whose CPU first touches it, or from
another when that is full. So no memory policy is set, which containers forbid, and which would do no more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from common.idl.xen import (
    NumaPolicy,
    Vm,
)
from xenopsd.backend.libvirt.machine import NODES

AT_ONCE = ("MemFree", "Inactive(file)")
"""Lines of a node's meminfo: what is free, and cached files that nobody looked at again."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node with the CPUs of it that we may use."""

    cpus: tuple[int, ...]
    free: int
    """Bytes that a guest gets there without others giving something up."""


def choose(nodes: Collection[Node], memory: int, vcpus: int) -> Node | None:
    """The node with most free memory among those that hold `memory` bytes and have a CPU for each of `vcpus`.

    None, not placed: no node holds it, or there is but one.
    """
    fitting = [node for node in nodes if node.free >= memory and len(node.cpus) >= vcpus]
    return max(fitting, key=lambda node: node.free, default=None) if len(nodes) > 1 else None


def cpus(vm: Vm, beside: Collection[tuple[str, int]]) -> str:
    """The CPUs for the guest, as libvirt writes a set of them; empty: any.

    `beside`: of each guest that is there, the CPUs it is kept on, written so, and the bytes it may take.
    """
    if vm.numa is not NumaPolicy.BEST_EFFORT or vm.affinity:
        return ""
    node = choose(nodes(beside), vm.memory_static_max, vm.vcpus_max)
    return "" if node is None else ",".join(map(str, node.cpus))


def nodes(beside: Collection[tuple[str, int]], folder: Path = NODES) -> list[Node]:
    """Nodes of this host that have CPUs for us. Memory that a guest didn't touch yet is not free any more."""
    allowed = os.sched_getaffinity(0)
    found = []
    for path in sorted(folder.glob("node[0-9]*")):
        theirs = numbers((path / "cpulist").read_text())
        total, free = _memory((path / "meminfo").read_text())
        promised = sum(size for kept, size in beside if kept and numbers(kept) <= theirs)
        if ours := tuple(sorted(theirs & allowed)):
            found.append(Node(ours, min(free, total - promised)))
    return found


def numbers(text: str) -> set[int]:
    """`0-2,7` is 0, 1, 2 and 7."""
    pairs = [part.partition("-") for part in text.strip().split(",") if part]
    return {number for first, _, last in pairs for number in range(int(first), int(last or first) + 1)}


def _memory(text: str) -> tuple[int, int]:
    """Bytes in all and free, from a node's meminfo."""
    sizes = {name: int(size) << 10 for name, size in re.findall(r"^Node \d+ (\S+):\s+(\d+) kB$", text, re.MULTILINE)}
    return sizes["MemTotal"], sum(sizes.get(name, 0) for name in AT_ONCE)
