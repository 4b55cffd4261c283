"""Long calls of a daemon: a task id at once, progress, cancel, result. xenopsd and sm both serve `TASK`."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

import msgspec

from common.errors import WireError
from common.rpc.interface import Interface

TaskId = NewType("TaskId", str)


class State(StrEnum):
    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A long call now. `error` (code, then parameters) is set when it failed, `result` may be when it completed."""

    id: TaskId
    dbg: str
    state: State
    progress: float = 0.0
    """0 to 1."""
    cancellable: bool = True
    created: float
    """Seconds since the epoch."""
    result: str | None = None
    error: list[str] = []


class TASK(Interface, prefix="TASK"):
    """Tasks of this daemon. A finished task stays until `destroy`, or for an hour."""

    @abstractmethod
    async def stat(self, dbg: str, id: TaskId) -> Task:
        """The task now. Raises `UnknownTask`."""

    @abstractmethod
    async def wait(self, dbg: str, id: TaskId, timeout: float = 30.0) -> Task:
        """The task when it finished or its progress changed, at the latest after `timeout` seconds."""

    @abstractmethod
    async def all(self, dbg: str) -> list[Task]:
        """All tasks."""

    @abstractmethod
    async def cancel(self, dbg: str, id: TaskId) -> None:
        """Ask the task to stop; it ends as failed with `Cancelled`. Safe to repeat."""

    @abstractmethod
    async def destroy(self, dbg: str, id: TaskId) -> None:
        """Forget a finished task; a running one is forgotten when it ends. Safe to repeat."""


@dataclass(eq=False)
class UnknownTask(WireError):
    """No such task: never made, destroyed, or of a predecessor of this process."""

    code = "Unknown_task"

    id: str


@dataclass(eq=False)
class Cancelled(WireError):
    """The call was cancelled."""

    code = "Cancelled"

    task: str
