"""Where a domain was placed on a host of several nodes, by what its VCPUs prefer. Pure.

libxl chooses: it sets the soft affinity of all VCPUs to the CPUs of the nodes that it found for the domain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.xen.libxc import NO_NODE


def placed(cpu_nodes: Sequence[int], preferred: Iterable[Iterable[int]]) -> int:
    """On how many nodes the CPUs are that VCPUs prefer; 0 for a domain that was not placed: it prefers them all.

    `cpu_nodes`: the node of each CPU of the host; `preferred`: the CPUs that each VCPU prefers.
    """
    every = set(cpu_nodes) - {NO_NODE}
    chosen = {cpu_nodes[cpu] for cpus in preferred for cpu in cpus} - {NO_NODE}
    return len(chosen) if chosen < every else 0
