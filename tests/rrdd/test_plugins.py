"""Plug-ins: both formats, our own writer, and all the garbage that may lie in the directory."""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import pytest

from common.idl.rrd import Owner
from common.metrics import Metric, Plugin
from rrdd.plugins import payload
from rrdd.plugins.directory import LONGEST_PAUSE, Directory
from rrdd.source import Batch, Kind

HOST = "00000000-0000-0000-0000-00000000000f"
VM = "11111111-2222-3333-4444-555555555555"
NOW = 1_800_000_000.0
METRICS = [
    Metric("requests", "Requests served", "requests/s", kind="derive", integer=True),
    Metric("idle", kind="derive", maximum=1.0, inverse=True, owner=f"vm {VM}"),
    Metric("level", default=False),
]


def version_2(values: list[float], metadata: bytes, timestamp: float = NOW) -> bytes:
    data = struct.pack(f">d{len(values)}d", timestamp, *values)
    header = struct.pack(">11sIII", b"DATASOURCES", zlib.crc32(data), zlib.crc32(metadata), len(values))
    return header + data + struct.pack(">I", len(metadata)) + metadata


def version_1(body: bytes) -> bytes:
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return f"DATASOURCES\n{len(body):08x}\n{digest}\n".encode() + body + b"\n"


def described(**fields: str) -> bytes:
    return json.dumps({"datasources": {"x": fields}}).encode()


def by_owner(batches: list[Batch]) -> dict[Owner, Batch]:
    return {batch.owner: batch for batch in batches}


