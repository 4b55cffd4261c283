"""Lines as they come: what is chosen, titles whenever the columns change, and a host that goes away."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from rrdd.host_api import Entry, Host, Unanswered
from rrdd.rrd2csv import Heads, Selector, line, lines, selector

CPU = Entry("AVERAGE", "vm", "u1", "cpu0")
MEMORY = Entry("MAX", "host", "u2", "memory")
NOW = 1_800_000_000
Answer = tuple[list[Entry], list[tuple[int, list[float]]]] | Unanswered


class Told(Host):
    """A host that answers what it was told to."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self._answers = iter(answers)

    def updates(self, start: int, interval: int) -> tuple[list[Entry], list[tuple[int, list[float]]]]:
        answer = next(self._answers, None)
        if answer is None:
            raise KeyboardInterrupt
        if isinstance(answer, Unanswered):
            raise answer
        return answer

    def names(self, owner: str) -> dict[str, str]:
        return {"u1": "a, b"} if owner == "vm" else {}

    def units(self, owner: str, uuid: str) -> dict[str, str]:
        return {"cpu0": "(fraction)"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: float(NOW))
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def printed(*answers: Answer, wanted: tuple[str, ...] = (), step: int = 5, names: bool = False) -> list[str]:
    host = Told(*answers)
    heads = Heads(host, names=names, units=names)

    def until_stopped() -> Iterator[str]:
        try:
            yield from lines(host, [selector(text) for text in wanted], heads, step)
        except KeyboardInterrupt:
            return

    return list(itertools.islice(until_stopped(), 100))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cpu0", [CPU]),
        (":::cpu0", [CPU]),
        ("max:host::", [MEMORY]),
        ("AVERAGE:vm:u1:cpu0", [CPU]),
        ("::U1:", [CPU]),
        (":::", [CPU, MEMORY]),
        ("disk", []),
    ],
)
def test_what_a_selector_chooses(text: str, found: list[Entry]) -> None:
    assert [entry for entry in (CPU, MEMORY) if selector(text).chooses(entry)] == found


def test_a_selector_has_four_parts() -> None:
    assert selector("::u:odd:name") == Selector(uuid="u", metric="odd:name")
    with pytest.raises(ValueError, match="consolidation"):
        selector("vm:u:cpu0")


def test_rows_follow_each_other_once() -> None:
    rows = [(NOW - 5, [0.5, 1.0]), (NOW, [float("nan"), 2.0])]
    assert printed(([CPU, MEMORY], rows), ([CPU, MEMORY], [*rows[1:], (NOW + 5, [0.25, 3.0])])) == [
        "timestamp, AVERAGE:vm:u1:cpu0, MAX:host:u2:memory",
        "2027-01-15T07:59:55Z, 0.5, 1",
        "2027-01-15T08:00:00Z, N/A, 2",
        "2027-01-15T08:00:05Z, 0.25, 3",
    ]


def test_titles_come_again_when_the_columns_change() -> None:
    one, two = ([CPU], [(NOW, [1.0])]), ([CPU, MEMORY], [(NOW + 5, [1.0, 2.0])])
    assert [text for text in printed(one, two) if text.startswith("timestamp")] == [
        "timestamp, AVERAGE:vm:u1:cpu0",
        "timestamp, AVERAGE:vm:u1:cpu0, MAX:host:u2:memory",
    ]
    assert len([text for text in printed(one, two, wanted=("cpu0",)) if text.startswith("timestamp")]) == 1


def test_a_longer_step_leaves_rows_out() -> None:
    rows = [(NOW + 5 * i, [float(i)]) for i in range(6)]
    assert [text.split(", ")[1] for text in printed(([CPU], rows), step=15)[1:]] == ["1", "4"]


def test_names_and_units() -> None:
    assert printed(([CPU], []), names=True) == ['timestamp, "AVERAGE:vm:a, b:cpu0 (fraction)"']
    assert line(['say "no"']) == '"say ""no"""'


def test_a_host_that_goes_away_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    away = Unanswered("HTTP 503")
    assert len(printed(([CPU], [(NOW, [1.0])]), away, away, ([CPU], [(NOW + 5, [1.0])]))) == 3
    assert capsys.readouterr().err == "rrd2csv: HTTP 503\n" * 2
    with pytest.raises(Unanswered):
        printed(away)
