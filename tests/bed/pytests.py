"""Runs pytest, inside dom0 or out here, and listens to what its plug-in tells (tests/bed/report.py)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import msgspec

from common import command
from common.errors import WireError
from tests.bed.dom0 import LINE_LIMIT, Dom0
from tests.bed.layout import CHECKOUT, BedFault
from tests.bed.project import PYTHON, TESTS
from tests.bed.results import Result

COLLECT_DEADLINE = 60.0  # seconds
START_DEADLINE = 120.0
SLACK = 300.0  # beyond a test's own deadline: its baseline by plain xl, and its clean-up
LOG = "/tmp/pytest.log"
PYTEST = ("-m", "pytest", "-p", "tests.bed.report", "-m", "xen", "-q")
SOAKING = {False: "xen and not soak", True: "xen and soak"}
NO_TESTS = 5  # pytest's status
LOST = 255  # ssh's status when the connection is gone
TRIPLE_FAULT = "Triple fault"
FATAL_EXCEPTION = "Kernel panic - not syncing: Fatal exception"
"""Guests die so under QEMU's emulation of SVM, those of plain xl too: 2 of 15 in one run."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the plug-in."""

    event: str
    test: str
    hosts: int = 1
    iommu: bool = False
    nodes: int = 1
    deadline: float = 0.0
    outcome: str = ""
    seconds: float = 0.0
    detail: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A test, and what it needs."""

    name: str
    hosts: int
    deadline: float
    iommu: bool = False
    nodes: int = 1

    @property
    def bed(self) -> tuple[int, bool, int]:
        """What it runs on: tests that agree in that share a boot."""
        return self.hosts, self.iommu, self.nodes


async def find(part: str, *, soak: bool) -> list[Found]:
    """The tests of a part, collected on this machine: those that soak, or the others. Raises `CommandFailed`."""
    folder = CHECKOUT / "tests" / "xen" / part
    if not folder.is_dir():
        return []
    report = os.memfd_create("report")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *PYTEST, "-m", SOAKING[soak], "--collect-only", str(folder)),
        cwd=CHECKOUT,
        env=os.environ | {"BED_REPORT": str(report)},
        pass_fds=(report,),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), COLLECT_DEADLINE)
    with os.fdopen(report, "rb") as stream:
        stream.seek(0)
        lines = [msgspec.json.decode(line, type=Line) for line in stream]
    if process.returncode not in {0, NO_TESTS}:
        raise command.CommandFailed("pytest --collect-only", process.returncode or -1, output.decode(errors="replace"))
    return [
        Found(name=line.test, hosts=line.hosts, iommu=line.iommu, nodes=line.nodes, deadline=line.deadline)
        for line in lines
    ]


class Pytest(ABC):
    """One run of pytest, wherever it runs."""

    async def run(self, tests: Sequence[Found]) -> AsyncIterator[tuple[str, Result]]:
        """Each test's result as it comes; ends early when what is left needs a fresh boot.

        When the bed ends a test, that test's outcome is fault. Raises `BedFault` when it ends the run between tests.
        """
        running: str | None = None
        try:
            async for name, result in self._listen({test.name: test.deadline for test in tests}):
                running = name if result is None else None
                if result is not None:
                    yield name, result
        except BedFault as fault:
            if running is None:
                raise
            yield running, Result(outcome="fault", seconds=0.0, detail=str(fault))

    async def _listen(self, deadlines: Mapping[str, float]) -> AsyncIterator[tuple[str, Result | None]]:
        """The same with each test's start, which has no result yet."""
        running: str | None = None
        so_far = 0
        done: set[str] = set()
        async with self.start(list(deadlines)) as process:
            assert process.stdout is not None
            while True:
                patience = deadlines[running] + SLACK if running else START_DEADLINE
                try:
                    text = await asyncio.wait_for(process.stdout.readline(), patience)
                except TimeoutError:
                    await self.check_bed()
                    if running is None:
                        raise BedFault(f"pytest was silent for {patience:.0f} s") from None
                    yield running, Result(outcome="failed", seconds=patience, detail=f"no end in {patience:.0f} s")
                    return
                if not text:
                    break
                line = _parse(text)
                if line is None or line.test not in deadlines:
                    continue
                if line.event == "start":
                    running, so_far = line.test, len(self.said_by_xen())
                    yield running, None
                elif line.event == "end":
                    running = None
                    done.add(line.test)
                    yield line.test, _judged(line, self.said_by_xen()[so_far:])
            status = await process.wait()
        if missing := [name for name in deadlines if name not in done]:
            await self.check_bed()
            if status == LOST:
                raise BedFault("the connection to dom0 was lost")
            detail = f"pytest ended with {status} before this test did:\n{await self.log()}"
            yield running or missing[0], Result(outcome="failed", seconds=0.0, detail=detail)

    @abstractmethod
    def start(self, names: Sequence[str]) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
        """A run of the tests of these names, the plug-in's lines being its standard output."""

    @abstractmethod
    async def check_bed(self) -> None:
        """Raises `BedFault` if it is the bed that failed."""

    @abstractmethod
    async def log(self) -> str:
        """The end of what pytest wrote."""

    def said_by_xen(self) -> str:
        """All that Xen wrote to its serial line so far; nothing where the tests boot hosts themselves."""
        return ""


