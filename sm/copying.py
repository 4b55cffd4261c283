"""Copies the content of one disk into another, of any SR, through the datapaths of both."""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from pathlib import Path

import msgspec

from common.command import CommandFailed, run, spawn
from common.idl.storage import VDI, Attachment, DpId, NbdSocket, SrId, VdiId
from common.idl.task import TaskId
from common.rpc.interface import proxy
from common.tasks import Handle, Tasks
from sm import paths
from sm.errors import Number, as_number, error
from sm.workers import Workers

PREFIX = "copy/"  # of the names of datapaths: those of a predecessor are ended at start
POLL = 0.25  # seconds between looks at the progress
PROGRESS = re.compile(r"\((\d+(?:\.\d+)?)/100%\)")
MAP_DEADLINE = 60.0  # seconds


class Copying:
    """Copies that run; they are tasks, and end with this process."""

    def __init__(self, workers: Workers, tasks: Tasks) -> None:
        self._vdi = proxy(VDI, workers.send)
        self._workers, self._tasks = workers, tasks

    async def start(self, dbg: str, sr: SrId, vdi: VdiId, dest_sr: SrId, dest_vdi: VdiId) -> TaskId:
        """See `VDI.copy`."""
        source, target = await self._vdi.stat(dbg, sr, vdi), await self._vdi.stat(dbg, dest_sr, dest_vdi)
        if source.virtual_size > target.virtual_size:
            raise error(Number.VDI_SIZE, f"{source.virtual_size} bytes do not fit in {target.virtual_size}")

        async def work(handle: Handle) -> None:
            await self._copy(handle, (sr, vdi), (dest_sr, dest_vdi))

        return self._tasks.start(dbg, work)

    async def _copy(self, handle: Handle, source: tuple[SrId, VdiId], target: tuple[SrId, VdiId]) -> None:
        dbg, name = handle.dbg, str(uuid.uuid4())
        async with contextlib.AsyncExitStack() as stack:
            opened = []
            for (sr, vdi), role in ((source, "from"), (target, "to")):
                dp = DpId(f"{PREFIX}{role}/{name}")
                stack.push_async_callback(self._workers.ask, sr, "DP.destroy", {"dbg": dbg, "dp": dp})
                opened.append(await self._vdi.attach(dbg, dp, sr, vdi, role == "from"))
                await self._vdi.activate(dbg, dp, sr, vdi)
            with as_number(Number.GENERAL):
                await _convert(
                    handle, _reachable(opened[0]), _reachable(opened[1]), paths.repositories() / f"copy-{name}.log"
                )


async def _convert(handle: Handle, source: str, target: str, output: Path) -> None:
    options = ["-n", "-p", "-W", "-f", "raw", "-O", "raw"]
    if await _reads_as_zeros(target):
        options.append("--target-is-zero")
    output.parent.mkdir(parents=True, exist_ok=True)
    process = await spawn("qemu-img", "convert", *options, source, target, log_file=str(output))
    try:
        while process.returncode is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), POLL)
            if found := PROGRESS.findall(output.read_text(errors="replace")[-200:]):
                handle.progress(float(found[-1]) / 100)
        if process.returncode != 0:
            raise CommandFailed("qemu-img convert", process.returncode, output.read_text(errors="replace")[-500:])
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        output.unlink(missing_ok=True)


async def _reads_as_zeros(target: str) -> bool:
    listing = await run("qemu-img", "map", "--output=json", "-f", "raw", target, deadline=MAP_DEADLINE)
    return all(extent["zero"] and not extent["data"] for extent in msgspec.json.decode(listing))


def _reachable(attachment: Attachment) -> str:
    """The best way to the disk, as QEMU's programs take it."""
    best = attachment.implementations[0]
    return f"nbd+unix:///{best.export}?socket={best.socket}" if isinstance(best, NbdSocket) else best.path
