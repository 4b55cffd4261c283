"""Pictures: they are what they say, and hold what was measured."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from common.idl.rrd import Owner
from common.rpc.server import FileAnswer, FileRequest
from rrdd.graph import Drawing
from rrdd.graphs import AT_ONCE, MOST_WAITING, Graphs
from rrdd.rrd.layout import STEP
from rrdd.source import Batch, Source
from rrdd.store import Store

HOST = "00000000-0000-0000-0000-00000000000f"
VM = "00000000-0000-0000-0000-0000000000aa"
START = 1_800_000_000.0
SOURCES = (Source("$odd_{name}", "", "B"), Source("_cpu", "", "(fraction)"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "live", tmp_path / "archives")
    for tick in range(50):
        store.tick(START + tick * STEP, [Batch(Owner.HOST, HOST, SOURCES, [float(tick % 7), 0.5])])
    return store


@pytest.fixture
def graphs(store: Store) -> Graphs:
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


async def test_the_worst_of_a_minute(graphs: Graphs) -> None:
    answer = await ask(graphs, "$odd_{name}", format="text", cf="MAX")
    assert answer.status == 200
    assert "no data" not in answer.body.decode()


async def test_wildcards_name_several_sources(graphs: Graphs, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Drawing] = []

    async def draw(drawing: Drawing) -> bytes:
        drawn.append(drawing)
        return b""

    monkeypatch.setattr("rrdd.graphs.draw", draw)
    await ask(graphs, "_*", "*")

    assert list(drawn[0].series) == ["_cpu", "$odd_{name}"]
    assert drawn[0].series["_cpu"][-10:] == [0.5] * 10
    assert drawn[0].units == "(fraction) / B"
    assert drawn[0].times == sorted(drawn[0].times)


async def test_a_vm_that_does_not_run_is_drawn_from_its_archive(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    gauge = (Source("level", "", "B"),)
    for tick in range(50):
        store.tick(START + (50 + tick) * STEP, [Batch(Owner.VM, VM, gauge, [float(tick)])])
    graphs = Graphs(store)
    drawn: list[Drawing] = []

    async def draw(drawing: Drawing) -> bytes:
        drawn.append(drawing)
        return b"picture"

    monkeypatch.setattr("rrdd.graphs.draw", draw)
    await ask(graphs, "level", uuid=VM, start="-60")
    store.archive(VM)
    answer = await ask(graphs, "level", uuid=VM, start="-60")

    assert answer.body == b"picture"
    assert drawn[0].series == drawn[1].series
    assert drawn[0].times == drawn[1].times
    assert drawn[1].series["level"][-1] == 49.0
    assert (await ask(graphs, "level", uuid=VM, cf="MAX")).status == 404


async def test_whoever_would_wait_long_is_sent_away(graphs: Graphs, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = 0, asyncio.Event()

    async def draw(_drawing: Drawing) -> bytes:
        nonlocal begun
        begun += 1
        await go_on.wait()
        return b""

    monkeypatch.setattr("rrdd.graphs.draw", draw)
    jobs = [asyncio.ensure_future(ask(graphs, "_cpu")) for _ in range(MOST_WAITING + 1)]
    while not jobs[-1].done():
        await asyncio.sleep(0)

    assert jobs[-1].result().status == 503
    assert begun == AT_ONCE
    go_on.set()
    assert {answer.status for answer in await asyncio.gather(*jobs[:-1])} == {200}