class Inside(Pytest):
    """Pytest in one boot of dom0."""

    def __init__(self, machine: Dom0) -> None:
        self._machine = machine

    @contextlib.asynccontextmanager
    async def start(self, names: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
        words = shlex.join([str(PYTHON), *PYTEST, *names])
        settings = f"BED_REPORT=3 CI={shlex.quote(os.environ.get('CI', ''))}"
        script = f"cd {TESTS} && exec 3>&1 >{LOG} 2>&1 && exec env {settings} {words}"
        async with self._machine.follow(script) as process:
            yield process

    def said_by_xen(self) -> str:
        return self._machine.serial.read_text(errors="replace")

    async def check_bed(self) -> None:
        self._machine.check_alive()
        try:
            await self._machine.run("true", deadline=30.0)
        except WireError as error:
            self._machine.check_alive()
            raise BedFault(f"dom0 does not answer: {error}") from error

    async def log(self) -> str:
        try:
            return await self._machine.run(f"tail -c 8000 {LOG}")
        except WireError as error:
            return str(error)


class Outside(Pytest):
    """Pytest on this machine, for tests that boot hosts and cut their power."""

    def __init__(self, log: Path) -> None:
        self._log = log

    @contextlib.asynccontextmanager
    async def start(self, names: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            *("sh", "-c", 'exec 3>&1 >"$0" 2>&1; exec "$@"', str(self._log), sys.executable, *PYTEST, *names),
            cwd=CHECKOUT,
            env=os.environ | {"BED_REPORT": "3"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await process.wait()

    async def check_bed(self) -> None:
        """Nothing to see from here: the test itself tells."""

    async def log(self) -> str:
        return self._log.read_text(errors="replace")[-8000:]


def _judged(line: Line, said_by_xen: str) -> Result:
    """The result of a test. It is the bed's fault if meanwhile a guest died of what emulation does to guests."""
    outcome, detail = line.outcome, line.detail
    if outcome == "failed":
        deaths = [each.strip() for each in said_by_xen.splitlines() if TRIPLE_FAULT in each]
        if not deaths and FATAL_EXCEPTION in detail:
            deaths = [f"a guest said {FATAL_EXCEPTION!r}"]
        if deaths:
            outcome, detail = "fault", f"{deaths[0]}\n{detail}"
    return Result(outcome=outcome, seconds=line.seconds, detail=detail)


def _parse(text: bytes) -> Line | None:
    try:
        return msgspec.json.decode(text, type=Line)
    except msgspec.DecodeError:
        return None
