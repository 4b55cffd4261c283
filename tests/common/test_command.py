from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
import uvloop

from common import command
from common.command import CommandFailed

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


async def test_output_is_returned_and_input_given() -> None:
    assert await command.run("cat", stdin=b"hello\n" * 100_000) == "hello\n" * 100_000


async def test_a_failure_tells_status_and_words() -> None:
    with pytest.raises(CommandFailed) as raised:
        await command.run("sh", "-c", "echo words >&2; exit 3")

    assert (raised.value.status, raised.value.stderr) == (3, "words")


async def test_a_status_that_is_accepted_is_no_failure() -> None:
    assert await command.run("sh", "-c", "echo out; exit 3", accept=(0, 3)) == "out\n"


async def test_a_program_that_does_not_end_is_killed() -> None:
    started = time.monotonic()

    with pytest.raises(CommandFailed, match="no end"):
        await command.run("sleep", "20", deadline=0.1)

    assert time.monotonic() - started < 10


@pytest.mark.parametrize("loop_factory", LOOPS, ids=["asyncio", "uvloop"])
def test_a_program_that_leaves_a_daemon_behind_is_not_waited_for(
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    started = time.monotonic()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        output = runner.run(command.run("sh", "-c", "sleep 20 & echo left"))

    assert output == "left\n"
    assert time.monotonic() - started < 15


async def test_a_cancelled_call_leaves_no_program() -> None:
    call = asyncio.create_task(command.run("sh", "-c", "echo $$; exec sleep 20"))
    await asyncio.sleep(0.1)
    started = time.monotonic()

    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert time.monotonic() - started < 10
