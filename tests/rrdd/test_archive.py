"""Primary data points, consolidation, clocks, and what `kill -9` leaves."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from common.idl.rrd import Owner
from rrdd.rrd.bank import SMALLEST, Column
from rrdd.rrd.block import Block
from rrdd.rrd.layout import STEP, Consolidation, Layout
from rrdd.source import Kind, Source
from tests.rrdd.conftest import UUID, Make

GAUGE = Source("g", "", "B")
DERIVE = Source("d", "", "B/s", Kind.DERIVE)
ABSOLUTE = Source("a", "", "1/s", Kind.ABSOLUTE)
USAGE = Source("cpu0", "", "(fraction)", Kind.DERIVE, 0.0, 1.0, inverse=True)


def test_a_gauge_is_kept_as_it_is(database: Make) -> None:
    rrd = database(GAUGE)
    for i in range(1, 4):
        rrd.update(1000.0 + i * STEP, {"g": 7.0})
    assert rrd.newest("g") == 7.0


def test_a_derive_is_the_difference_and_an_absolute_the_value_by_the_interval(database: Make) -> None:
    rrd = database(DERIVE, ABSOLUTE)
    for i in range(1, 4):
        rrd.update(1000.0 + i * STEP, {"d": 100.0 * i, "a": 50.0})
    assert rrd.newest("d") == pytest.approx(20.0, rel=1e-12)
    assert rrd.newest("a") == pytest.approx(10.0, rel=1e-12)


def test_updates_between_boundaries_are_weighted_by_their_seconds(database: Make) -> None:
    rrd = database(GAUGE)
    rrd.update(1002.0, {"g": 10.0})
    rrd.update(1007.0, {"g": 20.0})
    # 2 s of 10 and 3 s of 20.
    assert rrd.newest("g") == pytest.approx(16.0, rel=1e-12)


def test_a_counter_that_restarts_leaves_one_unknown_and_no_spike(database: Make) -> None:
    rrd = database(DERIVE)
    for i, value in enumerate([100.0, 200.0, 5.0, 105.0], start=1):
        rrd.update(1000.0 + i * STEP, {"d": value})
    assert rrd.column(0, "d")[-3:] == pytest.approx([20.0, math.nan, 20.0], nan_ok=True)


@pytest.mark.parametrize("size", [2**32, 2**53, 2**64])
def test_a_counter_that_wraps_does_so_too(database: Make, size: int) -> None:
    rrd = database(DERIVE)
    for i, value in enumerate([size - 4096, size - 2048, 2048, 4096], start=1):
        rrd.update(1000.0 + i * STEP, {"d": float(value)})
    assert rrd.column(0, "d")[-3:] == pytest.approx([2048 / 5, math.nan, 2048 / 5], nan_ok=True)


def test_idle_time_turns_into_usage_and_a_little_overshoot_is_capped(database: Make) -> None:
    rrd = database(USAGE, Source("plain", "", "", Kind.DERIVE, 0.0, 1.0))
    rrd.update(1005.0, {"cpu0": 0.0, "plain": 0.0})
    rrd.update(1010.0, {"cpu0": 4.0, "plain": 5.2})
    assert rrd.newest("cpu0") == pytest.approx(0.2)
    assert rrd.newest("plain") == 1.0
    rrd.update(1015.0, {"cpu0": 4.0, "plain": 5.2 + 5.5})
    assert math.isnan(rrd.newest("plain"))


def test_a_gap_above_the_heartbeat_is_unknown_and_moves_the_ring(database: Make) -> None:
    rrd = database(GAUGE)
    rrd.update(1005.0, {"g": 1.0})
    rrd.update(1005.0 + 400, {"g": 1.0})
    assert np.isnan(rrd.column(0, "g")[-80:]).all()
    assert rrd.column(0, "g")[-81] == 1.0


def test_a_missed_reading_costs_its_own_step_only(database: Make) -> None:
    rrd = database(DERIVE)
    rrd.update(1005.0, {"d": 0.0})
    rrd.update(1010.0, {"d": 10.0})
    rrd.update(1015.0, {})
    rrd.update(1020.0, {"d": 30.0})
    assert rrd.column(0, "d")[-3:] == pytest.approx([2.0, math.nan, 2.0], nan_ok=True)


def test_a_reading_s_own_time_decides_its_rate(database: Make) -> None:
    rrd = database(DERIVE)
    rrd.update(1005.0, {"d": 0.0}, stamp=1000.5)
    rrd.update(1010.0, {"d": 100.0}, stamp=1004.5)
    assert rrd.newest("d") == pytest.approx(25.0)


def test_the_clock_going_back_counts_as_one_step_and_drops_the_future(database: Make) -> None:
    rrd = database(DERIVE, GAUGE)
    for i in range(1, 61):
        rrd.update(1000.0 + i * STEP, {"d": i * 50.0, "g": float(i)})
    rrd.update(1200.0, {"d": 3050.0, "g": 99.0})
    assert rrd.bank.last_updated == 1200.0
    assert rrd.newest("d") == pytest.approx(10.0)
    assert rrd.column(0, "g")[-3:] == [38.0, 39.0, 99.0]
    # Not one row of what was the future is told as the past.
    assert rrd.column(0, "g")[:80] == pytest.approx([math.nan] * 80, nan_ok=True)
    for i in range(1, 30):
        rrd.update(1200.0 + i * STEP, {"d": 3050.0 + i * 50, "g": 1.0})
    assert rrd.newest("d") == pytest.approx(10.0)


@pytest.mark.parametrize("jump", [-1e9, -3600.0, -0.5, 0.5, 86400.0 * 400, 1e9])
def test_any_jump_is_survived(database: Make, jump: float) -> None:
    start = 1.8e9
    rrd = database(GAUGE, at=start)
    for i in range(1, 30):
        rrd.update(start + i * STEP, {"g": 1.0})
    start = start + 30 * STEP + jump
    for i in range(40):
        rrd.update(start + i * STEP, {"g": 2.0})
    assert rrd.newest("g") == 2.0
    minute = rrd.column(1, "g")
    assert minute[-2] == pytest.approx(2.0, abs=0.01)
    assert set(np.round([v for v in minute if not math.isnan(v)], 6)) <= {1.0, 2.0} or jump in {-0.5, 0.5}


def test_counters_of_another_domain_start_anew(database: Make) -> None:
    rrd = database(DERIVE, GAUGE)
    rrd.update(1005.0, {"d": 100.0, "g": 1.0})
    rrd.bank.restart(rrd.positions.values(), 8)
    rrd.update(1010.0, {"d": 500.0, "g": 1.0})
    assert math.isnan(rrd.newest("d"))
    assert rrd.newest("g") == 1.0
    assert rrd.bank.generation(rrd.positions["d"]) == 8


def test_a_column_given_out_again_tells_nothing_of_its_former_owner(database: Make) -> None:
    rrd = database(GAUGE)
    for i in range(1, 30):
        rrd.update(1000.0 + i * STEP, {"g": 3.0})
    at = rrd.positions["g"]
    rrd.bank.give_back([at])
    assert rrd.bank.take(Column(Owner.VM, UUID, DERIVE), 1, 1200.0) == at
    rrd.positions = {"d": at}
    rrd.update(1150.0, {"d": 1.0})
    rrd.update(1155.0, {"d": 11.0})
    assert rrd.newest("d") == 2.0
    assert np.isnan(rrd.column(0, "d")[:-1]).all()
    assert np.isnan(rrd.column(1, "d")).all()


def test_more_columns_than_a_block_has(database: Make) -> None:
    rrd = database(*(Source(f"s{i}", "", "") for i in range(3 * SMALLEST + 5)), extremes=False)
    rrd.update(1005.0, {f"s{i}": float(i) for i in range(3 * SMALLEST + 5)})
    assert rrd.bank.newest(list(rrd.positions.values())) == [float(i) for i in range(3 * SMALLEST + 5)]


def test_killed_and_opened_again_nothing_is_lost(database: Make) -> None:
    rrd = database(GAUGE, DERIVE)
    for i in range(1, 100):
        rrd.update(1000.0 + i * STEP, {"g": float(i), "d": i * 10.0})
    again = rrd.opened_again()
    again.update(1000.0 + 100 * STEP, {"g": 100.0, "d": 1000.0})
    assert again.column(0, "g")[-4:] == [97.0, 98.0, 99.0, 100.0]
    assert again.newest("d") == pytest.approx(2.0)
    minutes = again.column(1, "d")[-7:]
    assert minutes == pytest.approx([2.0] * 7)


def test_away_for_a_minute_the_counters_fill_the_gap(database: Make) -> None:
    rrd = database(DERIVE)
    for i in range(1, 10):
        rrd.update(1000.0 + i * STEP, {"d": i * 10.0})
    again = rrd.opened_again()
    again.update(1045.0 + 60, {"d": 90.0 + 120.0})
    assert again.column(0, "d")[-15:] == pytest.approx([2.0] * 15)


@pytest.mark.parametrize("size", [0, 100, 5000, 10**6])
def test_a_truncated_file_is_set_aside(database: Make, size: int) -> None:
    rrd = database(GAUGE)
    rrd.update(1005.0, {"g": 1.0})
    path = next(Path(rrd.directory).glob("*.rrd"))
    path.write_bytes(path.read_bytes()[:size])
    again = rrd.opened_again()
    assert again.positions == {}
    assert path.with_suffix(".damaged").exists()
    again.positions = {"g": again.bank.take(Column(Owner.VM, UUID, GAUGE), 7, 1005.0)}
    again.update(1010.0, {"g": 2.0})
    assert again.newest("g") == 2.0
    assert np.isnan(again.column(0, "g")[:-2]).all()


def test_another_version_is_set_aside(database: Make) -> None:
    rrd = database(GAUGE)
    rrd.update(1005.0, {"g": 1.0})
    path = next(Path(rrd.directory).glob("*.rrd"))
    path.write_bytes(b"RRDBLK99" + path.read_bytes()[8:])
    assert rrd.opened_again().bank.capacity == SMALLEST
    assert path.with_suffix(".damaged").exists()


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xdd\xff\xff\xff\xff"])
def test_a_damaged_index_is_set_aside(database: Make, content: bytes) -> None:
    rrd = database(GAUGE)
    rrd.update(1005.0, {"g": 1.0})
    next(Path(rrd.directory).glob("*.index")).write_bytes(content)
    assert rrd.opened_again().positions == {}


@pytest.mark.parametrize("consolidation", list(Consolidation))
@pytest.mark.parametrize("runs", [[1] * 50, [7, 1, 30, 12], [500]])
def test_consolidation_equals_doing_it_by_hand(tmp_path: Path, consolidation: Consolidation, runs: list[int]) -> None:
    block = Block(tmp_path / "block", [Layout(consolidation, 6, 20, 0.5)], SMALLEST, 0.0)
    ring = block.rings[0]
    ring.top = SMALLEST
    points: list[float] = []
    first = 3  # starts in the middle of a row
    for i, count in enumerate(runs):
        pdp = np.full(SMALLEST, math.nan if i % 5 == 4 else float((i * 7919) % 13))
        known = ~np.isnan(pdp)
        with np.errstate(all="ignore"):
            ring.add(first + len(points), count, pdp, np.where(known, pdp, 0.0), known)
        points += [float(pdp[0])] * count
    padded = [math.nan] * first + points
    whole = len(padded) // 6
    rows = [padded[i * 6 : i * 6 + 6] for i in range(whole)][-20:]

    def by_hand(row: list[float]) -> float:
        unknown = sum(math.isnan(v) for v in row)
        known = [v for v in row if not math.isnan(v)]
        if not known or unknown / 6 > 0.5:
            return math.nan
        functions = {Consolidation.MIN: min, Consolidation.MAX: max}
        return functions[consolidation](known) if consolidation in functions else sum(known) / len(known)

    found = [float(ring.table[i % 20, 0]) for i in range(whole - len(rows), whole)]
    assert found == pytest.approx([by_hand(row) for row in rows], nan_ok=True)
