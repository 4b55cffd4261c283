"""The databases in memory, by owner, and their archives on disk (gzipped XML, written whole or not at all)."""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from common.files import write_atomically
from common.idl.rrd import Owner, UnknownSource
from rrdd.rrd import text
from rrdd.rrd.archive import Rrd
from rrdd.source import Source

log = logging.getLogger(__name__)

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Owned:
    """A database with its owner, and the sources it could record but was not asked to."""

    def __init__(self, owner: Owner, uuid: str, rrd: Rrd) -> None:
        self.owner, self.uuid, self.rrd = owner, uuid, rrd
        self.known: dict[str, Source] = {}
        self.raw: dict[str, float] = {}
        self.wanted: set[str] = set()
        self.refused: set[str] = set()

    def take(self, now: float, domid: int, readings: Iterable[tuple[Source, float]]) -> None:
        """Update from this tick's raw values; sources that are new and standard (or asked for) join."""
        readings = list(readings)
        self.raw = {source.name: value for source, value in readings}
        self.known |= {source.name: source for source, _ in readings}
        recorded = {source.name: source for source in self.rrd.sources}
        fresh = [s for s, _ in readings if s.name not in recorded and self._records(s)]
        described = any(recorded[s.name] != s for s, _ in readings if s.name in recorded)
        if fresh or described:
            self.rrd.set_sources([self.known.get(s.name, s) for s in self.rrd.sources] + fresh)
        if domid != self.rrd.domid:
            self.rrd.forget_counters(domid)
        self.rrd.update(now, self.raw)

    def record(self, name: str) -> None:
        """Record a source from the next tick on. Raises `UnknownSource`."""
        if name not in self.known and self.rrd.index(name) is None:
            raise UnknownSource(name)
        self.refused.discard(name)
        self.wanted.add(name)

    def forget(self, name: str) -> None:
        """Stop recording a source and drop what was."""
        self.wanted.discard(name)
        self.refused.add(name)
        self.rrd.set_sources([source for source in self.rrd.sources if source.name != name])

    def _records(self, source: Source) -> bool:
        return (source.default or source.name in self.wanted) and source.name not in self.refused


class Store:
    """All databases of this host."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._owned: dict[str, Owned] = {}

    def __iter__(self) -> Iterator[Owned]:
        return iter(list(self._owned.values()))

    def get(self, uuid: str) -> Owned | None:
        """The database of `uuid`, if it is in memory."""
        return self._owned.get(uuid)

    def need(self, owner: Owner, uuid: str, now: float) -> Owned:
        """The database of `uuid`: in memory, else from its archive, else new."""
        owned = self._owned.get(uuid)
        if owned is None:
            rrd = self.load(uuid) or Rrd.empty(now, extremes=owner is Owner.HOST)
            owned = self._owned[uuid] = Owned(owner, uuid, rrd)
        return owned

    def load(self, uuid: str) -> Rrd | None:
        """The archive of `uuid` on disk; a damaged one is set aside, not read again."""
        path = self._path(uuid)
        try:
            return text.from_xml(gzip.decompress(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, EOFError, text.BadArchive) as error:
            log.warning("archive %s: %s; set aside", uuid, error)
            path.rename(path.with_suffix(".damaged"))
            return None

    def save(self, uuid: str) -> None:
        """Write the database of `uuid` to disk."""
        owned = self._owned.get(uuid)
        if owned is not None:
            content = gzip.compress(text.to_xml(owned.rrd), compresslevel=1)
            write_atomically(self._path(uuid), content, mode=0o644, sync=False)

    def save_all(self) -> None:
        """Write every database to disk."""
        for uuid in list(self._owned):
            self.save(uuid)

    def archive(self, uuid: str) -> None:
        """Write the database to disk and drop it from memory. Safe to repeat."""
        self.save(uuid)
        self._owned.pop(uuid, None)

    def remove(self, uuid: str) -> None:
        """Delete the database, in memory and on disk. Safe to repeat."""
        self._owned.pop(uuid, None)
        self._path(uuid).unlink(missing_ok=True)

    def _path(self, uuid: str) -> Path:
        if not UUID.fullmatch(uuid):
            raise UnknownSource(uuid)
        return self._directory / f"{uuid}.gz"
