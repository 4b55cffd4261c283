"""xenopsd's side of its libxl processes, with a program that answers in libxl's place."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from xenopsd.migration.pipe import Pipe
from xenopsd.xen import child, processes
from xenopsd.xen.processes import LibxlFailed, Processes

PROGRAM = """\
import json, os, socket
stream = socket.socket(fileno=0).makefile("rwb", buffering=0)
for line in stream:
    request = json.loads(line)
    if request["call"] == "die":
        os._exit(3)
    if pipe := request["args"].get("pipe"):
        with open(pipe, "wb") as file:
            file.write(b"memory")
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


async def test_a_pipe_of_ours_is_the_spare_processes_too(running: Processes) -> None:
    await running.prepare()
    assert running._spare is not None
    spare = (await running._spare)._process.pid
    with contextlib.closing(Pipe()) as pipe:
        assert await running.long("send", PATIENCE, descriptor=pipe.write) == spare
        pipe.close_write()
        assert os.read(pipe.read, 100) == b"memory"
    # The guest that moved does not wait for the start of the next one.
    assert running._spare is None


async def test_memory_is_waited_for_and_left_in_its_pipe() -> None:
    with contextlib.closing(Pipe()) as pipe:
        waiting = asyncio.create_task(child._readable(pipe.read))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        os.write(pipe.write, b"m")
        await asyncio.wait_for(waiting, PATIENCE)
        assert os.read(pipe.read, 100) == b"m"

        waiting = asyncio.create_task(child._readable(pipe.read))
        pipe.close_write()
        with pytest.raises(ValueError, match="no memory came"):
            await asyncio.wait_for(waiting, PATIENCE)


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
