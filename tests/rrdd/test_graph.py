"""Pictures: they are what they say, and hold what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from common.idl.rrd import Owner
from common.rpc.server import FileAnswer, FileRequest
from rrdd.graphs import Graphs
from rrdd.rrd.layout import STEP
from rrdd.source import Batch, Source
from rrdd.store import Store

HOST = "00000000-0000-0000-0000-00000000000f"
START = 1_800_000_000.0
SOURCES = (Source("$odd_{name}", "", "B"), Source("_cpu", "", "(fraction)"))


@pytest.fixture
def graphs(tmp_path: Path) -> Graphs:
    store = Store(tmp_path / "live", tmp_path / "archives")
    for tick in range(50):
        store.tick(START + tick * STEP, [Batch(Owner.HOST, HOST, SOURCES, [float(tick % 7), 0.5])])
    return Graphs(store)


async def ask(graphs: Graphs, *names: str, **query: str) -> FileAnswer:
    def values(key: str) -> list[str]:
        return list(names) if key == "ds" else []

    given: Mapping[str, str] = {"start": "-200", **query}
    return await graphs.answer(FileRequest(given, values, ""))


async def test_a_png_of_the_size_asked_for(graphs: Graphs) -> None:
    answer = await ask(graphs, "_cpu", "$odd_{name}", width="640", height="300")
    assert answer.status == 200
    assert answer.body.startswith(b"\x89PNG")
    assert int.from_bytes(answer.body[16:20], "big") == 640
    assert int.from_bytes(answer.body[20:24], "big") == 300


async def test_an_svg(graphs: Graphs) -> None:
    answer = await ask(graphs, "_cpu", format="svg", title="<script>&")
    assert answer.content_type == "image/svg+xml"
    assert ElementTree.fromstring(answer.body).tag.endswith("svg")


async def test_text_for_a_terminal(graphs: Graphs) -> None:
    answer = await ask(graphs, "$odd_{name}", format="text", title="load")
    lines = answer.body.decode().splitlines()
    assert lines[0] == "load"
    assert len(lines) > 10


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"uuid": "nobody"}, 404),
        ({"format": "exe"}, 400),
        ({"start": "yesterday"}, 400),
        ({"start": "1e999"}, 400),
        ({"cf": "LAST"}, 400),
        ({"width": "wide"}, 400),
    ],
)
async def test_what_can_t_be_drawn(graphs: Graphs, query: dict[str, str], status: int) -> None:
    assert (await ask(graphs, "_cpu", **query)).status == status


async def test_a_source_that_is_not_there(graphs: Graphs) -> None:
    assert (await ask(graphs, "nothing")).status == 404
