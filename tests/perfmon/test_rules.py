"""Alarm rules as administrators write them, and as enemies do."""

from __future__ import annotations

import time

import pytest

from perfmon.rules import MOST, BadRules, Rule, carriers, parse

UUID = "0123abcd-2222-3333-4444-555555555555"


def variable(**fields: str) -> str:
    return "<variable>" + "".join(f'<{key} value="{value}"/>' for key, value in fields.items()) + "</variable>"


def config(*variables: str) -> str:
    return f"<config>{''.join(variables)}</config>"


def one(cls: str, **fields: str) -> Rule:
    (rule,) = parse(config(variable(**fields)), cls, UUID).own
    return rule


def test_only_records_with_rules_are_carriers() -> None:
    records = {"a": {"other_config": {"perfmon": "<config/>"}}, "b": {"other_config": {"perfmon": ""}}, "c": {}}
    assert carriers(records) == ["a"]


def test_what_is_not_told_has_the_original_s_defaults() -> None:
    rule = one("VM", name="cpu_usage", alarm_trigger_level="0.9")
    assert (rule.level, rule.low, rule.period, rule.inhibit, rule.priority) == (0.9, False, 60, 3600, 3)
    assert rule.consolidation == "average"
    assert rule.pattern.fullmatch("cpu12")
    assert not rule.pattern.fullmatch("cpu_usage")


@pytest.mark.parametrize(
    ("cls", "name", "level", "low", "consolidation"),
    [
        ("VM", "fs_usage", 0.9, False, "get_percent_fs_usage"),
        ("VM", "log_fs_usage", 0.9, False, "get_percent_log_fs_usage"),
        ("VM", "mem_usage", 0.95, False, "get_percent_mem_usage"),
        ("SR", "physical_utilisation", 0.8, False, "get_percent_sr_usage"),
    ],
)
def test_some_need_no_level(cls: str, name: str, level: float, low: bool, consolidation: str) -> None:
    rule = one(cls, name=name)
    assert (rule.level, rule.low, rule.consolidation) == (level, low, consolidation)


@pytest.mark.parametrize(("cls", "name"), [("VM", "memory_internal_free"), ("host", "memory_free_kib")])
def test_free_memory_alarms_when_it_is_low(cls: str, name: str) -> None:
    rule = one(cls, name=name, alarm_trigger_level="1024")
    assert rule.bad(1023.0)
    assert not rule.bad(1024.0)


def test_any_source_by_its_pattern() -> None:
    rule = one("VM", name="mine", alarm_trigger_level="1", rrd_regex="vbd_xvd[ab]_iops_total", consolidation_fn="max")
    assert rule.pattern.fullmatch("vbd_xvdb_iops_total")
    assert rule.consolidation == "max"


def test_an_sr_s_throughput_is_watched_on_its_hosts() -> None:
    rules = parse(config(variable(name="sr_io_throughput_total_per_host", alarm_trigger_level="100")), "SR", UUID)
    assert rules.own == ()
    (rule,) = rules.for_hosts
    assert rule.name == "sr_io_throughput_total_0123abcd"
    assert rule.pattern.fullmatch("io_throughput_total_0123abcd")
    assert "<configured_on" in rule.xml


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "<config>",
        "<other/>",
        "<config><x/></config>",
        '<!DOCTYPE c [<!ENTITY a "aaaa">]><config/>',
        config(variable(alarm_trigger_level="1")),
        config(variable(name="cpu_usage")),
        config(variable(name="cpu_usage", alarm_trigger_level="high")),
        config(variable(name="cpu_usage", alarm_trigger_level="nan")),
        config(variable(name="cpu_usage", alarm_trigger_level="1", alarm_trigger_period="-5")),
        config(variable(name="cpu_usage", alarm_trigger_level="1", alarm_priority="9" * 5000)),
        config(variable(name="cpu_usage", alarm_trigger_level="1", alarm_trigger_sense="odd")),
        config(variable(name="cpu_usage", alarm_trigger_level="1", consolidation_fn="__import__")),
        config(variable(name="unheard_of", alarm_trigger_level="1")),
        config(variable(name="x", alarm_trigger_level="1", rrd_regex="(")),
        config(variable(name="x", alarm_trigger_level="1", rrd_regex="(a+)+b")),
        config(variable(name="x", alarm_trigger_level="1", rrd_regex="a*a*a*a*a*b")),
        config(variable(name="x", alarm_trigger_level="1", rrd_regex="(?=a)(a)\\1")),
        config(*[variable(name="fs_usage")] * (MOST + 1)),
        "<config>" + " " * 100_000 + "</config>",
    ],
)
def test_rules_that_can_t_be_used_are_refused_at_once(text: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(BadRules):
        parse(text, "VM", UUID)
    assert time.perf_counter() - begun < 1.0


def test_an_sr_s_per_host_variable_takes_no_pattern() -> None:
    with pytest.raises(BadRules):
        parse(
            config(variable(name="sr_io_throughput_total_per_host", alarm_trigger_level="1", rrd_regex="x")), "SR", UUID
        )
