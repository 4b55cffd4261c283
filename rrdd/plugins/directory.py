"""The plug-ins of this host: files that registered by a call or that lie in the directory; read each tick.

A file that can't be read is left alone for 2, 4, … 256 ticks. One that did not change since the last tick says nothing:
its sources are unknown until it does.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from common.idl.rrd import Owner
from rrdd.plugins.payload import MOST_BYTES, BadPayload, Payload, read, version
from rrdd.source import Batch, Source

log = logging.getLogger(__name__)

LONGEST_PAUSE = 256  # ticks
STALE = 300.0  # seconds a timestamp may differ from now until it is not believed


@dataclass(slots=True)
class _Plugin:
    payload: Payload | None = None
    parts: list[tuple[Owner, str, tuple[Source, ...], np.ndarray[tuple[int], np.dtype[np.int64]]]] = field(
        default_factory=list
    )
    registered: bool = False
    pause: int = 0
    skip: int = 0


class Directory:
    """All plug-ins whose files are in one directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._plugins: dict[str, _Plugin] = {}

    def __len__(self) -> int:
        return len(self._plugins)

    def register(self, uid: str) -> None:
        """Read a plug-in's file from now on, now: it just said that it is well. Raises `ValueError` for a bad name."""
        if not _usable(uid):
            raise ValueError(uid)
        plugin = self._plugins.setdefault(uid, _Plugin())
        plugin.registered, plugin.pause, plugin.skip = True, 0, 0

    def deregister(self, uid: str) -> None:
        """Forget a plug-in. Safe to repeat; a file that lies there still is found again when it is replaced."""
        self._plugins.pop(uid, None)

    def knows(self, uid: str) -> bool:
        """Whether it is registered or was found."""
        return uid in self._plugins

    def batches(self, now: float, host_uuid: str) -> Iterator[Batch]:
        """The values of all plug-ins. Sources of a host whose uuid is not known yet are left out."""
        self._find()
        for uid, plugin in list(self._plugins.items()):
            fresh = self._read(uid, plugin)
            payload = plugin.payload
            if payload is None:
                continue
            stamp = payload.timestamp if abs(payload.timestamp - now) < STALE else now
            for owner, owner_uuid, sources, where in plugin.parts:
                values = payload.values[where].tolist() if fresh else [float("nan")] * len(where)
                if owner_uuid or host_uuid:
                    yield Batch(owner, owner_uuid or host_uuid, sources, values, stamp=stamp, origin=uid)

    def _find(self) -> None:
        """Look for new files of version 2 and for those that are gone."""
        try:
            names = {entry.name for entry in os.scandir(self.path)}
        except OSError:
            names = set()
        for uid in names - self._plugins.keys():
            if _usable(uid) and self._is_version_2(uid):
                log.info("plug-in %s: found", uid)
                self._plugins[uid] = _Plugin()
        for uid in self._plugins.keys() - names:
            if not self._plugins[uid].registered:
                log.info("plug-in %s: gone", uid)
                del self._plugins[uid]

    def _is_version_2(self, uid: str) -> bool:
        try:
            return version(self._content(uid, 12)) == 2
        except (OSError, BadPayload):
            return False

    def _read(self, uid: str, plugin: _Plugin) -> bool:
        """Whether there is a new payload."""
        if plugin.skip:
            plugin.skip -= 1
            return False
        try:
            payload = read(self._content(uid, MOST_BYTES), plugin.payload)
        except (OSError, BadPayload) as error:
            plugin.pause = min(LONGEST_PAUSE, plugin.pause * 2 or 2)
            plugin.skip = plugin.pause
            log.info("plug-in %s: %s; looked at again in %d ticks", uid, error, plugin.pause)
            return False
        plugin.pause = 0
        before, plugin.payload = plugin.payload, payload
        if before is None or before.described is not payload.described:
            _divide(plugin, payload)
        return before is None or before.data_sum != payload.data_sum

    def _content(self, uid: str, most: int) -> bytes:
        # A pipe or a link somewhere else must neither block us nor show another file.
        descriptor = os.open(self.path / uid, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise BadPayload("no regular file")
            return os.pread(descriptor, min(most, found.st_size), 0)
        finally:
            os.close(descriptor)


def _divide(plugin: _Plugin, payload: Payload) -> None:
    """By owner: its sources, and where their values are. The same objects as before for what did not change."""
    places: dict[tuple[Owner, str], list[int]] = {}
    for i, owner in enumerate(payload.described.owners):
        places.setdefault(owner, []).append(i)
    plugin.parts = [
        (owner, uuid, tuple([payload.described.sources[i] for i in where]), np.array(where, dtype=np.int64))
        for (owner, uuid), where in places.items()
    ]


def _usable(uid: str) -> bool:
    return bool(uid) and "/" not in uid and not uid.startswith((".", "tap-")) and not uid.endswith(".tmp")
