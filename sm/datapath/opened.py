"""One disk that a storage daemon has open: start, find again, exports, live changes, watch over its life."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from common.command import CommandFailed
from sm.datapath.graph import READER, WRITER, Graph
from sm.datapath.process import Process
from sm.datapath.qmp import Qmp, QmpGone, QmpRefused
from sm.driver import Disk, GraphRefused, Layer
from sm.errors import Number, error

log = logging.getLogger(__name__)


class Opened:
    """The storage daemon of one disk, as long as it has the disk open. `on_death` is told when it ends by itself."""

    def __init__(
        self, process: Process, qmp: Qmp, name: str, on_death: Callable[[], None], *, write_through: bool
    ) -> None:
        self.process, self.name, self.write_through = process, name, write_through
        self.writable = False
        self._qmp = qmp
        self._graph = Graph(qmp, process.links)
        qmp.on_gone = on_death

    @classmethod
    async def start(
        cls, process: Process, name: str, disk: Disk, kinds: set[str], on_death: Callable[[], None]
    ) -> Opened:
        """Start a storage daemon on the disk and offer the exports of `kinds`. Raises `BackendError`."""
        try:
            qmp = await process.start()
        except (CommandFailed, QmpGone, QmpRefused, OSError) as cause:
            await process.kill()
            process.clean()
            raise error(Number.VDI_UNAVAILABLE, f"the storage daemon does not start: {cause}") from cause
        opened = cls(process, qmp, name, on_death, write_through=disk.write_through)
        try:
            await opened._graph.open(disk.layers, writable=WRITER in kinds)
            for kind in kinds:
                await opened.offer(kind)
        except (QmpGone, QmpRefused) as cause:
            await process.quit(qmp)
            raise error(Number.VDI_UNAVAILABLE, str(cause)) from cause
        return opened

    @classmethod
    async def find(
        cls, process: Process, name: str, disk: Disk, kinds: set[str], on_death: Callable[[], None]
    ) -> Opened | None:
        """The storage daemon that a predecessor started, if it lives and answers, with the exports of `kinds`."""
        if process.pid() is None:
            return None
        try:
            opened = cls(process, await process.connect(), name, on_death, write_through=disk.write_through)
            for kind in kinds:
                await opened.offer(kind)
        except (QmpGone, QmpRefused, OSError) as cause:
            log.warning("%s: the storage daemon is of no use any more: %s", name, cause)
            return None
        return opened

    async def offer(self, kind: str) -> None:
        """Have the export `kind`. Safe to repeat. Raises `QmpGone`, `QmpRefused`."""
        if kind not in await self._graph.exports():
            name = export_name(self.name, kind)
            await self._graph.export(kind, name, await self._graph.top(), write_through=self.write_through)
        self.writable = self.writable or kind == WRITER

    async def withdraw(self, kind: str) -> None:
        """Do not have the export `kind`. Safe to repeat."""
        await self._graph.unexport(kind)
        self.writable = self.writable and kind != WRITER

    async def close(self) -> None:
        """Flush and end the storage daemon."""
        await self.process.quit(self._qmp)

    async def leave(self) -> None:
        """Let it run without us."""
        await self._qmp.close()

    def retarget(self, old: Path, new: Path) -> None:
        """See `OpenDisk`."""
        self._graph.retarget(old, new)

    async def snapshot(self, old: Path, overlay: Layer) -> None:
        """See `OpenDisk`.

        A storage daemon that does not answer may or may not have done it. It is killed: what a guest wrote is on the
        disk (write-through), and its successor opens the chain as it is in the directory, with the overlay on top.
        """
        try:
            await self._graph.snapshot(old, overlay)
        except QmpRefused as cause:
            raise GraphRefused(str(cause)) from cause
        except QmpGone as cause:
            log.warning("%s: snapshot: %s", self.name, cause)
            await self.process.kill()

    async def resize(self, size: int) -> None:
        """See `OpenDisk`."""
        try:
            exports = await self._graph.exports()
            try:
                for kind in exports:
                    await self._graph.unexport(kind)
                await self._graph.resize(size)
            finally:
                for kind in exports:
                    await self.offer(kind)
        except QmpRefused as cause:
            raise GraphRefused(str(cause)) from cause
        except QmpGone as cause:
            await self.process.kill()  # its successor opens the image with the size it has
            raise error(Number.VDI_RESIZE, str(cause)) from cause


def export_name(name: str, kind: str) -> str:
    """The NBD name under which readers or the writer find the disk."""
    return f"{name}-ro" if kind == READER else name
