"""A request and its answer between the protocols and the dispatcher; neither knows which protocol it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from common.errors import WireError
from xapi.datamodel.types import Type


class Call:
    """One request as parsed: parameters are str, int, float, bool, list, dict or None, not yet checked."""

    __slots__ = ("id", "method", "params")

    def __init__(self, method: str, params: list[Any], id_: Any = None) -> None:
        self.method = method
        self.params = params
        self.id = id_
        """What the protocol wants back with the answer."""


class Answer:
    """A result with its type, or an error."""

    __slots__ = ("bare", "error", "type", "value")

    def __init__(self, type_: Type | None, value: Any, error: WireError | None = None, *, bare: bool = False) -> None:
        self.type = type_
        self.value = value
        self.error = error
        self.bare = bare
        """XML-RPC sends it without the Status struct around it."""


class Origin(NamedTuple):
    """Where a request came from, and what its headers ask for."""

    address: str = ""
    """The client's address; empty on a local socket."""
    local_root: bool = False
    """It came over the socket that only root can open."""
    user_agent: str = ""
    task: str = ""
    """Header `task-id`: run inside this task."""
    parent: str = ""
    """Header `subtask-of`."""
    other_config: Mapping[str, str] = MappingProxyType({})
    """Headers `x-http-other-config-<key>`: for the task that is made."""


LOCAL = Origin(local_root=True)
