"""xenopsd's side of its libxl processes, with a program that answers in libxl's place."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from xenopsd.xen import processes
from xenopsd.xen.processes import LibxlFailed, Processes

PROGRAM = """\
import json, os, socket
stream = socket.socket(fileno=0).makefile("rwb", buffering=0)
for line in stream:
    request = json.loads(line)
    if request["call"] == "die":
        os._exit(3)
    stream.write(json.dumps({"id": request["id"], "ended": True, "result": os.getpid()}).encode() + b"\\n")
"""
PATIENCE = 30.0  # seconds


@pytest.fixture
async def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Processes]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    monkeypatch.setattr(processes, "PROGRAM", (sys.executable, "-S", str(program)))
    found = Processes()
    yield found
    await found.close()


async def test_each_long_operation_has_a_process_of_its_own(running: Processes) -> None:
    pids = await asyncio.gather(*(running.long("create", PATIENCE) for _ in range(3)))
    assert len({*pids, await running.long("create", PATIENCE)}) == 4


async def test_short_operations_share_one(running: Processes) -> None:
    await running.prepare()
    first, second = await running.short("pause"), await running.short("unpause")
    assert first == second
    assert await running.long("create", PATIENCE) != first


async def test_a_spare_process_that_died_is_not_used(running: Processes) -> None:
    await running.prepare()
    assert running._spare is not None
    await (await running._spare).kill()
    assert await running.long("create", PATIENCE) > 0


async def test_a_process_that_dies_fails_its_operation_only(running: Processes) -> None:
    with pytest.raises(LibxlFailed, match="ended with status 3"):
        await running.long("die", PATIENCE)
    assert await running.long("create", PATIENCE) > 0


async def test_none_is_left(running: Processes) -> None:
    await running.prepare()
    assert running._spare is not None
    pids = [await running.short("pause"), (await running._spare)._process.pid]
    await running.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
