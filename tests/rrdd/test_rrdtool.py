"""rrdtool's own numbers from the same data, and its reading of our XML.

Where the two are meant to differ, and are not compared here: a PDP with any known second counts (rrdtool gives it up
when more than half is unknown), a derive up to 5 % above its maximum is capped, a counter that goes back is unknown
for the step in which it does, a clock that goes back is followed (rrdtool refuses the update), and an update that ends
several PDPs gives all of them the same value (rrdtool treats the first apart). rrdtool adds fractions of seconds to
seconds as floats and so loses what is below 0.2 µs: times here are such that nothing is lost.
"""

from __future__ import annotations

import asyncio
import math
import random
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from common import command
from rrdd.rrd import text
from rrdd.rrd.layout import layouts
from rrdd.source import Kind, Source
from tests.rrdd.conftest import Database, Make

pytestmark = pytest.mark.skipif(shutil.which("rrdtool") is None, reason="rrdtool is not installed")

START = 1_799_999_995
SOURCES = (
    Source("gauge", "", "B"),
    Source("derive", "", "B/s", Kind.DERIVE),
    Source("absolute", "", "1/s", Kind.ABSOLUTE),
)


def rrdtool(*argv: str) -> str:
    return asyncio.run(command.run("rrdtool", *argv))


def create(path: Path) -> None:
    sources = [f"DS:{s.name}:{s.kind}:300:0:U" for s in SOURCES]
    # At 1.0 a row with nothing known in it is unknown for us, and rrdtool wants less than that.
    rras = [
        f"RRA:{a.consolidation}:{0.999999 if a.xff == 1.0 else a.xff}:{a.pdps}:{a.rows}" for a in layouts(extremes=True)
    ]
    rrdtool("create", str(path), "--step", "5", "--start", str(START), *sources, *rras)


def dumped(path: Path) -> dict[tuple[str, int], list[list[float]]]:
    """The rows of each archive of rrdtool's file, oldest first."""
    found = {}
    for rra in ElementTree.fromstring(rrdtool("dump", str(path))).findall("rra"):
        key = rra.findtext("cf", "").strip(), int(rra.findtext("pdp_per_row", ""))
        database = rra.find("database")
        assert database is not None
        found[key] = [[float(v.text or "nan") for v in row.findall("v")] for row in database.findall("row")]
    return found


def feed(ours: Database, path: Path, times: list[float]) -> None:
    """The same values to both."""
    rng = random.Random(4)
    counter = 0
    lines = []
    for now in times:
        counter += rng.randrange(10_000)
        values = {"gauge": rng.random() * 1e6, "derive": float(counter), "absolute": float(rng.randrange(1000))}
        ours.update(now, values)
        lines.append(f"{now:.3f}:{values['gauge']!r}:{counter}:{values['absolute']!r}")
    for i in range(0, len(lines), 500):
        rrdtool("update", str(path), *lines[i : i + 500])


@pytest.mark.parametrize("rhythm", ["every step", "uneven", "with gaps"])
def test_the_same_data_gives_the_same_numbers(database: Make, tmp_path: Path, rhythm: str) -> None:
    rng = random.Random(5)
    ours = database(*SOURCES, at=float(START))
    path = tmp_path / "theirs.rrd"
    create(path)
    now, times = float(START), []
    for i in range(6000):
        match rhythm:
            case "every step":
                now += 5
            case "uneven":
                now += rng.randrange(8, 40) / 8
            case _:
                now += 5 if i % 100 else 150
        times.append(now)
    feed(ours, path, times)
    theirs = dumped(path)
    compared = 0
    for archive in ours.taken().archives:
        rows = theirs[archive.layout.consolidation, archive.layout.pdps]
        assert len(rows) == len(archive.rows)
        for mine, his in zip(archive.rows.tolist(), rows, strict=True):
            for a, b in zip(mine, his, strict=True):
                # The first rows began before either did, and are counted differently.
                if not math.isnan(a) and not math.isnan(b):
                    assert a == pytest.approx(b, rel=1e-9, abs=1e-12)
                    compared += 1
    assert compared > 1400


def test_rrdtool_takes_our_xml(database: Make, tmp_path: Path) -> None:
    ours = database(*SOURCES, at=float(START))
    for i in range(1, 2000):
        ours.update(START + 5.0 * i, {"gauge": i * 1.5, "derive": i * 77.0, "absolute": 3.0})
    xml = tmp_path / "ours.xml"
    xml.write_bytes(text.to_xml(ours.taken()))
    rrdtool("restore", "-f", str(xml), str(tmp_path / "restored.rrd"))
    theirs = dumped(tmp_path / "restored.rrd")
    for archive in ours.taken().archives:
        rows = theirs[archive.layout.consolidation, archive.layout.pdps]
        for mine, his in zip(archive.rows.tolist(), rows, strict=True):
            assert his == pytest.approx(mine, rel=1e-9, nan_ok=True)
