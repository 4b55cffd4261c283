"""Which node of this host a guest gets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from common.idl.xen import NumaPolicy
from tests.xenopsd.samples import vm
from xenopsd.backend.libvirt import numa
from xenopsd.backend.libvirt.numa import Node, choose, nodes, numbers

MIB = 1 << 20
GIB = 1 << 30
SMALL, LARGE, WIDE = Node((0, 1), 4 * GIB), Node((2, 3), 8 * GIB), Node((4, 5, 6, 7), 2 * GIB)


@pytest.mark.parametrize(
    ("present", "memory", "vcpus", "chosen"),
    [
        ([SMALL, LARGE, WIDE], GIB, 2, LARGE),
        ([SMALL, LARGE, WIDE], 8 * GIB, 2, LARGE),
        ([SMALL, LARGE, WIDE], GIB, 3, WIDE),
        ([SMALL, LARGE, WIDE], 9 * GIB, 1, None),
        ([SMALL, LARGE, WIDE], GIB, 5, None),
        ([LARGE], GIB, 1, None),
        ([], GIB, 1, None),
    ],
)
def test_the_node_with_most_room_that_holds_the_guest(
    present: list[Node], memory: int, vcpus: int, chosen: Node | None
) -> None:
    assert choose(present, memory, vcpus) == chosen


def write_node(folder: Path, number: int, cpus: str, free: int) -> None:
    """As Linux shows a node of 1 GiB with `free` MiB free; as many cached files may go."""
    node = folder / f"node{number}"
    node.mkdir()
    (node / "cpulist").write_text(cpus + "\n")
    lines = {"MemTotal": 1 << 20, "MemFree": free << 10, "Inactive(file)": free << 10, "Active(file)": 1 << 20}
    (node / "meminfo").write_text("".join(f"Node {number} {name}:  {size} kB\n" for name, size in lines.items()))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two nodes of two CPUs, and memory without a CPU."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1, 2, 3})
    write_node(tmp_path, 0, "0,2", 100)
    write_node(tmp_path, 1, "1,3", 200)
    write_node(tmp_path, 2, "", 500)
    return tmp_path


def test_nodes_are_read(host: Path) -> None:
    assert nodes([], host) == [Node((0, 2), 200 * MIB), Node((1, 3), 400 * MIB)]


def test_what_guests_may_still_touch_is_not_free(host: Path) -> None:
    beside = [("1,3", 900 * MIB), ("", 500 * MIB), ("0-3", 500 * MIB)]
    assert nodes(beside, host) == [Node((0, 2), 200 * MIB), Node((1, 3), 124 * MIB)]


def test_cpus_that_are_not_ours_are_left_out(host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {2})
    assert nodes([], host) == [Node((2,), 200 * MIB)]


def test_only_who_wants_it_and_named_no_cpus_is_kept_on_a_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numa, "nodes", lambda _beside: [SMALL, LARGE])
    assert numa.cpus(vm(numa=NumaPolicy.BEST_EFFORT), []) == "2,3"
    assert numa.cpus(vm(numa=NumaPolicy.DEFAULT), []) == ""
    assert numa.cpus(vm(numa=NumaPolicy.ANY), []) == ""
    assert numa.cpus(vm(numa=NumaPolicy.BEST_EFFORT, affinity=[[0]]), []) == ""


def test_sets_of_cpus() -> None:
    assert numbers("0-2,7\n") == {0, 1, 2, 7}
    assert numbers("\n") == set()
