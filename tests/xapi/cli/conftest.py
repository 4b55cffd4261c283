"""A command line carried out in this process, on a database in memory and the real dispatcher."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.reference import FOLDER, needed
from xapi.auth.access import Access
from xapi.auth.login import Authentication
from xapi.auth.sessions import Sessions
from xapi.cli import protocol, server
from xapi.config import Config
from xapi.context import Context
from xapi.datamodel import CLASSES
from xapi.datamodel.refs import HostRef
from xapi.db.database import Database
from xapi.dispatch.arguments import decoder
from xapi.dispatch.binding import Binding
from xapi.dispatch.dispatcher import Dispatcher


@dataclass
class Result:
    """What a client would have shown."""

    status: int | None
    out: str
    err: str
    commands: list[protocol.Message]


class Client:
    """The client's end of a conversation, in memory: it answers questions with `answers`."""

    def __init__(self, answers: tuple[str, ...] = ()) -> None:
        self._answers = list(answers)
        self.reader = self._input = asyncio.StreamReader()
        self._input.feed_data(protocol.GREETING)
        self._output = bytearray()
        self.commands: list[protocol.Message] = []

    async def read_exactly(self, size: int) -> bytes:
        return await self._input.readexactly(size)

    async def write(self, data: bytes) -> None:
        self._output += data
        if not self.commands and self._output.startswith(protocol.GREETING):
            del self._output[: len(protocol.GREETING)]
        while len(self._output) >= 4:
            size = protocol.length(bytes(self._output[:4]))
            message = protocol.decode(bytes(self._output[4 : 4 + size]))
            del self._output[: 4 + size]
            self.commands.append(message)
            self._react(message)

    def _react(self, message: protocol.Message) -> None:
        match message:
            case protocol.Prompt() | protocol.Load():
                if not self._answers:
                    self._input.feed_eof()
                    return
                data = self._answers.pop(0).encode()
                if isinstance(message, protocol.Load):
                    self._input.feed_data(protocol.encode(protocol.Ok()))
                chunk = protocol.encode(protocol.Chunk(len(data)))
                self._input.feed_data(chunk + data + protocol.encode(protocol.End()))
            case protocol.HttpGet() | protocol.HttpPut():
                self._input.feed_data(protocol.encode(protocol.Ok()))

    def result(self) -> Result:
        out, err, status = "", "", None
        for message in self.commands:
            match message:
                case protocol.Print(text):
                    out += text + "\n"
                case protocol.PrintStderr(text):
                    err += text
                case protocol.Error(code, params):
                    err += f"Error code: {code}\nError parameters: {', '.join(params)}\n"
                case protocol.Exit(code):
                    status = code
        return Result(status, out, err, self.commands)


class Xe:
    """`xe` on a database."""

    def __init__(self, db: Database, ctx: Context) -> None:
        self.db, self.ctx = db, ctx
        self.columns = 0

    async def __call__(self, *words: str, answers: tuple[str, ...] = ()) -> Result:
        client = Client(answers)
        async with asyncio.timeout(60):
            await server.handle(self.ctx, "\n".join(words).encode(), client, self.columns)
        return client.result()


def make(db: Database) -> Xe:
    settings = Config(authentication="file", login_delay=0.0)
    ctx = Context.for_test(db, config=settings)
    hosts = list(db.host)
    ctx.shared.host = HostRef(hosts[0] if hosts else db.host.create(name_label="here", hostname="here").ref)
    sessions = Sessions(db)
    ctx.shared.access = Access(Authentication(settings), sessions, "secret")
    Dispatcher(ctx.shared, sessions, Binding())
    return Xe(db, ctx)


@pytest.fixture
async def xe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Xe]:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    db = Database()
    yield make(db)
    db.close()


def reference(name: str) -> Any:
    """A file of the reference; the test is skipped without it."""
    return json.loads(needed(FOLDER / name).read_text())


def load_recorded(db: Database) -> None:
    """Fill the database with the rows of the recorded host."""
    for cls in CLASSES.values():
        path = FOLDER / f"recorded/all.{cls.name}.get_all_records.json"
        if not path.exists() or not db.has_table(cls.name):
            continue
        columns = {field.name: decoder(field.type) for field in cls.fields}
        for ref, record in json.loads(path.read_text())["decoded"].get("Value", {}).items():
            known = {name: columns[name](_plain(value)) for name, value in record.items() if name in columns}
            uuid = known.pop("uuid", None)
            stored = {name: value for name, value in known.items() if not _derived(db, cls.name, name)}
            db.table(cls.name).create(ref, uuid, **stored)


def _plain(value: Any) -> Any:
    """Dates are marked in the recordings."""
    return value["dateTime.iso8601"] if isinstance(value, dict) and "dateTime.iso8601" in value else value


def _derived(db: Database, cls: str, name: str) -> bool:
    return db.table(cls)._column(name).back
