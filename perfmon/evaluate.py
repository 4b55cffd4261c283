"""From rows of metrics to alarms: what was bad for its period alarms, and then is quiet for a while; pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from perfmon.rules import Rule

Row = Mapping[str, float]
"""Values of one object's sources at one time."""

DomainUsage = Callable[[str], float | None]
"""`fs_usage`, `log_fs_usage` or `mem_usage` of the control domain we run in, as a fraction."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is to be told: `text` is a message's body."""

    rule: Rule
    value: float

    @property
    def text(self) -> str:
        """As mail programs and clients parse it."""
        return f"value: {self.value:f}\nconfig:\n{self.rule.xml}"


class Variable:
    """One rule's state. Time is counted in rows: without rows nothing changes."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._left = rule.period
        self._quiet_until = -math.inf

    def take(self, time: float, step: int, value: float) -> Alarm | None:
        """The value of a row; what is unknown says nothing."""
        if math.isnan(value):
            return None
        if not self.rule.bad(value):
            self._left = self.rule.period
            return None
        self._left -= step
        if self._left > 0:
            return None
        self._left = self.rule.period
        if time < self._quiet_until:
            return None
        self._quiet_until = time + self.rule.inhibit
        return Alarm(self.rule, value)


class Watched:
    """An object with its variables. Rules that did not change keep their state."""

    def __init__(self) -> None:
        self._variables: list[Variable] = []

    def set_rules(self, rules: Iterable[Rule]) -> None:
        """Have these rules from now on."""
        old = {variable.rule: variable for variable in self._variables}
        self._variables = [old.get(rule) or Variable(rule) for rule in rules]

    def take(self, time: float, step: int, row: Row, usage: DomainUsage) -> list[Alarm]:
        """The alarms of one row."""
        found = []
        for variable in self._variables:
            alarm = variable.take(time, step, _value(variable.rule, row, usage))
            if alarm is not None:
                found.append(alarm)
        return found


def _value(rule: Rule, row: Row, usage: DomainUsage) -> float:
    match rule.consolidation:
        case "get_percent_fs_usage":
            return _or_unknown(usage("fs_usage"))
        case "get_percent_log_fs_usage":
            return _or_unknown(usage("log_fs_usage"))
        case "get_percent_mem_usage":
            return _or_unknown(usage("mem_usage"))
        case "get_percent_sr_usage":
            size = row.get("size", math.nan)
            return row.get("physical_utilisation", math.nan) / size if size > 0 else math.nan
    return consolidate(rule.consolidation, [value for name, value in row.items() if rule.pattern.fullmatch(name)])


def consolidate(function: str, values: Sequence[float]) -> float:
    """Sum, average or greatest of those that are known; unknown when none is."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return math.nan
    match function:
        case "average":
            return sum(known) / len(known)
        case "max":
            return max(known)
    return sum(known)


def _or_unknown(value: float | None) -> float:
    return math.nan if value is None else value
