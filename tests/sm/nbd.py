"""A small NBD client that connects again when its server goes away and repeats what was not acknowledged."""

from __future__ import annotations

import asyncio
import struct

from common.idl.storage import Attachment, NbdSocket

PATIENCE = 20.0  # seconds for a request, reconnects included
READ, WRITE = 0, 1


class Nbd:
    """One export, one request at a time."""

    def __init__(self, attachment: Attachment) -> None:
        best = attachment.implementations[0]
        assert isinstance(best, NbdSocket)
        self._address = best
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.size = 0

    async def read(self, offset: int, length: int) -> bytes:
        return await self._request(READ, offset, length, b"")

    async def write(self, offset: int, content: bytes) -> None:
        await self._request(WRITE, offset, len(content), content)

    async def connect(self) -> None:
        reader, writer = await asyncio.open_unix_connection(self._address.socket)
        self._streams = reader, writer
        await reader.readexactly(18)
        name = self._address.export.encode()
        writer.write(struct.pack(">I", 3) + b"IHAVEOPT" + struct.pack(">II", 1, len(name)) + name)
        self.size, _flags = struct.unpack(">QH", await reader.readexactly(10))

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _request(self, kind: int, offset: int, length: int, content: bytes) -> bytes:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    if self._streams is None:
                        await self.connect()
                    return await self._once(kind, offset, length, content)
                except (OSError, asyncio.IncompleteReadError):
                    await self.close()
                    await asyncio.sleep(0.02)

    async def _once(self, kind: int, offset: int, length: int, content: bytes) -> bytes:
        assert self._streams is not None
        reader, writer = self._streams
        writer.write(struct.pack(">IHHQQI", 0x25609513, 0, kind, 1, offset, length) + content)
        magic, error, _handle = struct.unpack(">IIQ", await reader.readexactly(16))
        if magic != 0x67446698 or error:
            raise OSError(error, "NBD")
        return await reader.readexactly(length) if kind == READ else b""
