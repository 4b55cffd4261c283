"""Who owns which columns: the databases in memory by owner, and archives on disk (gzipped XML) of those not here."""

from __future__ import annotations

import gzip
import logging
import re
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import is_
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from common.files import write_atomically
from common.idl.rrd import Owner, UnknownSource
from rrdd.rrd import text
from rrdd.rrd.archive import Rrd
from rrdd.rrd.bank import Bank, Column
from rrdd.rrd.layout import layouts
from rrdd.rrd.updates import Member
from rrdd.source import Batch, Source

log = logging.getLogger(__name__)

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOWHERE = -1  # the position of a value that is not recorded
LARGEST = 256 * 1024 * 1024  # bytes of an unpacked archive


class Plan:
    """The sources of an origin's newest batch, where their values go, and the tick that brought it."""

    __slots__ = ("sources", "tick", "where")

    def __init__(self, sources: tuple[Source, ...], where: list[int]) -> None:
        self.sources, self.where, self.tick = sources, where, 0


class Owned:
    """An owner's columns, and the sources it has now."""

    def __init__(self, owner: Owner, uuid: str, bank: Bank) -> None:
        self.owner, self.uuid, self.bank = owner, uuid, bank
        self.positions: dict[str, int] = {}
        self.sources: dict[str, Source] = {}
        """What is recorded, by name."""
        self.plans: dict[str, Plan] = {}
        """By origin."""
        self.generation = 0
        self.wanted: set[str] = set()
        self.refused: set[str] = set()

    @property
    def known(self) -> dict[str, Source]:
        """Sources that are recorded or could be."""
        found = dict(self.sources)
        for plan in self.plans.values():
            found |= {source.name: source for source in plan.sources}
        return found

    def newest(self) -> Mapping[str, float]:
        """The newest consolidated value of each source."""
        return dict(zip(self.positions, self.bank.newest(list(self.positions.values())), strict=True))

    def member(self) -> Member:
        """As a part of a table."""
        return Member(self.owner, self.uuid, self.bank, list(self.positions), list(self.positions.values()))

    def database(self) -> Rrd:
        """All of it."""
        return self.bank.database(list(self.positions.values()))

    def records(self, source: Source) -> bool:
        """Whether a source is to be recorded."""
        return (source.default or source.name in self.wanted) and source.name not in self.refused


