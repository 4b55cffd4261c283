"""When a variable alarms."""

from __future__ import annotations

import math

import pytest

from perfmon.domain import memory
from perfmon.evaluate import Watched, consolidate
from perfmon.metrics import parse as parse_rows
from perfmon.rules import parse

STEP = 60
XML = (
    '<config><variable><name value="cpu_usage"/><alarm_trigger_level value="0.5"/>'
    '<alarm_trigger_period value="{period}"/><alarm_auto_inhibit_period value="600"/></variable></config>'
)


def watched(period: int = 120) -> Watched:
    made = Watched()
    made.set_rules(parse(XML.format(period=period), "VM", "u").own)
    return made


def alarms(made: Watched, values: list[float], begin: int = 0) -> list[int]:
    """The numbers of the rows that alarmed."""
    return [
        i
        for i, value in enumerate(values, start=begin)
        if made.take(i * STEP, STEP, {"cpu0": value, "cpu1": value, "memory": 1e9}, lambda _name: None)
    ]


def test_an_alarm_when_it_was_bad_for_its_period() -> None:
    assert alarms(watched(), [0.9, 0.1, 0.9, 0.9, 0.9]) == [3]


def test_then_it_is_quiet_for_a_while() -> None:
    assert alarms(watched(60), [0.9] * 25) == [0, 10, 20]


def test_what_is_unknown_changes_nothing() -> None:
    assert alarms(watched(180), [0.9, 0.9, math.nan, math.nan, 0.9]) == [4]


def test_the_same_rules_read_again_keep_their_state_others_begin() -> None:
    made = watched(180)
    assert alarms(made, [0.9, 0.9]) == []
    made.set_rules(parse(XML.format(period=180), "VM", "u").own)
    assert alarms(made, [0.9], begin=2) == [2]
    made.set_rules(parse(XML.format(period=240), "VM", "u").own)
    assert alarms(made, [0.9], begin=3) == []


def test_the_text_is_the_original_s() -> None:
    (alarm,) = watched(60).take(0, STEP, {"cpu0": 0.986414}, lambda _name: None)
    assert alarm.text == (
        "value: 0.986414\nconfig:\n<variable>\n"
        '\t<name value="cpu_usage"/>\n\t<alarm_trigger_level value="0.5"/>\n'
        '\t<alarm_trigger_period value="60"/>\n\t<alarm_auto_inhibit_period value="600"/>\n</variable>\n'
    )


def test_the_share_of_an_sr_and_the_control_domain_s_own_usage() -> None:
    full, domain = Watched(), Watched()
    xml = '<config><variable><name value="{}"/></variable></config>'
    full.set_rules(parse(xml.format("physical_utilisation"), "SR", "u").own)
    (alarm,) = full.take(0, STEP, {"physical_utilisation": 85.0, "size": 100.0}, lambda _name: None)
    assert alarm.value == 0.85
    assert not full.take(0, STEP, {"physical_utilisation": 85.0, "size": 0.0}, lambda _name: None)
    domain.set_rules(parse(xml.format("log_fs_usage"), "VM", "u").own)
    assert domain.take(0, STEP, {}, {"log_fs_usage": 0.95}.get)
    domain.set_rules(parse(xml.format("mem_usage"), "VM", "u").own)
    assert not domain.take(0, STEP, {}, lambda _name: None)


@pytest.mark.parametrize(("function", "expected"), [("sum", 6.0), ("average", 2.0), ("max", 3.0)])
def test_consolidation(function: str, expected: float) -> None:
    assert consolidate(function, [1.0, math.nan, 2.0, 3.0]) == expected
    assert math.isnan(consolidate(function, [math.nan]))


def test_memory_in_use() -> None:
    assert memory("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 250 kB\nHugePages: 0\n") == 0.75


def test_rows_are_read_oldest_first_and_odd_entries_left_out() -> None:
    body = (
        b'{"meta":{"start":"60","step":"60","end":"120","rows":"2","columns":"3","legend":'
        b'["AVERAGE:vm:u:cpu0","AVERAGE:vm:u:a:b","AVERAGE:host:h:x"]},'
        b'"data":[{"t":"120","values":["0.5","1","NaN"]},{"t":"60","values":["0.25","1","3"]}]}'
    )
    rows = parse_rows(body)
    assert (rows.end, rows.step, rows.owners) == (120, 60, frozenset({("vm", "u"), ("host", "h")}))
    assert [time for time, _ in rows.rows] == [60, 120]
    assert rows.rows[0][1] == {("vm", "u"): {"cpu0": 0.25}, ("host", "h"): {"x": 3.0}}
    assert math.isnan(rows.rows[1][1]["host", "h"]["x"])
