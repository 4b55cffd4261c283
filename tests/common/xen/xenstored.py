"""A small xenstored: nodes in memory, transactions that notice each other, watches; no permissions checked."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from dataclasses import dataclass, field
from pathlib import Path

HEADER = struct.Struct("<IIII")


@dataclass
class Session:
    """One client."""

    writer: asyncio.StreamWriter
    watches: dict[str, str] = field(default_factory=dict)
    transactions: dict[int, tuple[int, dict[str, bytes]]] = field(default_factory=dict)


class Xenstored:
    """The server. `stuck`: it reads requests and answers none."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.nodes: dict[str, bytes] = {"/": b""}
        self.permissions: dict[str, bytes] = {}
        self.generation = 0
        self.stuck = False
        self.sessions: list[Session] = []
        self._server: asyncio.Server
        self._numbers = 0

    async def start(self) -> None:
        Path(self.path).unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def stop(self) -> None:
        self._server.close()
        for session in list(self.sessions):
            session.writer.close()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(writer)
        self.sessions.append(session)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                kind, request, transaction, length = HEADER.unpack(await reader.readexactly(16))
                body = await reader.readexactly(length)
                if self.stuck:
                    continue
                try:
                    answer = self._answer(session, kind, transaction, body)
                except KeyError:
                    kind, answer = 16, b"ENOENT\0"
                except OSError as error:
                    kind, answer = 16, str(error).encode() + b"\0"
                writer.write(HEADER.pack(kind, request, transaction, len(answer)) + answer)
                if kind == 4:  # a new watch fires at once
                    path, token = body.rstrip(b"\0").decode().split("\0")
                    self._fire(session, path, token)
        self.sessions.remove(session)
        writer.close()

    def _answer(self, session: Session, kind: int, transaction: int, body: bytes) -> bytes:
        path, _, rest = body.partition(b"\0")
        name = path.decode()
        nodes = self.nodes if transaction == 0 else session.transactions[transaction][1]
        if kind == 2:
            return nodes[name]
        if kind in {1, 20}:
            return self._listing(nodes, name, kind, rest)
        if kind == 3:
            return self.permissions.get(name, b"n0\0") if name in nodes else nodes[name]
        if kind == 14:
            self.permissions[name] = rest
            return b"OK\0"
        if kind == 4:
            session.watches[rest.rstrip(b"\0").decode()] = name
            return b"OK\0"
        if kind == 5:
            del session.watches[rest.rstrip(b"\0").decode()]
            return b"OK\0"
        if kind == 6:
            self._numbers += 1
            session.transactions[self._numbers] = (self.generation, dict(self.nodes))
            return f"{self._numbers}\0".encode()
        if kind == 7:
            return self._end(session, transaction, commit=body == b"T\0")
        if kind in {11, 12, 13}:
            self._change(nodes, kind, name, rest)
            if transaction == 0:
                self._changed(name)
            return b"OK\0"
        raise OSError("ENOSYS")

    def _listing(self, nodes: dict[str, bytes], name: str, kind: int, rest: bytes) -> bytes:
        nodes[name]
        below = name.rstrip("/") + "/"
        children = sorted(
            {each[len(below) :].split("/")[0] for each in nodes if each.startswith(below) and each != "/"}
        )
        listed = "".join(f"{child}\0" for child in children).encode()
        if kind == 1:
            if len(listed) > 4096:
                raise OSError("E2BIG")
            return listed
        offset = int(rest.rstrip(b"\0"))
        room = 4096 - len(str(self.generation)) - 1
        part = listed[offset:][:room]
        part = part[: part.rfind(b"\0") + 1]
        if offset + len(part) >= len(listed):
            part += b"\0"
        return f"{self.generation}\0".encode() + part

    def _change(self, nodes: dict[str, bytes], kind: int, name: str, value: bytes) -> None:
        if kind == 13:
            nodes[name]
            for each in [each for each in nodes if each == name or each.startswith(f"{name}/")]:
                del nodes[each]
            return
        parent = ""
        for part in name.strip("/").split("/")[:-1]:
            parent += f"/{part}"
            nodes.setdefault(parent, b"")
        if kind == 11:
            nodes[name] = value
        else:
            nodes.setdefault(name, b"")

    def _end(self, session: Session, transaction: int, *, commit: bool) -> bytes:
        generation, nodes = session.transactions.pop(transaction)
        if commit and generation != self.generation:
            raise OSError("EAGAIN")
        if commit:
            changed = {name for name in {*nodes, *self.nodes} if nodes.get(name) != self.nodes.get(name)}
            self.nodes = nodes
            for name in sorted(changed):
                self._changed(name)
        return b"OK\0"

    def _changed(self, name: str) -> None:
        self.generation += 1
        for session in self.sessions:
            for token, path in session.watches.items():
                if name == path or name.startswith(f"{path}/"):
                    self._fire(session, name, token)

    def _fire(self, session: Session, path: str, token: str) -> None:
        body = f"{path}\0{token}\0".encode()
        session.writer.write(HEADER.pack(15, 0, 0, len(body)) + body)
