"""`make test-xen`: runs one part of the tests marked `xen` inside an emulated Xen dom0, and reports them as ours.

`python -m tests.bed.run --part smoke`. A run that was cut short goes on where it stopped, as long as nothing changed.
The last line is `N passed, N failed, N skipped`; the status is 0 only when nothing failed and everything ran.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import textwrap
import time
from collections.abc import Sequence

from common import command
from common.errors import WireError
from tests.bed import bed, project, results
from tests.bed.layout import CACHE, CHECKOUT, BedFault, BedUnavailable
from tests.bed.pytests import Found, Inside, Outside, Pytest, find
from tests.bed.results import Record, Result

LIMITS = {"smoke": 720.0} | dict.fromkeys(("guests", "storage", "pool", "network", "metrics", "install"), 1500.0)
"""Seconds for each part, the image included."""
ATTEMPTS = 2  # boots in a row that may come to nothing before the bed is given up

BEGAN = time.monotonic()


def say(text: str) -> None:
    """One line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {text}", flush=True)


class Run:
    """One run of one part."""

    def __init__(self, part: str, record: Record, tests: Sequence[Found]) -> None:
        self._part, self._record, self._tests = part, record, tests
        self._faulty: set[str] = set()

    def left(self) -> list[Found]:
        """What has no result yet, in the order of the hosts it needs."""
        return sorted(
            (test for test in self._tests if test.name not in self._record.results), key=lambda test: test.bed
        )

    async def perform(self) -> None:
        """Boot and run until every test has a result. Raises `BedFault` when the bed doesn't boot twice in a row."""
        if not self.left():
            return
        async with bed.parts(say) as made:
            fruitless = 0
            while tests := self.left():
                needed = tests[0].bed
                before = len(tests)
                try:
                    await self._run_with(made, *needed, [test for test in tests if test.bed == needed])
                except (BedFault, WireError) as error:
                    self._note_fault(str(error))
                    fruitless = fruitless + 1 if len(self.left()) == before else 0
                    if fruitless == ATTEMPTS:
                        raise BedFault(f"{fruitless} boots in a row came to nothing: {error}") from error

    async def _run_with(self, made: bed.Parts, count: int, iommu: bool, nodes: int, tests: Sequence[Found]) -> None:
        """Run `tests` inside the first of `count` fresh hosts; with 0 out here, where they boot hosts themselves."""
        if count == 0:
            await self._run_in(Outside(CACHE / f"{self._part}.log"), tests)
            return
        say(f"booting {'one host' if count == 1 else f'{count} hosts'}")
        async with bed.hosts(made, count, iommu=iommu, nodes=nodes) as machines:
            say("Xen is up")
            await self._run_in(Inside(machines[0]), tests)

    async def _run_in(self, pytest: Pytest, tests: Sequence[Found]) -> None:
        """Run `tests` until all are done or one of them needs a fresh boot."""
        async for name, result in pytest.run(tests):
            if result.outcome == "fault":
                self._note_fault(f"{name}: {result.detail.splitlines()[0] if result.detail else 'dom0 died'}")
                if name not in self._faulty:
                    self._faulty.add(name)
                    say(f"bed fault in {name}: it is repeated on a fresh boot")
                    return
                result = Result(outcome="failed", seconds=result.seconds, detail=f"bed fault twice: {result.detail}")
            self._record.results[name] = result
            results.save(self._part, self._record)
            self._tell(name, result)

    def _tell(self, name: str, result: Result) -> None:
        say(f"{result.outcome:7} {name} ({result.seconds:.1f} s)")
        if result.outcome == "failed":
            print(result.detail.rstrip(), flush=True)
        elif result.detail:
            print(textwrap.indent(result.detail.rstrip(), " " * 9), flush=True)

    def _note_fault(self, text: str) -> None:
        self._record.faults.append(text)
        results.save(self._part, self._record)
        say(f"bed fault: {text}")


async def run(part: str, only: str, *, soak: bool) -> bool:
    """Run the tests of one part whose names contain `only`; whether all of them ran and passed.

    They have the part's limit, but for those that `soak`: these are others, and take their time.
    """
    commit = (await command.run("git", "-C", str(CHECKOUT), "rev-parse", "HEAD")).strip()
    state = await project.state()
    fresh = soak or part == "smoke"
    record = Record(state=state, commit=commit) if fresh else results.load(part, state, commit)
    tests = [test for test in await find(part, soak=soak) if only in test.name]
    if record.results:
        say(f"{len(record.results)} of {len(tests)} tests ran before, at the same state of the project")
    performed = Run(part, record, tests)
    trouble = ""
    try:
        async with asyncio.timeout(None if soak else LIMITS[part]):
            await performed.perform()
    except TimeoutError:
        trouble = f"the limit of {LIMITS[part] / 60:.0f} minutes passed; the same command runs the rest"
    except (BedFault, BedUnavailable, WireError) as error:
        trouble = str(error)
        if not os.environ.get("CI") and not isinstance(error, WireError):
            for test in performed.left():
                record.results[test.name] = Result(outcome="skipped", seconds=0.0, detail=trouble)
    record.finished = not performed.left()
    results.save(part, record)
    return _summary(record, len(performed.left()), trouble)


def _summary(record: Record, missing: int, trouble: str) -> bool:
    print()
    if trouble:
        print(f"NOTE: {trouble}")
    if not record.results and not missing:
        print("NOTE: this part has no tests yet")
    elif missing:
        print(f"NOTE: {missing} tests did not run")
    print(f"bed faults: {len(record.faults)}")
    for fault in record.faults:
        print(f"  {fault}")
    print(results.counts(record.results), flush=True)
    return (
        bool(record.results)
        and not missing
        and not any(result.outcome == "failed" for result in record.results.values())
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Run the part that the flag names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=sorted(LIMITS), default="smoke")
    parser.add_argument("--only", default="", help="run only the tests whose names contain this")
    parser.add_argument("--soak", action="store_true", help="run the tests that take long, instead of the others")
    flags = parser.parse_args(argv)
    sys.exit(0 if asyncio.run(run(flags.part, flags.only, soak=flags.soak)) else 1)


if __name__ == "__main__":
    main()
