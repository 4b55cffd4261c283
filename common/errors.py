"""Errors that travel: a code and string parameters, over every protocol we speak."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

REGISTRY: dict[str, type[WireError]] = {}
"""Error classes by code; a client raises the declared class again, so `except DoesNotExist` works across daemons."""


class WireError(Exception):
    """An error with a code and parameters; subclasses are dataclasses whose fields are the parameters in order.

    `is_bug` marks errors that mean a defect of ours: they are logged with a traceback.
    """

    code: ClassVar[str] = ""
    is_bug: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("code"):
            REGISTRY[cls.code] = cls

    @classmethod
    def param_names(cls) -> tuple[str, ...]:
        """The attributes that are the parameters, in order."""
        return tuple(field.name for field in dataclasses.fields(cls))  # type: ignore[arg-type]

    @property
    def params(self) -> list[str]:
        """The parameters as they go over the wire."""
        return [str(getattr(self, name)) for name in self.param_names()]

    @property
    def wire_code(self) -> str:
        """The code as it goes over the wire; only `RemoteError` differs from the class's own."""
        return self.code

    def __str__(self) -> str:
        return f"{self.wire_code}({', '.join(self.params)})"


@dataclasses.dataclass(eq=False)
class RemoteError(WireError):
    """An error of another process for which no class is declared here."""

    remote_code: str
    remote_params: list[str]

    @property
    def params(self) -> list[str]:
        return list(self.remote_params)

    @property
    def wire_code(self) -> str:
        return self.remote_code


@dataclasses.dataclass(eq=False)
class DaemonUnreachable(WireError):
    """Another daemon's socket refused, vanished in mid-call, or did not answer before the deadline."""

    code = "Daemon_unreachable"

    socket: str
    reason: str


@dataclasses.dataclass(eq=False)
class InternalFailure(WireError):
    """The other daemon failed in a way it did not foresee; its log has a traceback."""

    code = "Internal_error"
    is_bug = True

    message: str


def from_wire(code: str, params: list[str]) -> WireError:
    """The declared error for `code`, or a `RemoteError` that carries it unchanged."""
    cls = REGISTRY.get(code)
    if cls is None or len(cls.param_names()) != len(params):
        return RemoteError(code, params)
    return cls(*params)
