"""Owners and their columns: choosing sources, moving, archiving, what a restart finds."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import pytest

from common.idl.rrd import Owner, UnknownSource
from rrdd.rrd import text
from rrdd.rrd.layout import STEP
from rrdd.source import Batch, Kind, Source
from rrdd.store import Store

VM = "11111111-2222-3333-4444-555555555555"
OTHER = "66666666-2222-3333-4444-555555555555"
HOST = "00000000-0000-0000-0000-00000000000f"
START = 1_800_000_000.0
SOURCES = (Source("g", "", "B"), Source("d", "", "B/s", Kind.DERIVE), Source("rare", "", "", default=False))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return opened(tmp_path)


def opened(path: Path) -> Store:
    return Store(path / "live", path / "archives")


def run(store: Store, first: int, last: int, uuid: str = VM, domid: int = 1) -> None:
    for tick in range(first, last):
        values = [float(tick), tick * 10.0, 5.0]
        store.tick(START + tick * STEP, [Batch(Owner.VM, uuid, SOURCES, values, domid)])


def test_standard_sources_are_recorded_others_when_asked_for(store: Store) -> None:
    run(store, 0, 3)
    owned = store.get(VM)
    assert owned is not None
    assert owned.newest() == {"g": 2.0, "d": 2.0}
    assert sorted(owned.known) == ["d", "g", "rare"]
    store.record(owned, "rare")
    run(store, 3, 4)
    assert owned.newest()["rare"] == 5.0
    with pytest.raises(UnknownSource):
        store.record(owned, "nothing")


def test_what_was_forgotten_stays_so_over_a_restart_until_asked_for_again(tmp_path: Path) -> None:
    store = opened(tmp_path)
    run(store, 0, 3)
    owned = store.get(VM)
    assert owned is not None
    store.forget(owned, "g")
    run(store, 3, 5)
    assert list(owned.newest()) == ["d"]
    again = opened(tmp_path)
    run(again, 5, 7)
    owned = again.get(VM)
    assert owned is not None
    assert list(owned.newest()) == ["d"]
    again.record(owned, "g")
    run(again, 7, 9)
    assert owned.newest() == {"d": 2.0, "g": 8.0}


def test_killed_at_any_tick_there_is_no_gap(tmp_path: Path) -> None:
    store = opened(tmp_path)
    for begin in range(0, 60, 7):
        run(store, begin, begin + 7)
        store = opened(tmp_path)
    owned = store.get(VM)
    assert owned is not None
    assert owned.database().archives[0].rows[-60:, 1].tolist() == pytest.approx([math.nan] * 0 + [2.0] * 60)


def test_an_archive_goes_to_disk_and_comes_back_with_its_vm(store: Store, tmp_path: Path) -> None:
    run(store, 0, 100)
    store.archive(VM)
    assert store.get(VM) is None
    run(store, 100, 110, uuid=OTHER)
    run(store, 110, 120, domid=2)
    owned = store.get(VM)
    assert owned is not None
    rows = owned.database().archives[0].rows
    names = list(owned.positions)
    gauge = rows[:, names.index("g")].tolist()
    assert gauge[-9:] == [float(n) for n in range(111, 120)]
    assert gauge[-100:-30] == [float(n) for n in range(20, 90)]
    assert (tmp_path / "archives" / f"{VM}.gz").exists()


def test_removed_is_gone_from_memory_and_disk(store: Store, tmp_path: Path) -> None:
    run(store, 0, 3)
    store.archive(VM)
    run(store, 3, 5)
    store.remove(VM)
    store.remove(VM)
    assert store.get(VM) is None
    assert store.load(VM) is None


@pytest.mark.parametrize("uuid", ["../../etc/passwd", "", "x" * 36])
def test_a_name_that_is_no_uuid_is_refused(store: Store, uuid: str) -> None:
    with pytest.raises(UnknownSource):
        store.load(uuid)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        gzip.compress(b"<rrd>"),
        gzip.compress(b"<rrd></rrd>"),
        gzip.compress(b"<rrd><version>0003</version><step>300</step></rrd>"),
        gzip.compress(b"x" * 99)[:-4],
        gzip.compress(b"\0" * 5000),
    ],
    ids=["empty", "garbage", "no end", "nothing in it", "another step", "cut off", "a bomb"],
)
def test_a_damaged_archive_is_set_aside(store: Store, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rrdd.store.LARGEST", 4000)
    path = store.path(VM)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    run(store, 0, 3)
    owned = store.get(VM)
    assert owned is not None
    assert owned.newest()["g"] == 2.0
    assert path.with_suffix(".damaged").exists()


def test_another_host_s_database_becomes_the_past(tmp_path: Path) -> None:
    there, here = opened(tmp_path / "there"), opened(tmp_path / "here")
    run(there, 0, 100)
    run(here, 100, 103)
    moved, owned = there.get(VM), here.get(VM)
    assert moved is not None
    assert owned is not None
    here.adopt(owned, text.from_xml(text.to_xml(moved.database())), START + 103 * STEP)
    run(here, 103, 120)
    column = owned.database().archives[0].rows[:, list(owned.positions).index("g")].tolist()
    assert column[-16:] == [float(n) for n in range(104, 120)]
    assert column[:70] == [float(n) for n in range(0, 70)]


def test_counters_of_a_new_domain_do_not_continue_the_old_ones(store: Store) -> None:
    run(store, 0, 10, domid=1)
    store.tick(START + 10 * STEP, [Batch(Owner.VM, VM, SOURCES, [1.0, 1e9, 1.0], 2)])
    owned = store.get(VM)
    assert owned is not None
    assert math.isnan(owned.newest()["d"])


def test_sources_silent_for_long_are_dropped(store: Store) -> None:
    gone = (*SOURCES, Source("gone", "", ""))
    store.tick(START, [Batch(Owner.VM, VM, gone, [1.0, 1.0, 1.0, 1.0])])
    run(store, 1, 10, domid=0)
    store.reap(START - 10)
    owned = store.get(VM)
    assert owned is not None
    assert "gone" in owned.positions
    store.reap(START + 10)
    assert sorted(owned.positions) == ["d", "g"]


def test_a_plugin_adds_to_an_owner_and_leaves(store: Store) -> None:
    extra = (Source("extra", "", ""),)
    for tick in range(3):
        now = START + tick * STEP
        store.tick(
            now,
            [
                Batch(Owner.HOST, HOST, SOURCES, [1.0, 2.0, 3.0]),
                Batch(Owner.HOST, HOST, extra, [9.0], stamp=now - 1, origin="p"),
            ],
        )
    owned = store.get(HOST)
    assert owned is not None
    assert owned.newest()["extra"] == 9.0
    store.tick(START + 15, [Batch(Owner.HOST, HOST, SOURCES, [1.0, 2.0, 3.0])])
    assert math.isnan(owned.newest()["extra"])
    assert owned.newest()["g"] == 1.0


def test_a_full_disk_leaves_sources_out_and_the_rest_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run(store, 0, 3)

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    many = tuple(Source(f"s{i}", "", "") for i in range(300))
    store.tick(START + 15, [Batch(Owner.VM, OTHER, many, [1.0] * 300)])
    owned = store.get(OTHER)
    assert owned is not None
    assert 200 < len(owned.newest()) < 300
