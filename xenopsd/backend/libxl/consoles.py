"""Guests' text consoles as Unix sockets: xenconsoled gives each a terminal, which we read for any number of viewers.

A viewer first gets the last lines, so that who comes after the boot sees it. The terminal is opened again when
xenconsoled was restarted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import termios
import tty
from pathlib import Path

from common import unix

log = logging.getLogger(__name__)

KEPT = 1 << 16  # bytes of output
WAITING = 1 << 20  # bytes that a viewer may be behind before it is dropped
AGAIN = 1.0  # seconds between attempts to open a terminal that is gone
KEYS_KEPT = 30.0  # seconds that a guest, or its terminal, may let keys wait
PAUSE = 0.05  # seconds between attempts to pass keys on


class _Console:
    """One guest's. What an earlier domain of the VM wrote is not shown for the next."""

    def __init__(self, socket: Path, domid: int, terminal: str) -> None:
        self._domid, self._terminal = domid, terminal
        self._socket = socket
        self._loop = asyncio.get_running_loop()
        self._output = bytearray()
        self._viewers: set[asyncio.StreamWriter] = set()
        self._descriptor: int | None = None
        self._again: asyncio.TimerHandle | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, sock=unix.listen(str(self._socket)))
        self.open()

    def open(self) -> None:
        """Open the terminal, now or as soon as it is there."""
        self._close_terminal()
        try:
            descriptor = os.open(self._terminal, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            self._again = self._loop.call_later(AGAIN, self.open)
            return
        with contextlib.suppress(
            termios.error, OSError
        ):  # a terminal that vanishes while it is set up says so when it is read
            tty.setraw(descriptor)
        self._descriptor = descriptor
        self._loop.add_reader(descriptor, self._read)

    def follow(self, domid: int, terminal: str) -> None:
        """Read this terminal from now on."""
        if domid != self._domid:
            self._output.clear()
        elif terminal == self._terminal:
            return
        self._domid, self._terminal = domid, terminal
        self.open()

    def close(self) -> None:
        self._close_terminal()
        for viewer in list(self._viewers):
            viewer.close()
        if self._server is not None:
            self._server.close()
        self._socket.unlink(missing_ok=True)

    def _close_terminal(self) -> None:
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

    def _read(self) -> None:
        assert self._descriptor is not None  # noqa: S101
        try:
            data = os.read(self._descriptor, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close_terminal()
            self._again = self._loop.call_later(AGAIN, self.open)
            return
        self._output += data
        del self._output[:-KEPT]
        for viewer in list(self._viewers):
            if viewer.transport.is_closing():
                self._viewers.discard(viewer)
            elif viewer.transport.get_write_buffer_size() > WAITING:
                viewer.transport.abort()
            else:
                viewer.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(self._output))
        self._viewers.add(writer)
        try:
            while data := await reader.read(4096):
                await self._type(data)
        except OSError:
            pass
        finally:
            self._viewers.discard(writer)
            writer.close()

    async def _type(self, data: bytes) -> None:
        """Keys for the guest; those that come while xenconsoled restarts are kept for a while."""
        give_up = self._loop.time() + KEYS_KEPT
        while data and self._loop.time() < give_up:
            if self._descriptor is None:
                await asyncio.sleep(PAUSE)
                continue
            try:
                data = data[os.write(self._descriptor, data) :]
                give_up = self._loop.time() + KEYS_KEPT
            except OSError:
                await asyncio.sleep(PAUSE)  # the guest reads slowly, or the terminal has just gone


class Consoles:
    """Of all guests, by VM."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._consoles: dict[str, _Console] = {}

    def path(self, vm: str, kind: str) -> str:
        """Where a VM's console of that kind listens."""
        return str(self._directory / f"{vm}.{kind}")

    async def show(self, vm: str, domid: int, terminal: str) -> None:
        """Serve the terminal at `terminal` of the VM's domain. Safe to repeat."""
        console = self._consoles.get(vm)
        if console is None:
            console = self._consoles[vm] = _Console(Path(self.path(vm, "vt100")), domid, terminal)
            await console.start()
        else:
            console.follow(domid, terminal)

    def keep(self, vms: set[str]) -> None:
        """End those of all other VMs."""
        for vm in set(self._consoles) - vms:
            self._consoles.pop(vm).close()
            Path(self.path(vm, "rfb")).unlink(missing_ok=True)