def test_what_our_writer_writes_is_read(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    with Plugin("mine", METRICS, directory=tmp_path) as plugin:
        assert plugin.path.stat().st_size % 4096 == 0
        plugin.publish([2**53 - 1, 0.25, 7.5], now=NOW)
        found = by_owner(list(directory.batches(NOW, HOST)))
        assert found[Owner.HOST].uuid == HOST
        assert found[Owner.HOST].values == [2**53 - 1, 7.5]
        assert found[Owner.VM].uuid == VM
        assert found[Owner.VM].values == [0.25]
        first, last = found[Owner.HOST].sources
        assert (first.name, first.kind, first.units, first.doc) == (
            "requests",
            Kind.DERIVE,
            "requests/s",
            "Requests served",
        )
        assert not last.default
        assert found[Owner.VM].sources[0].inverse
        assert found[Owner.VM].sources[0].maximum == 1.0
        assert found[Owner.HOST].stamp == NOW
    assert list(directory.batches(NOW, HOST)) == []


def test_descriptions_are_read_once(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    with Plugin("mine", METRICS, directory=tmp_path) as plugin:
        plugin.publish([1, 2, 3], now=NOW)
        first = by_owner(list(directory.batches(NOW, HOST)))
        plugin.publish([2, 3, 4], now=NOW + 5)
        second = by_owner(list(directory.batches(NOW, HOST)))
        assert second[Owner.HOST].sources is first[Owner.HOST].sources
        plugin.describe(METRICS[:1])
        plugin.publish([9], now=NOW + 10)
        assert [batch.values for batch in directory.batches(NOW, HOST)] == [[9.0]]


def test_a_file_that_does_not_change_says_nothing_new(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    with Plugin("mine", METRICS[:1], directory=tmp_path) as plugin:
        plugin.publish([1], now=NOW)
        assert [batch.values for batch in directory.batches(NOW, HOST)] == [[1.0]]
        assert all(math.isnan(batch.values[0]) for batch in directory.batches(NOW, HOST))
        plugin.publish([1], now=NOW + 5)
        assert [batch.values for batch in directory.batches(NOW, HOST)] == [[1.0]]


def test_one_that_dies_in_the_middle_of_writing_leaves_a_gap_and_comes_back(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    with Plugin("mine", METRICS[:1], directory=tmp_path) as plugin:
        plugin.publish([1], now=NOW)
        assert [batch.values for batch in directory.batches(NOW, HOST)] == [[1.0]]
    assert list(directory.batches(NOW + 5, HOST)) == []

    with Plugin("mine", METRICS[:1], directory=tmp_path) as again:
        again.publish([7], now=NOW + 10)
        list(directory.batches(NOW + 10, HOST))
        written = (tmp_path / "mine").read_bytes()
        with (tmp_path / "mine").open("r+b") as file:
            file.write(written[:30] + b"\xff" * 4)
        (torn,) = directory.batches(NOW + 15, HOST)
        assert math.isnan(torn.values[0])
        again.publish([8], now=NOW + 20)
        directory.register("mine")
        assert [batch.values for batch in directory.batches(NOW + 20, HOST)] == [[8.0]]


def test_version_1_needs_its_registration(tmp_path: Path) -> None:
    body = json.dumps(
        {
            "timestamp": NOW,
            "datasources": {
                "a": {"value": "1.50", "value_type": "float", "type": "gauge", "default": "true", "units": "B"},
                "b": {"value": "12", "value_type": "int64", "owner": f"vm {VM}", "min": "0.00", "max": "inf"},
            },
        }
    ).encode()
    (tmp_path / "old").write_bytes(version_1(body).ljust(4096, b"\0"))
    directory = Directory(tmp_path)
    assert list(directory.batches(NOW, HOST)) == []
    directory.register("old")
    found = by_owner(list(directory.batches(NOW, HOST)))
    assert found[Owner.HOST].values == [1.5]
    assert found[Owner.VM].values == [12.0]
    assert found[Owner.VM].sources[0].kind is Kind.ABSOLUTE
    assert not found[Owner.VM].sources[0].default


def test_a_trailing_nul_in_the_descriptions_is_cut(tmp_path: Path) -> None:
    content = version_2([1.0], described(type="gauge") + b"\0")
    assert payload.read(content).described.sources[0].name == "x"


GOOD = version_2([1.0], described(type="gauge"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage" * 1000,
        b"DATASOURCES",
        b"DATASOURCES\n",
        GOOD[:20],
        GOOD[:40],
        GOOD[:-5],
        GOOD[:15] + b"\xff" + GOOD[16:],
        GOOD[:30] + b"\xff" + GOOD[31:],
        GOOD[:19] + b"\xff\xff\xff\xff" + GOOD[23:],
        version_2([1.0, 2.0], described()),
        version_2([1.0], b"[" * 100_000),
        version_2([1.0], b"[]"),
        version_2([1.0], b'{"datasources": [1]}'),
        version_2([1.0], b'{"datasources": {"x": 1}}'),
        version_2([1.0], described(owner="vm ../../etc/passwd")),
        version_2([1.0], described(owner="everybody")),
        version_2([1.0], described(type="random")),
        version_2([1.0], described(min="low")),
        version_2([1.0], b'{"datasources": {"a\\nb": {}}}'),
        version_2([1.0], described(), timestamp=math.nan),
        version_2([1.0], described(), timestamp=1e300),
        version_1(b"{}"),
        version_1(b'{"timestamp": "now", "datasources": {}}'),
        version_1(b"x")[:-10],
        b"DATASOURCES\nffffffff\n" + b"0" * 32 + b"\n{}",
    ],
)
def test_garbage_is_refused_and_left_alone_for_longer_and_longer(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(payload.BadPayload):
        payload.read(content)
    (tmp_path / "bad").write_bytes(content)
    directory = Directory(tmp_path)
    directory.register("bad")
    assert list(directory.batches(NOW, HOST)) == []
    (tmp_path / "bad").write_bytes(GOOD)
    looks = [bool(list(directory.batches(NOW, HOST))) for _ in range(4)]
    assert looks == [False, False, True, True]


def test_the_pause_doubles_up_to_a_limit(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    (tmp_path / "bad").write_bytes(b"DATASOURCESx")
    directory.register("bad")
    reads = []

    def content(_uid: str, _most: int) -> bytes:
        reads.append(tick)
        return b""

    directory._content = content  # type: ignore[assignment, method-assign]
    for tick in range(2000):  # noqa: B007 - content() looks at it
        list(directory.batches(NOW, HOST))
    gaps = [later - earlier - 1 for earlier, later in pairwise(reads)]
    assert gaps[:8] == [2, 4, 8, 16, 32, 64, 128, 256]
    assert max(gaps) == LONGEST_PAUSE


@pytest.mark.parametrize("name", ["tap-1", "x.tmp", ".hidden"])
def test_some_names_are_nobody_s(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(GOOD)
    assert list(Directory(tmp_path).batches(NOW, HOST)) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "tap-1"])
def test_such_names_are_not_registered(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Directory(tmp_path).register(name)


def test_links_pipes_and_folders_are_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(GOOD)
    folder = tmp_path / "metrics"
    (folder / "folder").mkdir(parents=True)
    (folder / "link").symlink_to(outside)
    os.mkfifo(folder / "pipe")
    directory = Directory(folder)
    for name in ("folder", "link", "pipe"):
        directory.register(name)
    assert list(directory.batches(NOW, HOST)) == []


def test_ten_thousand_sources(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    metrics = [Metric(f"m{i}", kind="derive") for i in range(10_000)]
    with Plugin("many", metrics, directory=tmp_path) as plugin:
        plugin.publish([float(i) for i in range(10_000)], now=NOW)
        (batch,) = directory.batches(NOW, HOST)
        assert batch.values[-1] == 9999.0
    with pytest.raises(payload.BadPayload):
        payload.read(version_2([0.0] * 30_000, b"{}"))


def test_a_clock_that_is_far_off_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "late").write_bytes(version_2([1.0], described(), timestamp=NOW - 86400))
    (batch,) = Directory(tmp_path).batches(NOW, HOST)
    assert batch.stamp == NOW
