"""`rrd2csv`: live metrics of a host as lines of comma-separated values, until it is stopped.

Only the standard library is imported: it runs on its own, beside the daemon, and asks the host's API as any client.
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rrdd.host_api import Entry, Host, Unanswered

STEPS = (5, 60, 3600, 86400)  # seconds between the rows that are kept
LATE = 0.5  # seconds after a row's time until it is there
UNKNOWN = "N/A"
QUOTE = '"'


@dataclass(frozen=True, slots=True)
class Selector:
    """What is wanted; an empty part is anything."""

    consolidation: str = ""
    owner: str = ""
    uuid: str = ""
    metric: str = ""

    def chooses(self, entry: Entry) -> bool:
        """Whether the entry is wanted."""
        pairs = (
            (self.consolidation.upper(), entry.consolidation),
            (self.owner.lower(), entry.owner),
            (self.uuid.lower(), entry.uuid),
            (self.metric, entry.metric),
        )
        return all(not wanted or wanted == found for wanted, found in pairs)


def selector(text: str) -> Selector:
    """`AVERAGE:vm:<uuid>:cpu0` with parts left empty, or a name alone. Raises ValueError."""
    parts = text.split(":", 3)
    if len(parts) == 1:
        return Selector(metric=text)
    if len(parts) != 4:
        raise ValueError(f"{text}: not consolidation:owner:uuid:metric")
    return Selector(*parts)


class Heads:
    """Titles of columns, with names and units where wanted; what was looked up is kept."""

    def __init__(self, host: Host, *, names: bool, units: bool) -> None:
        self._host, self._with_names, self._with_units = host, names, units
        self._names: dict[str, str] = {}
        self._units: dict[tuple[str, str], Mapping[str, str]] = {}

    def titles(self, entries: Sequence[Entry]) -> list[str]:
        """One for each entry. Raises `Unanswered`."""
        if self._with_names and {entry.uuid for entry in entries} - self._names.keys():
            for owner in {entry.owner for entry in entries}:
                self._names |= self._host.names(owner)
        return [self._title(entry) for entry in entries]

    def _title(self, entry: Entry) -> str:
        whose = self._names.get(entry.uuid, entry.uuid)
        title = f"{entry.consolidation}:{entry.owner}:{whose}:{entry.metric}"
        if not self._with_units:
            return title
        key = entry.owner, entry.uuid
        if key not in self._units:
            self._units[key] = self._host.units(*key)
        return f"{title} ({self._units[key].get(entry.metric, 'unknown').strip('()')})"


def lines(host: Host, wanted: Sequence[Selector], heads: Heads, step: int) -> Iterator[str]:
    """Lines as they come, for ever: titles whenever the columns change, then values. A host that is away is waited
    for; only the first question raises `Unanswered`.
    """
    interval = max(kept for kept in STEPS if kept <= step)
    last = int(time.time()) - 2 * interval
    shown: list[Entry] | None = None
    while True:
        try:
            entries, rows = host.updates(last, interval)
            columns = [at for at, entry in enumerate(entries) if not wanted or any(s.chooses(entry) for s in wanted)]
            if shown != (chosen := [entries[at] for at in columns]):
                titles = heads.titles(chosen)
                shown = chosen
                yield line(["timestamp", *titles])
        except Unanswered as error:
            if shown is None:
                raise
            print(f"rrd2csv: {error}", file=sys.stderr)
            time.sleep(step)
            continue
        for at, values in rows:
            if at >= last + step:
                last = at
                moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                yield line([moment, *(_number(values[column]) for column in columns)])
        time.sleep(max(LATE, last + step + LATE - time.time()))


def line(cells: Sequence[str]) -> str:
    """Cells as a line; one with a comma or a quote in it is quoted."""
    return ", ".join(f'"{c.replace(QUOTE, QUOTE * 2)}"' if {",", QUOTE, "\n"} & set(c) else c for c in cells)


def _number(value: float) -> str:
    return UNKNOWN if math.isnan(value) else f"{value:.15g}"


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="rrd2csv", description="Print live metrics as comma-separated values.")
    parser.add_argument("selectors", nargs="*", type=selector, metavar="SELECTOR",
                        help="a name like cpu0, or consolidation:owner:uuid:name with parts left empty")  # fmt: skip
    parser.add_argument("-n", action="store_true", dest="names", help="names of hosts, VMs and SRs in place of uuids")
    parser.add_argument("-s", type=int, default=5, dest="step", help="seconds between two lines, 5 or more")
    parser.add_argument("-u", action="store_true", dest="units", help="show units")
    parser.add_argument("--rows", type=int, help="stop after so many lines of values")
    parser.add_argument("--server", default="", metavar="HOST[:PORT]", help="another host than this one")
    parser.add_argument("--username", default="root")
    parser.add_argument("--password-file", type=Path, metavar="FILE")
    parser.add_argument("--certificate", default="", metavar="FILE", help="check the host's certificate by this one")
    found = parser.parse_args(argv)
    if found.step < STEPS[0]:
        parser.error(f"-s: at least {STEPS[0]}")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """The console script."""
    chosen = _options(argv)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        password = chosen.password_file.read_text().strip() if chosen.password_file else ""
        host = Host(chosen.server, chosen.username if chosen.server else "", password, chosen.certificate)
        heads = Heads(host, names=chosen.names, units=chosen.units)
        left = chosen.rows
        for text in lines(host, chosen.selectors, heads, chosen.step):
            print(text, flush=True)
            if left is not None and not text.startswith("timestamp"):
                left -= 1
                if left <= 0:
                    break
    except (Unanswered, OSError) as error:
        print(f"rrd2csv: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
