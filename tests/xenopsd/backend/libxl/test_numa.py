"""Which domains count as placed on nodes."""

from __future__ import annotations

import pytest

from common.xen.libxc import NO_NODE
from xenopsd.backend.libxl.numa import placed

FOUR = [0, 0, 1, 1, NO_NODE, 2, 2, 3, 3]
ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("preferred", "nodes"),
    [
        ([[2, 3]], 1),
        ([[2]], 1),
        ([[2, 3], [2, 3, 4]], 1),
        ([[0, 1, 5, 6]] * 4, 2),
        ([[0, 1], [7, 8]], 2),
        ([ALL], 0),
        ([[0, 1], ALL], 0),
        ([], 0),
    ],
)
def test_nodes_are_counted_where_some_are_left_out(preferred: list[list[int]], nodes: int) -> None:
    assert placed(FOUR, preferred) == nodes


def test_on_a_host_of_one_node_nothing_is_placed() -> None:
    assert placed([0, 0], [[0, 1]]) == 0
    assert placed([0, 0], [[0]]) == 0
