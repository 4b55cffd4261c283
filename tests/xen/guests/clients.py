"""The clients that guests' lives are lived through: the Python SDK, and `xe`. Outside they name objects by uuid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import XenAPI

from tests.integration.host import xe_program
from tests.integration.sdk import LOGIN, Sdk
from tests.integration.xe import COMMANDS, Xe, named, on, setting


@dataclass(frozen=True)
class Bed:
    """How to reach the host in dom0."""

    url: str
    user: str
    password: str
    file: Path
    """The password again."""


class Client(Protocol):
    """What acts. Handles are the client's own: references, or uuids with `xe`."""

    def __enter__(self) -> Self: ...

    def __exit__(self, _k: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None: ...

    def handle(self, cls: str, uuid: str) -> str:
        """The handle of an object."""

    def uuid(self, cls: str, handle: str) -> str:
        """The object of a handle."""

    def perform(self, message: str, *arguments: Any) -> str | None:
        """One message of the API. Raises `ApiError`."""


class SdkInBed(Sdk):
    """The official Python SDK over HTTP; what takes long as a task, its end awaited through events."""

    PATIENCE = 120.0
    LONG = Sdk.LONG | {"VM.checkpoint", "VM.revert", "VM.clean_reboot", "VM.pause", "VM.unpause", "VM.pool_migrate"}

    def __init__(self, bed: Bed) -> None:
        self._session = XenAPI.Session(bed.url)
        self._credentials = (bed.user, bed.password, *LOGIN)

    @property
    def session(self) -> str:
        """What HTTP handlers want to see."""
        return str(self._session.handle)

    def handle(self, cls: str, uuid: str) -> str:
        return str(self.call(f"{cls}.get_by_uuid", uuid))

    def uuid(self, cls: str, handle: str) -> str:
        return str(self.call(f"{cls}.get_uuid", handle))


class XeInBed(Xe):
    """`xe` over HTTP, a process for each command."""

    COMMANDS: Mapping[str, Any] = {
        **COMMANDS,
        "VM.checkpoint": named("vm-checkpoint"),
        "VM.hard_reboot": on("vm-reboot", "force=true"),
        "VM.pool_migrate": lambda given: ["vm-migrate", f"uuid={given[0]}", f"host-uuid={given[1]}", "live=true"],
        "VM.set_actions_after_crash": setting("actions-after-crash"),
        "VM.set_memory_dynamic_range": lambda given: [
            *("vm-memory-dynamic-range-set", f"uuid={given[0]}", f"min={given[1]}", f"max={given[2]}")
        ],
    }

    def __init__(self, bed: Bed) -> None:
        self._program = [xe_program(), "-s", "127.0.0.1", "-p", "80", "-u", bed.user, "-pwf", str(bed.file)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _k: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None: ...

    def perform(self, message: str, *arguments: Any) -> str | None:
        return self.xe(*self.COMMANDS[message](arguments)) or None

    def handle(self, cls: str, uuid: str) -> str:
        return uuid

    def uuid(self, cls: str, handle: str) -> str:
        return handle


CLIENTS: Mapping[str, type[SdkInBed] | type[XeInBed]] = {"sdk": SdkInBed, "xe": XeInBed}
