"""TLS on a socket that never blocks. What is written is encrypted whole, and sent in one call instead of sixteen."""

from __future__ import annotations

import contextlib
import socket
import ssl

RECEIVED = 1 << 16  # bytes taken from the socket at once


class Secure:
    """What `Line` wants of a socket. One call at a time; each raises `BlockingIOError` rather than wait."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext, host: str | None = None) -> None:
        connection.setblocking(False)
        self.socket = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=host is None, server_hostname=host)
        self._unsent = memoryview(b"")

    def shake_hands(self) -> None:
        """Begin. Raises `OSError`."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self.flush()
                self._receive()
            except ssl.SSLError:
                with contextlib.suppress(OSError):
                    self.flush()  # the other side is told why
                raise
            else:
                self.flush()
                return

    def recv_into(self, buffer: memoryview) -> int:
        """Bytes that were read; 0 at the end. Raises `OSError`."""
        while True:
            try:
                count = self._tls.read(len(buffer), buffer)
            except ssl.SSLWantReadError:
                self._receive()
            except ssl.SSLEOFError:
                return 0  # it went without a word, as many do
            else:
                return int(count)

    def send(self, data: memoryview) -> int:
        """All of it, once what was written before has left; `flush` tells when this has. Raises `OSError`."""
        if not self.flush():
            raise BlockingIOError
        count = self._tls.write(data)
        self.flush()
        return count

    def flush(self) -> bool:
        """Whether all that was written has left. Raises `OSError`."""
        while self._unsent or self._outgoing.pending:
            if not self._unsent:
                self._unsent = memoryview(self._outgoing.read())
            try:
                self._unsent = self._unsent[self.socket.send(self._unsent) :]
            except BlockingIOError:
                return False
        return True

    def close(self) -> None:
        """Say so, without waiting for an answer. Safe to repeat."""
        with contextlib.suppress(OSError):
            try:
                self._tls.unwrap()
            finally:
                self.flush()
        self.socket.close()

    def _receive(self) -> None:
        if data := self.socket.recv(RECEIVED):
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
