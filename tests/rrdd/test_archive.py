"""Primary data points and consolidation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rrdd.rrd.archive import STEP, Archive, Consolidation, Layout, Rrd
from rrdd.source import Kind, Source

GAUGE = Source("g", "", "B")
DERIVE = Source("d", "", "B/s", Kind.DERIVE)
USAGE = Source("cpu0", "", "(fraction)", Kind.DERIVE, 0.0, 1.0, inverse=True)


def database(*sources: Source, at: float = 1000.0) -> Rrd:
    rrd = Rrd.empty(at, extremes=True)
    rrd.set_sources(list(sources))
    return rrd


def test_a_gauge_is_kept_as_it_is() -> None:
    rrd = database(GAUGE)
    for i in range(1, 4):
        rrd.update(1000.0 + i * STEP, {"g": 7.0})
    assert rrd.newest("g") == 7.0


def test_a_derive_is_the_difference_by_the_interval() -> None:
    rrd = database(DERIVE)
    for i in range(1, 4):
        rrd.update(1000.0 + i * STEP, {"d": 100.0 * i})
    assert rrd.newest("d") == pytest.approx(20.0, rel=1e-12)


def test_updates_between_boundaries_are_weighted_by_their_seconds() -> None:
    rrd = database(GAUGE)
    rrd.update(1002.0, {"g": 10.0})
    rrd.update(1007.0, {"g": 20.0})
    # 2 s of 10 and 3 s of 20.
    assert rrd.newest("g") == pytest.approx(16.0, rel=1e-12)


def test_a_counter_that_restarts_leaves_one_unknown_and_no_spike() -> None:
    rrd = database(DERIVE)
    for i, value in enumerate([100.0, 200.0, 5.0, 105.0], start=1):
        rrd.update(1000.0 + i * STEP, {"d": value})
    assert [row[0] for row in rrd.archives[0].rows()[-3:]] == pytest.approx([20.0, math.nan, 20.0], nan_ok=True)


def test_idle_time_turns_into_usage_and_a_little_overshoot_is_capped() -> None:
    rrd = database(USAGE)
    rrd.update(1005.0, {"cpu0": 0.0})
    rrd.update(1010.0, {"cpu0": 4.0})
    assert rrd.newest("cpu0") == pytest.approx(0.2)
    plain = database(Source("cpu0", "", "", Kind.DERIVE, 0.0, 1.0))
    plain.update(1005.0, {"cpu0": 0.0})
    plain.update(1010.0, {"cpu0": 5.2})
    assert plain.newest("cpu0") == 1.0
    plain.update(1015.0, {"cpu0": 5.2 + 5.5})
    assert math.isnan(plain.newest("cpu0"))


def test_a_gap_above_the_heartbeat_is_unknown_and_moves_the_ring() -> None:
    rrd = database(GAUGE)
    rrd.update(1005.0, {"g": 1.0})
    rrd.update(1005.0 + 400, {"g": 1.0})
    assert np.isnan(rrd.archives[0].rows()[-80:]).all()
    assert rrd.archives[0].rows()[-81, 0] == 1.0


def test_the_clock_going_back_counts_as_one_step() -> None:
    rrd = database(DERIVE)
    rrd.update(1005.0, {"d": 0.0})
    rrd.update(905.0, {"d": 50.0})
    assert rrd.last_updated == 905.0
    assert rrd.newest("d") == pytest.approx(10.0)


def test_another_domain_starts_its_counters_anew() -> None:
    rrd = database(DERIVE, GAUGE)
    rrd.update(1005.0, {"d": 100.0, "g": 1.0})
    rrd.forget_counters(8)
    rrd.update(1010.0, {"d": 500.0, "g": 1.0})
    assert math.isnan(rrd.newest("d"))
    assert rrd.newest("g") == 1.0


def test_a_new_source_keeps_the_history_of_the_others() -> None:
    rrd = database(GAUGE)
    rrd.update(1005.0, {"g": 3.0})
    rrd.set_sources([DERIVE, GAUGE])
    assert rrd.newest("g") == 3.0
    assert math.isnan(rrd.newest("d"))


@pytest.mark.parametrize("consolidation", list(Consolidation))
@pytest.mark.parametrize("runs", [[1] * 50, [7, 1, 30, 12], [500]])
def test_consolidation_equals_doing_it_by_hand(consolidation: Consolidation, runs: list[int]) -> None:
    layout = Layout(consolidation, 6, 20, 0.5)
    archive = Archive.empty(layout, 1)
    points: list[float] = []
    first = 3  # starts in the middle of a row
    for i, count in enumerate(runs):
        value = math.nan if i % 5 == 4 else float((i * 7919) % 13)
        archive.add(first + len(points), count, np.array([value]))
        points += [value] * count
    padded = [math.nan] * first + points
    # The first row began before we did: its missing points are not counted against it.
    rows = [padded[i : i + 6] for i in range(0, len(padded) // 6 * 6, 6)][-20:]

    def by_hand(row: list[float], *, began: bool) -> float:
        unknown = sum(math.isnan(v) for v in row) - (first if began else 0)
        known = [v for v in row if not math.isnan(v)]
        if not known or unknown / 6 > 0.5:
            return math.nan
        functions = {Consolidation.MIN: min, Consolidation.MAX: max}
        if consolidation in functions:
            return functions[consolidation](known)
        return sum(known) / (6 - unknown)

    expected = [by_hand(row, began=row is rows[0] and len(padded) // 6 <= 20) for row in rows]
    found = [float(v) for v in archive.rows()[-len(rows) :, 0]]
    assert found == pytest.approx(expected, nan_ok=True)
