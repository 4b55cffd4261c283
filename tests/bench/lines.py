"""One figure, compared with the original's: a line of `make bench`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TextIO

RATES = {"/s"}
"""Units of which more is better; of all others less is."""


@dataclass(frozen=True)
class Line:
    """`baseline` is what the value is compared with, scaled to this machine; `target` the least ratio wanted."""

    name: str
    value: float
    unit: str
    n: int
    baseline: float | None = None
    target: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times better than the baseline: above 1 is faster, or smaller."""
        if not self.baseline or not self.value:
            return None
        return self.value / self.baseline if self.unit in RATES else self.baseline / self.value

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.target is None or self.ratio is None else self.ratio >= self.target


@dataclass
class Report:
    """Lines as they come: each is printed at once."""

    output: TextIO
    lines: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Print and keep it."""
        self.lines.append(line)
        ratio = line.ratio
        shown = {"name": line.name, "value": _short(line.value), "unit": line.unit, "n": line.n,
                 "baseline": None if line.baseline is None else _short(line.baseline),
                 "ratio": None if ratio is None else _short(ratio)}  # fmt: skip
        self.output.write(json.dumps(shown) + "\n")
        self.output.flush()


def table(lines: list[Line]) -> str:
    """The lines as a table in Markdown."""
    rows = ["| figure | value | baseline | ratio | target | |", "|---|---|---|---|---|---|"]
    for line in lines:
        baseline = "" if line.baseline is None else f"{_short(line.baseline):,} {line.unit}"
        ratio = "" if line.ratio is None else f"{_short(line.ratio):,}"
        target = "" if line.target is None else f"{_short(line.target):,}"
        verdict = {True: "met", False: "**missed**", None: ""}[line.met]
        rows.append(
            f"| {line.name} | {_short(line.value):,} {line.unit} | {baseline} | {ratio} | {target} | {verdict} |"
        )
    return "\n".join(rows) + "\n"


def _short(value: float) -> float:
    return round(value) if value >= 1000 else float(f"{value:.3g}")