class Intake:
    """The values of a tick, and where they go: mostly to the same positions in the same order as the tick before."""

    def __init__(self) -> None:
        self._wheres: list[list[int]] = []
        self._before: list[list[int]] = []
        self._at: NDArray[np.int64] = np.array([], dtype=np.int64)
        self._values: list[float] = []
        self._stamped: list[tuple[int, int, float]] = []

    def begin(self) -> None:
        """A tick. What an earlier one that failed has left is dropped."""
        self._wheres, self._values, self._stamped = [], [], []

    def add(self, where: list[int], values: Sequence[float], stamp: float | None) -> None:
        """Values for some positions. `where` is never changed, another list stands for other positions."""
        if stamp is not None:
            self._stamped.append((len(self._values), len(where), stamp))
        self._wheres.append(where)
        self._values += values

    def rows(self, capacity: int, now: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The raw value of each position, and when it was read."""
        raw, stamps = np.full(capacity + 1, np.nan), np.full(capacity + 1, now)
        if len(self._wheres) != len(self._before) or not all(map(is_, self._wheres, self._before)):
            self._at = np.array(list(chain.from_iterable(self._wheres)), dtype=np.int64)
        # An array takes floats from a list in a third of the time that numpy needs.
        raw[self._at] = np.frombuffer(array("d", self._values))
        for begin, count, stamp in self._stamped:
            stamps[self._at[begin : begin + count]] = stamp
        self._before = self._wheres
        return raw, stamps


class Store:
    """All databases of this host. `live` holds the banks, `archives` the XML of VMs that are not running."""

    def __init__(self, live: Path, archives: Path) -> None:
        self._live, self._archives = live, archives
        self._banks = {
            True: Bank(live, "host", layouts(extremes=True)),
            False: Bank(live, "guest", layouts(extremes=False)),
        }
        self._owned: dict[str, Owned] = {}
        self._intakes = {bank: Intake() for bank in self._banks.values()}
        self._ticks = 0
        for bank in self._banks.values():
            for at, column in bank.columns():
                owned = self._add(column.owner, column.uuid)
                owned.positions[column.source.name] = at
                owned.sources[column.source.name] = column.source
                owned.generation = bank.generation(at)
        self._refused = _Choices(live / "refused")
        for uuid, names in self._refused.names.items():
            if uuid in self._owned:
                self._owned[uuid].refused = set(names)

    def __iter__(self) -> Iterator[Owned]:
        return iter(list(self._owned.values()))

    def __len__(self) -> int:
        return len(self._owned)

    def get(self, uuid: str) -> Owned | None:
        """The database of `uuid`, if it is in memory."""
        return self._owned.get(uuid)

    def need(self, owner: Owner, uuid: str, now: float) -> Owned:
        """The database of `uuid`: in memory, else from its archive, else new."""
        owned = self._owned.get(uuid)
        if owned is None:
            owned = self._add(owner, uuid)
            owned.refused = set(self._refused.names.get(uuid, ()))
            rrd = self.load(uuid)
            if rrd is not None:
                self._fill(owned, rrd, now)
        return owned

    def tick(self, now: float, batches: Iterable[Batch]) -> None:
        """Update every database; a source without a value is unknown for this interval."""
        self._ticks += 1
        for intake in self._intakes.values():
            intake.begin()
        for batch in batches:
            owned = self.need(batch.owner, batch.uuid, now)
            plan = self._plan(owned, batch, now)
            plan.tick = self._ticks
            self._intakes[owned.bank].add(plan.where, batch.values, batch.stamp)
        for bank, intake in self._intakes.items():
            bank.update(now, *intake.rows(bank.capacity, now))
        for owned in self._owned.values():
            for origin in [origin for origin, plan in owned.plans.items() if plan.tick != self._ticks]:
                del owned.plans[origin]

    def record(self, owned: Owned, name: str) -> None:
        """Record a source from the next tick on. Raises `UnknownSource`."""
        if name not in owned.known:
            raise UnknownSource(name)
        owned.refused.discard(name)
        owned.wanted.add(name)
        self._choose(owned)

    def forget(self, owned: Owned, name: str) -> None:
        """Stop recording a source and drop what was. A name that is nobody's is nothing to forget."""
        if name not in owned.known:
            return
        owned.wanted.discard(name)
        owned.refused.add(name)
        self._choose(owned)
        if name in owned.positions:
            self._drop(owned, [name])

    def reap(self, older: float) -> None:
        """Drop sources that had no value since `older`: of plug-ins and devices that are gone."""
        for owned in self:
            for_long = [name for name, at in owned.positions.items() if owned.bank.silent(at, older)]
            if for_long:
                log.info("%s %s: %d sources without a value for long, dropped", owned.owner, owned.uuid, len(for_long))
                self._drop(owned, for_long)

    def load(self, uuid: str) -> Rrd | None:
        """The archive of `uuid` on disk; a damaged one is set aside, not read again."""
        path = self.path(uuid)
        try:
            return text.from_xml(unpacked(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, EOFError, zlib.error, text.BadArchive) as error:
            log.warning("archive %s: %s; set aside", uuid, error)
            path.rename(path.with_suffix(".damaged"))
            return None

    def save(self, uuid: str) -> None:
        """Write the database of `uuid` to disk."""
        owned = self._owned.get(uuid)
        if owned is not None and owned.positions:
            self.put(uuid, text.to_xml(owned.database()))

    def put(self, uuid: str, xml: bytes) -> None:
        """Have this XML as the archive of `uuid` on disk."""
        write_atomically(self.path(uuid), gzip.compress(xml, compresslevel=1), mode=0o644, sync=False)

    def archive(self, uuid: str) -> None:
        """Write the database to disk and drop it from memory. Safe to repeat."""
        self.save(uuid)
        self._leave(uuid)

    def remove(self, uuid: str) -> None:
        """Delete the database, in memory and on disk. Safe to repeat."""
        path = self.path(uuid)
        self._leave(uuid)
        self._refused.set(uuid, set())
        path.unlink(missing_ok=True)

    def adopt(self, owned: Owned, rrd: Rrd, now: float) -> None:
        """Have `rrd` as the past of an owner that just came here: what was recorded here so far goes."""
        self._drop(owned, list(owned.positions))
        self._fill(owned, rrd, now)

    def path(self, uuid: str) -> Path:
        """Where the archive of `uuid` is. Raises `UnknownSource`."""
        if not UUID.fullmatch(uuid):
            raise UnknownSource(uuid)
        return self._archives / f"{uuid}.gz"

    def close(self) -> None:
        """Let go of all files."""
        for bank in self._banks.values():
            bank.close()

    def _add(self, owner: Owner, uuid: str) -> Owned:
        owned = self._owned.get(uuid)
        if owned is None:
            owned = self._owned[uuid] = Owned(owner, uuid, self._banks[owner is Owner.HOST])
        return owned

    def _plan(self, owned: Owned, batch: Batch, now: float) -> Plan:
        if batch.generation != owned.generation and not batch.origin:
            owned.generation = batch.generation
            owned.bank.restart(owned.positions.values(), batch.generation)
        planned = owned.plans.get(batch.origin)
        if planned is not None and (planned.sources is batch.sources or planned.sources == batch.sources):
            return planned
        where = [self._position(owned, source, now) for source in batch.sources]
        owned.plans[batch.origin] = planned = Plan(batch.sources, where)
        return planned

    def _position(self, owned: Owned, source: Source, now: float) -> int:
        at = owned.positions.get(source.name)
        if at is not None:
            owned.bank.describe(at, source)
            owned.sources[source.name] = source
            return at
        if not owned.records(source):
            return NOWHERE
        try:
            at = owned.bank.take(Column(owned.owner, owned.uuid, source), owned.generation, now)
        except OSError as error:
            log.warning("no room to record %s of %s: %s", source.name, owned.uuid, error)
            return NOWHERE
        owned.positions[source.name] = at
        owned.sources[source.name] = source
        return at

    def _fill(self, owned: Owned, rrd: Rrd, now: float) -> None:
        positions = [self._position(owned, source, now) for source in rrd.sources]
        kept = [i for i, at in enumerate(positions) if at != NOWHERE]
        owned.bank.flush()  # before anything is put into columns that were somebody else's
        owned.bank.fill(kept, [positions[i] for i in kept], rrd)
        owned.plans.clear()

    def _drop(self, owned: Owned, names: Iterable[str]) -> None:
        owned.bank.give_back([owned.positions.pop(name) for name in names if owned.sources.pop(name, None)])
        owned.plans.clear()

    def _leave(self, uuid: str) -> None:
        owned = self._owned.pop(uuid, None)
        if owned is not None:
            owned.bank.give_back(owned.positions.values())
            owned.bank.flush()

    def _choose(self, owned: Owned) -> None:
        owned.plans.clear()
        self._refused.set(owned.uuid, owned.refused)


class _Choices:
    """The sources that somebody told us to forget, kept on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.names: dict[str, list[str]] = {}
        try:
            self.names = msgspec.json.decode(path.read_bytes(), type=dict[str, list[str]])
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("%s: %s; nothing is refused", path, error)

    def set(self, uuid: str, names: set[str]) -> None:
        if set(self.names.get(uuid, ())) == names:
            return
        self.names = {key: value for key, value in self.names.items() if key != uuid}
        if names:
            self.names[uuid] = sorted(names)
        write_atomically(self._path, msgspec.json.encode(self.names))


def unpacked(packed: bytes) -> bytes:
    """The content of a gzip file. Raises `BadArchive` for more than a database can be."""
    unpacker = zlib.decompressobj(wbits=31)
    content = unpacker.decompress(packed, LARGEST)
    if not unpacker.eof:
        raise text.BadArchive("cut off or too large")
    return content
