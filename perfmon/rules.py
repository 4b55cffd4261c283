"""Alarm rules, as XML in `other_config:perfmon` of a VM, host, SR or pool; pure.

    <config><variable><name value="cpu_usage"/><alarm_trigger_level value="0.9"/></variable></config>

Nothing in the text is trusted: it is limited in size, has no document type, and a pattern may not take for ever.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

KEY = "perfmon"
"""The key of `other_config` that holds an object's rules, as XML."""
LONGEST = 64 * 1024  # characters of the XML
MOST = 200  # variables of an object
LONGEST_PATTERN = 256
SLOW = re.compile(r"\)[*+{]|\\[0-9]|\(\?")
"""A repeated group, a back reference, a look-around: what can make a pattern take for ever."""
MOST_REPEATS = 3
NEVER = r"(?!)"

FS_USAGE, LOG_FS_USAGE, MEM_USAGE = "fs_usage", "log_fs_usage", "mem_usage"
PER_HOST = "sr_io_throughput_total_per_host"

PATTERNS: Mapping[str, Mapping[str, str]] = {
    "VM": {
        "cpu_usage": r"cpu[0-9]+",
        "network_usage": r"vif_[0-9]+_[rt]x",
        "disk_usage": r"vbd_(xvd|hd)[a-z]+_(read|write)",
        "memory_internal_free": r"memory_internal_free",
        FS_USAGE: NEVER,
        LOG_FS_USAGE: NEVER,
        MEM_USAGE: NEVER,
    },
    "host": {
        "cpu_usage": r"cpu[0-9]+",
        "network_usage": r"pif_eth[0-9]+_[rt]x",
        "memory_free_kib": r"memory_free_kib",
    },
    "SR": {"physical_utilisation": r"physical_utilisation|size", PER_HOST: NEVER},
}
"""By class and variable: the sources it is made of."""

CONSOLIDATIONS: Mapping[tuple[str, str], str] = {
    ("VM", "cpu_usage"): "average",
    ("host", "cpu_usage"): "average",
    ("VM", FS_USAGE): "get_percent_fs_usage",
    ("VM", LOG_FS_USAGE): "get_percent_log_fs_usage",
    ("VM", MEM_USAGE): "get_percent_mem_usage",
    ("SR", "physical_utilisation"): "get_percent_sr_usage",
}
LEVELS: Mapping[tuple[str, str], float] = {
    ("VM", FS_USAGE): 0.9,
    ("VM", LOG_FS_USAGE): 0.9,
    ("VM", MEM_USAGE): 0.95,
    ("SR", "physical_utilisation"): 0.8,
}
LOW = {("VM", "memory_internal_free"), ("host", "memory_free_kib")}
KNOWN_CONSOLIDATIONS = {"sum", "average", "max", *CONSOLIDATIONS.values()}
SR_THROUGHPUT = re.compile(r"sr_(io_throughput_total_[0-9a-f]{8})")


class BadRules(Exception):
    """Rules that can't be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One variable and when it alarms. `xml` is what the alarm's text repeats."""

    name: str
    level: float
    low: bool
    period: int
    inhibit: int
    priority: int
    consolidation: str
    pattern: re.Pattern[str]
    xml: str

    def bad(self, value: float) -> bool:
        """Whether a value is beyond the level."""
        return value < self.level if self.low else value > self.level


@dataclass(frozen=True, slots=True)
class Rules:
    """What an object's rules are: for itself, and for the hosts that use it."""

    own: tuple[Rule, ...]
    for_hosts: tuple[Rule, ...] = ()


