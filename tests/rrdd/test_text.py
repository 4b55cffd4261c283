"""Archives as text, and back."""

from __future__ import annotations

import json
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from common.idl.rrd import Owner
from rrdd.rrd import text, updates
from rrdd.rrd.archive import Rrd
from rrdd.source import Kind, Source
from tests.rrdd.conftest import Database, Make


@pytest.fixture
def filled(database: Make) -> Database:
    made = database(Source("cpu0", "", "", Kind.DERIVE, 0.0, 1.0), Source("memory", "", "B"), at=100000.0)
    for i in range(1, 400):
        made.update(100000.0 + 5.2 * i, {"cpu0": i * 1.3, "memory": 1 << 30})
    return made


@pytest.fixture
def rrd(filled: Database) -> Rrd:
    return filled.taken()


def member(made: Database, owner: Owner = Owner.VM) -> updates.Member:
    return updates.Member(owner, "u", made.bank, list(made.positions), list(made.positions.values()))


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0.0"), (3.0, "3"), (195.7082977294922, "195.708297729492"), (math.nan, "NaN"), (math.inf, "Infinity")],
)
def test_numbers_are_written_like_the_original(value: float, written: str) -> None:
    assert text.number(value) == written


def test_an_archive_survives_its_xml(rrd: Rrd) -> None:
    again = text.from_xml(text.to_xml(rrd))
    assert [source.name for source in again.sources] == ["cpu0", "memory"]
    for old, new in zip(rrd.archives, again.archives, strict=True):
        assert new.layout == old.layout
        np.testing.assert_allclose(new.rows, old.rows, rtol=1e-14)


@pytest.mark.parametrize("cut", [10, 100, 5000, -10])
def test_a_truncated_archive_is_refused(rrd: Rrd, cut: int) -> None:
    with pytest.raises(text.BadArchive):
        text.from_xml(text.to_xml(rrd)[:cut])


def test_entities_are_refused(rrd: Rrd) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]>' + text.to_xml(rrd).split(b"\n", 1)[1]
    with pytest.raises(text.BadArchive):
        text.from_xml(bomb)


def test_json_holds_only_strings(rrd: Rrd) -> None:
    body = json.loads(text.to_json(rrd))
    assert body["rra"][0]["pdp_per_row"] == "1"
    assert body["ds"][0]["name"] == "cpu0"
    assert all(isinstance(value, str) for row in body["rra"][0]["database"]["row"] for value in row["v"])


def test_updates_are_newest_first_and_without_white_space(filled: Database) -> None:
    last = int(filled.bank.last_updated)
    found = updates.table(updates.Query(start=last - 60), [member(filled)])
    body = updates.to_xml(found)
    assert not re.search(rb">\s+<", body.split(b"\n", 1)[1])
    meta, data = ElementTree.fromstring(body)
    assert [child.tag for child in meta] == ["start", "step", "end", "rows", "columns", "legend"]
    times = [int(row.findtext("t", "")) for row in data]
    assert times == sorted(times, reverse=True)
    assert times[0] - times[1] == 5
    assert found.legend == ["AVERAGE:vm:u:cpu0", "AVERAGE:vm:u:memory"]
    assert found.rows[0][1] == float(1 << 30)


def test_updates_as_json_hold_the_same(filled: Database) -> None:
    found = updates.table(updates.Query(start=int(filled.bank.last_updated) - 60), [member(filled)])
    body = json.loads(updates.to_json(found))
    _, data = ElementTree.fromstring(updates.to_xml(found))
    assert body["meta"]["rows"] == str(len(body["data"]))
    assert [row["t"] for row in body["data"]] == [row.findtext("t") for row in data]
    assert [row["values"] for row in body["data"]] == [[v.text for v in row.findall("v")] for row in data]


def test_an_older_start_takes_the_coarser_archive(filled: Database) -> None:
    start = int(filled.bank.last_updated) - 3600
    found = updates.table(updates.Query(start=start), [member(filled, Owner.HOST)])
    assert found.step == 60
    assert [entry.split(":")[0] for entry in found.legend[::2]] == ["AVERAGE", "MIN", "MAX"]


def test_numbers_of_a_row_are_written_as_single_ones_are() -> None:
    values = [0.0, -0.0, 0.0, 1.0, math.nan, math.inf, 10.0, 0.1, 1e-20, 123456789.123456789]
    assert text.numbers(values, "<v>", "</v>") == "".join(f"<v>{text.number(v)}</v>" for v in values)
