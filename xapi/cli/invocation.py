"""`Invocation`: what a command gets: its parameters, the API, and somebody to print for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from xapi.cli import layout, values
from xapi.cli.caller import Caller
from xapi.cli.failures import CommandError, Missing
from xapi.cli.talk import Talk
from xapi.cli.words import Words
from xapi.datamodel.types import NULL
from xapi.db.database import Database


@dataclass
class Invocation:
    """One command line being carried out."""

    words: Words
    talk: Talk
    api: Caller
    selected: list[Any] = field(default_factory=list)
    """Rows that the selectors of the command line chose."""

    @property
    def db(self) -> Database:
        return self.api.ctx.db

    @property
    def minimal(self) -> bool:
        return self.words.minimal

    # Parameters

    def get(self, name: str, default: str = "") -> str:
        """An optional parameter."""
        return self.words.params.get(name, default)

    def has(self, name: str) -> bool:
        return name in self.words.params

    def need(self, name: str) -> str:
        """A required parameter. Raises `Missing`."""
        if name not in self.words.params:
            raise Missing(name)
        return self.words.params[name]

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean parameter. Raises `CommandError`."""
        text = self.words.params.get(name)
        return default if text is None else values.read_bool(name, text)

    def size(self, name: str) -> int:
        """A required number of bytes. Raises `CommandError`."""
        return values.read_size(name, self.need(name))

    def map(self, name: str) -> dict[str, str]:
        """Parameters `name:key=value`."""
        prefix = f"{name}:"
        return {key[len(prefix) :]: value for key, value in self.words.params.items() if key.startswith(prefix)}

    def ref(self, cls: str, name: str) -> str:
        """The object whose uuid is the required parameter `name`. Raises UUID_INVALID."""
        return self.by_uuid(cls, self.need(name))

    def optional_ref(self, cls: str, name: str) -> str:
        """The object whose uuid is the parameter `name`; NULL without it."""
        return self.by_uuid(cls, self.words.params[name]) if self.has(name) else NULL

    def by_uuid(self, cls: str, uuid: str) -> str:
        return str(self.db.table(cls).by_uuid(uuid).ref)

    def host(self, text: str) -> str:
        """The host with this uuid, name or address. Raises `CommandError`."""
        for row in self.db.host.rows():
            if text in (row.uuid, row.name_label, row.hostname, row.address):
                return row.ref
        raise CommandError(f"Host {text} not found")

    def default_sr(self) -> str:
        """The pool's default SR. Raises `CommandError`."""
        sr = self.pool.default_SR
        if sr not in self.db.sr:
            raise CommandError("No default Pool SR set; you must specify an SR on the commandline")
        return str(sr)

    @property
    def pool(self) -> Any:
        return next(iter(self.db.pool.rows()))

    def uuid(self, ref: str) -> str:
        """The uuid of an object that a call answered."""
        return values.show_ref(self.db, ref)

    # Output

    def print(self, text: str) -> None:
        """A line."""
        self.talk.print(text)

    def items(self, texts: Iterable[str]) -> None:
        """Values: one a line, or on one line with --minimal."""
        if self.minimal:
            self.print(layout.minimal(texts))
            return
        for text in texts:
            self.print(text)

    def table(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Names with their values; with --minimal the first value."""
        if self.minimal:
            self.print(layout.minimal(value for _, value in pairs[:1]))
        else:
            self.print(layout.table(pairs))

    def answer(self, value: Any) -> None:
        """What a call of the API answered."""
        if value is None:
            return
        shown = values.show(self.db, value)
        if isinstance(shown, list):
            self.items(shown)
        elif isinstance(shown, dict):
            self.table(list(shown.items()))
        else:
            self.print(shown)
