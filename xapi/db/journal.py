"""Group commit: changes gather while a worker thread syncs those before them."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from xapi.db.disk import Change, Disk, Refused

log = logging.getLogger(__name__)

LOG_KEPT = 10_000
"""Changes that stay in the log for those who follow it."""
TRIM = 200
"""Changes moved into the object table at a time, while nothing waits to be committed."""
LOG_LONGEST = 200_000
"""From here on the log is trimmed between commits too, if there never is a pause."""
PAUSE = 0.1  # seconds without a commit that count as one
RETRY = 1.0  # seconds between attempts while the disk refuses


@dataclass(slots=True)
class Batch:
    """Changes of whole transactions, and the generation reached with them."""

    upto: int
    changes: list[Change]


Done = Callable[[int, Exception | None], None]
"""Called in the loop: everything up to a generation is on disk, or an attempt failed and will be repeated."""


class Journal:
    """Owns the disk and the thread that writes to it. `commits` counts the syncs asked of the disk."""

    def __init__(self, disk: Disk, done: Done) -> None:
        self._disk = disk
        self._done = done
        self._queue: SimpleQueue[tuple[asyncio.AbstractEventLoop, Batch] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self.commits = 0

    def write(self, loop: asyncio.AbstractEventLoop, batch: Batch) -> None:
        """Commit soon, together with what else waits; `done` is called in `loop`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
            self._thread.start()
        self._queue.put((loop, batch))

    def write_now(self, batch: Batch) -> None:
        """Commit in this thread, after all that waits. For start and stop, when no loop runs. `Refused`."""
        self._stop_thread()
        if batch.changes:
            self._disk.append(batch.changes)
            self.commits += 1

    def close(self) -> None:
        """Commit what waits and close the file."""
        self._stop_thread()
        self._disk.close()

    def _stop_thread(self) -> None:
        if self._thread is not None:
            self._stopping = True
            self._queue.put(None)
            self._thread.join()
            self._stopping = False
            self._thread = None

    def _work(self) -> None:
        while True:
            try:
                first = self._queue.get(timeout=PAUSE if self._disk.log_length > LOG_KEPT + TRIM else None)
            except Empty:
                self._trim()
                continue
            if first is None:
                return
            loop, batch = first
            stop = self._gather(batch)
            self._commit(loop, batch)
            if stop:
                return
            if self._disk.log_length > LOG_LONGEST:
                self._trim()

    def _gather(self, batch: Batch) -> bool:
        """Add to the batch all that waits; whether to stop then."""
        while not self._queue.empty():
            following = self._queue.get()
            if following is None:
                return True
            batch.changes.extend(following[1].changes)
            batch.upto = following[1].upto
        return False

    def _commit(self, loop: asyncio.AbstractEventLoop, batch: Batch) -> None:
        """Repeat until it is on disk or the daemon stops: callers were told of the failure, readers see the change."""
        failing = False
        while True:
            try:
                if batch.changes:
                    self._disk.append(batch.changes)
                    self.commits += 1
            except Refused as error:
                if not failing:
                    log.error("the store cannot be written, retrying each second: %s", error)
                failing = True
                _tell(loop, self._done, batch.upto, error)
                if self._stopping:
                    log.error("stopped while the store could not be written: %d changes are lost", len(batch.changes))
                    return
                time.sleep(RETRY)
                continue
            if failing:
                log.warning("the store can be written again")
            _tell(loop, self._done, batch.upto, None)
            return

    def _trim(self) -> None:
        """Shorten the log by one step."""
        try:
            self._disk.trim(TRIM)
        except Refused as error:
            log.error("the store's log cannot be trimmed: %s", error)


def _tell(loop: asyncio.AbstractEventLoop, done: Done, upto: int, error: Exception | None) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(done, upto, error)
