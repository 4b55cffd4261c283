"""`make bench`: measures a development host with the simulator, one JSON object a line.

`--table FILE` also writes the lines as a table; `--only PART` (host, metrics, 50, 1000, 5000) measures a part.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from common.development.layout import CACHE
from tests.bench import bench_rrd, calibrate, calls, checks, client, events, machine
from tests.bench.calibrate import Machine
from tests.bench.lines import Line, Report, table
from tests.integration.host import DevelopmentHost, started

SETTINGS = "connections = 4000\n"
"""A thousand waiters are more than one listener takes by default."""
PARTS = ("host", "metrics", *map(str, calls.SIZES))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--only", choices=PARTS, action="append")
    flags = parser.parse_args()
    if os.geteuid() != 0:
        parser.exit(2, "make bench: needs root, for the host's network namespace\n")
    report = Report(sys.stdout)
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as name:
        folder = Path(name)
        (folder / "cache").symlink_to(CACHE)
        settings = folder / "hosts/host1/etc/xapi-toolstack/xapi.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text(SETTINGS)
        with redirect_stdout(sys.stderr), started(folder, "simulator") as host:
            measure(host, flags.only or PARTS, report)
    if flags.table:
        flags.table.write_text(table(report.lines))


def measure(host: DevelopmentHost, parts: list[str] | tuple[str, ...], report: Report) -> None:
    """The chosen parts, on a host that was just started."""
    if "host" in parts:
        machine.daemons(report, host)
        machine.run_again(report, host)
    if "metrics" in parts:
        bench_rrd.run(report)
    for size in calls.SIZES:
        if str(size) in parts:
            sized(host, report, size)
    session = machine.login(host)
    now = calibrated(host, report, "the host")
    if "host" in parts:
        machine.small(report, now, host, session)
        machine.cycles(report, now, session)
        checks.run(report, session, host.daemon("xapi").pid)
        events.crowd(report, session, host.state.username, host.password)
    if str(calls.SIZES[-1]) in parts:
        machine.listing(report, now, host)
        machine.restart(report, now, host)


def sized(host: DevelopmentHost, report: Report, size: int) -> None:
    """Everything that depends on the number of VMs."""
    session = machine.login(host)
    fill(session, size)
    pid = host.daemon("xapi").pid
    at = calls.SIZES.index(size)
    now = calibrated(host, report, f"{size:,} VMs")
    report.add(Line(f"memory of xapi before, {size:,} VMs", machine.resident(pid), "MB", 1, machine.XAPI_MEMORY[at]))
    calls.Table(report, now, session, size).run()
    events.run(report, now, session, size)
    limit = machine.LOADED_MEMORY[at]
    target = limit / machine.LIMIT_AT_5000 if size == calls.SIZES[-1] else None
    report.add(Line(f"memory of xapi after, {size:,} VMs", machine.resident(pid), "MB", 1, limit, target))


def fill(session: client.Session, size: int) -> None:
    """Clone a template until there are `size` VMs, templates not counted."""
    [template, *_] = session.call("VM.get_by_name_label", "Other install media")
    there = sum(not record["is_a_template"] for record in session.call("VM.get_all_records").values())
    for number in range(there, size):
        vm = session.call("VM.clone", template, f"vm {number}")
        session.call("VM.set_is_a_template", vm, False)


def calibrated(host: DevelopmentHost, report: Report, when: str) -> Machine:
    """The machine's speed now, told."""
    now = calibrate.measure(host.root)
    report.add(Line(f"index of the machine, {when}", now.index, "", 1))
    report.add(Line(f"syncs of the disk, {when}", now.syncs, "/s", 1))
    return now


if __name__ == "__main__":
    main()
