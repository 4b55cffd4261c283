"""A power cut takes nothing that xapi acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest

from tests.bed import bed
from tests.bed.dom0 import Dom0, Shape
from tests.bed.project import PYTHON, TESTS

HOST = "/data/host"
RUN_IN_MEMORY = f"mkdir -p {HOST}/var/run && mount -t tmpfs run {HOST}/var/run"  # as on any host
WRITING = 10.0  # seconds
FIRST_DEADLINE = 180.0


@pytest.mark.xen(hosts=0, deadline=500)
async def test_what_was_acknowledged_is_there_after_a_power_cut() -> None:
    async with bed.parts(print) as made, Dom0(made.image, made.environment, Shape(data=512, durable=True)) as host:
        await host.put(made.project)
        await host.run(f"sync; {RUN_IN_MEMORY}")
        acknowledged = await write_until_power_is_cut(host)
        assert acknowledged > 10
        await host.start()
        await host.run(RUN_IN_MEMORY)
        found = json.loads(await host.run(f"cd {TESTS} && {PYTHON} -m tests.xen.storage.writer {HOST} read", 180.0))
    assert set(range(acknowledged + 1)) <= set(found)


async def write_until_power_is_cut(host: Dom0) -> int:
    """The last number that xapi acknowledged, of those that were written one after the other."""
    last = -1
    async with host.follow(f"cd {TESTS} && exec {PYTHON} -m tests.xen.storage.writer {HOST} write") as process:
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), FIRST_DEADLINE)
        assert first.strip() == b"0", (first + await process.stdout.read()).decode()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WRITING):
                async for line in process.stdout:
                    last = int(line)
        await host.cut_power()
        async for line in process.stdout:
            if line.strip().isdigit():
                last = int(line)
    return last