def carriers(records: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """References of the records that carry rules."""
    return [ref for ref, record in records.items() if record.get("other_config", {}).get(KEY)]


def parse(text: str, cls: str, uuid: str) -> Rules:
    """The rules in `text` of an object of class VM, host or SR. Raises `BadRules`."""
    variables = _variables(text)
    own, for_hosts = [], []
    for fields in variables:
        if cls == "SR" and fields.get("name") == PER_HOST:
            if "rrd_regex" in fields:
                raise BadRules(f"{PER_HOST} takes no rrd_regex")
            name = f"sr_io_throughput_total_{uuid[:8]}"
            for_hosts.append(_rule({**fields, "name": name, "configured_on": f"class='SR' uuid='{uuid}'"}, "host"))
        else:
            own.append(_rule(fields, cls))
    return Rules(tuple(own), tuple(for_hosts))


def _variables(text: str) -> list[dict[str, str]]:
    if len(text) > LONGEST:
        raise BadRules(f"{len(text)} characters")
    found: list[dict[str, str]] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth == 1 and name != "config":
            raise BadRules(f"<{name}> in place of <config>")
        if depth == 2:
            if name != "variable":
                raise BadRules(f"<{name}> in place of <variable>")
            found.append({})
        if depth == 3:
            found[-1][name] = attributes.get("value", "")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_args: object) -> None:
        raise BadRules("document types are refused")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = start, end, refuse
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise BadRules(str(error)) from error
    if len(found) > MOST:
        raise BadRules(f"{len(found)} variables")
    return found


def _rule(fields: Mapping[str, str], cls: str) -> Rule:
    name = fields.get("name", "")
    if not name:
        raise BadRules("a variable without a name")
    key = cls, name
    sense = fields.get("alarm_trigger_sense", "low" if key in LOW else "high")
    if sense not in {"high", "low"}:
        raise BadRules(f"{name}: alarm_trigger_sense {sense!r:.50}")
    consolidation = fields.get("consolidation_fn", CONSOLIDATIONS.get(key, "sum"))
    if consolidation not in KNOWN_CONSOLIDATIONS:
        raise BadRules(f"{name}: consolidation_fn {consolidation!r:.50}")
    if "alarm_trigger_level" not in fields and key not in LEVELS:
        raise BadRules(f"{name}: no alarm_trigger_level")
    return Rule(
        name=name,
        level=_number(fields, "alarm_trigger_level", LEVELS.get(key, 0.0), float),
        low=sense == "low",
        period=_number(fields, "alarm_trigger_period", 60, int),
        inhibit=_number(fields, "alarm_auto_inhibit_period", 3600, int),
        priority=_number(fields, "alarm_priority", 3, int),
        consolidation=consolidation,
        pattern=_pattern(fields, cls, name),
        xml=_pretty(fields),
    )


def _number(fields: Mapping[str, str], key: str, default: float, kind: Callable[[str], Any]) -> Any:
    if key not in fields:
        return default
    try:
        value = kind(fields[key])
    except (ValueError, OverflowError) as error:
        raise BadRules(f"{key}: {fields[key]!r:.50}") from error
    if not math.isfinite(value) or (kind is int and not 0 <= value <= 10**9):
        raise BadRules(f"{key}: {fields[key]!r:.50}")
    return value


def _pattern(fields: Mapping[str, str], cls: str, name: str) -> re.Pattern[str]:
    throughput = SR_THROUGHPUT.fullmatch(name) if cls == "host" else None
    default = throughput[1] if throughput else PATTERNS.get(cls, {}).get(name)
    text = fields.get("rrd_regex", default)
    if text is None:
        raise BadRules(f"{name}: no rrd_regex")
    if text != default:
        repeats = sum(text.count(sign) for sign in "*+{")
        if len(text) > LONGEST_PATTERN or SLOW.search(text) or repeats > MOST_REPEATS:
            raise BadRules(f"{name}: an rrd_regex that might take for ever")
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise BadRules(f"{name}: rrd_regex: {error}") from error


def _pretty(fields: Mapping[str, str]) -> str:
    lines = [f'\t<{key} value="{_escape(value)}"/>\n' for key, value in fields.items()]
    return f"<variable>\n{''.join(lines)}</variable>\n"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
