"""What plans are made of: atomics, one after another or at the same time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

from common.idl.xen import Changed
from common.tasks import Handle
from xenopsd.backend.base import Backend
from xenopsd.hooks import Hooks
from xenopsd.memory.balancer import Balancer
from xenopsd.migration.connection import Connect, connect
from xenopsd.storage import Storage
from xenopsd.store import Record, Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class World:
    """What atomics act on."""

    backend: Backend
    storage: Storage
    store: Store
    hooks: Hooks
    changed: Callable[[Changed], None]
    acknowledge_timeout: float = 60.0
    memory: Balancer | None = None
    """None where the hypervisor shares out memory by itself."""
    gone: Callable[[Record], None] = lambda _record: None
    """Told of a VM that was forgotten."""
    connect: Connect = connect


class Job(Protocol):
    """The operation an atomic is part of."""

    world: World
    dbg: str
    handle: Handle | None
    resources: AsyncExitStack
    """What an atomic opens for later ones is put here: it ends with the plan, before anybody looks what is left."""

    async def interruptible(self, work: Awaitable[T]) -> T:
        """Await `work`, giving it up with `Cancelled` when the task is cancelled: for waits, not for changes."""

    def part(self, weight: float) -> None:
        """Tell that so much of this atomic's weight is done."""


class Atomic(Protocol):
    """One change. Its fields are identifiers; it looks up what it needs when it runs."""

    weight: ClassVar[float]

    async def perform(self, job: Job) -> None:
        """Make the change."""


@dataclass(frozen=True, slots=True)
class Serial:
    """One after another; the first failure ends it."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """At the same time. All of them finish, then the first failure is raised: a half-plugged device is worse than a
    late error."""

    steps: tuple[Step, ...]


Step = Atomic | Serial | Parallel


def serial(*steps: Step) -> Serial:
    """`steps` one after another, empty ones left out."""
    return Serial(tuple(step for step in steps if not _is_empty(step)))


def parallel(*steps: Step) -> Parallel:
    """`steps` at the same time, empty ones left out."""
    return Parallel(tuple(step for step in steps if not _is_empty(step)))


def atomics(step: Step) -> Iterator[Atomic]:
    """All atomics in `step`."""
    if isinstance(step, Serial | Parallel):
        for inner in step.steps:
            yield from atomics(inner)
    else:
        yield step


def _is_empty(step: Step) -> bool:
    return isinstance(step, Serial | Parallel) and not step.steps
