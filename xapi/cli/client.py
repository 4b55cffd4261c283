"""`xe`: sends its words to a host and does what the host says: print, read a file, fetch, ask, connect a terminal.

Only the standard library is imported: the client starts at every command line.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from xapi.cli import options as command_line
from xapi.cli import protocol, transfer
from xapi.cli.options import USAGE, Options, UsageError

USER_AGENT = "xe-cli/Unix/0.2"
TERMINAL_HEADER = "x-xe-terminal"
"""Tells the server how wide our terminal is, so that it may draw progress; other servers ignore it."""


def main() -> None:
    """The console script."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(run(sys.argv[1:]))


def run(argv: Sequence[str]) -> int:
    """Perform one command line; answers the exit status."""
    try:
        chosen = command_line.parse(argv, os.environ, command_line.home_of(os.environ))
    except UsageError as error:
        print(error, file=sys.stderr)
        return 1
    if not chosen.words or "--help" in chosen.words:
        print(USAGE, file=sys.stderr)
        return 0
    trace: list[str] = []
    try:
        with contextlib.closing(transfer.connect(chosen)) as connection:
            status = _Session(chosen, connection, trace).run()
    except KeyboardInterrupt:
        return 130
    except (OSError, protocol.ProtocolError) as error:
        print(f"Error: {chosen.server}:{chosen.effective_port}: {error}", file=sys.stderr)
        status = 1
    if status and chosen.debug_on_fail:
        print("\n".join(trace), file=sys.stderr)
    return status


class _Session:
    """One command's conversation."""

    def __init__(self, chosen: Options, connection: socket.socket, trace: list[str]) -> None:
        self._chosen, self._connection, self._trace = chosen, connection, trace
        self._stream = connection.makefile("rb")

    def run(self) -> int:
        self._connection.sendall(self._request())
        # The server thinks, and waits for tasks, as long as it must.
        self._connection.settimeout(None)
        greeting = self._stream.read(len(protocol.GREETING))
        if greeting.startswith(b"HTTP"):
            raise protocol.ProtocolError(f"the server refused: {greeting.decode(errors='replace').splitlines()[0]}")
        protocol.check_greeting(greeting)
        self._connection.sendall(protocol.GREETING)
        while True:
            message = self._receive()
            self._debug(f"<- {message!r}")
            if isinstance(message, protocol.Exit):
                return message.status
            status = self._obey(message)
            if status is not None:
                return status

    def _request(self) -> bytes:
        chosen = self._chosen
        words = [*chosen.words]
        if chosen.username or chosen.password:
            words += [f"username={chosen.username}", f"password={chosen.password}"]
        body = "\n".join(words).encode()
        headers = [f"User-agent: {USER_AGENT}", "originator: cli", f"content-length: {len(body)}"]
        if chosen.traceparent:
            headers.append(f"traceparent: {chosen.traceparent}")
        if sys.stderr.isatty():
            headers.append(f"{TERMINAL_HEADER}: {_columns()}")
        return ("POST /cli HTTP/1.0\r\n" + "\r\n".join(headers) + "\r\n\r\n").encode() + body

    def _receive(self) -> protocol.Message:
        header = self._stream.read(4)
        if len(header) < 4:
            raise protocol.ProtocolError("the server closed the connection")
        return protocol.decode(self._stream.read(protocol.length(header)))

    def _send(self, message: protocol.Message) -> None:
        self._debug(f"-> {message!r}")
        self._connection.sendall(protocol.encode(message))

    def _obey(self, message: protocol.Message) -> int | None:
        """Do what the server says; an exit status when there is no more to do."""
        match message:
            case protocol.Print(text):
                sys.stdout.write(text + "\n")
                sys.stdout.flush()
            case protocol.PrintStderr(text):
                sys.stderr.write(text)
                sys.stderr.flush()
            case protocol.Debug(text):
                self._debug(text)
            case protocol.Load(filename):
                self._load(filename)
            case protocol.Prompt():
                self._blob(sys.stdin.readline().rstrip("\n").encode())
            case protocol.HttpGet(filename, path):
                self._transfer(transfer.get, filename, path)
            case protocol.HttpPut(filename, path):
                self._transfer(transfer.put, filename, path)
            case protocol.HttpConnect(path):
                return transfer.console(self._chosen, path)
            case protocol.Error(code, params):
                print(f"Error code: {code}\nError parameters: {', '.join(params)}", file=sys.stderr)
            case _:
                raise protocol.ProtocolError(f"unexpected {message!r}")
        return None

    def _named(self, filename: str) -> bool:
        """Whether the user named the file: the server may not choose files of ours."""
        values = [word.partition("=")[2] for word in self._chosen.words if "=" in word]
        return filename in {*values, *self._chosen.words}

    def _load(self, filename: str) -> None:
        if not self._named(filename):
            self._send(protocol.Failed())
            return
        try:
            data = Path(filename).read_bytes()
        except OSError as error:
            print(f"{filename}: {error.strerror}", file=sys.stderr)
            self._send(protocol.Failed())
            return
        self._send(protocol.Ok())
        self._blob(data)

    def _blob(self, data: bytes) -> None:
        self._send(protocol.Chunk(len(data)))
        self._connection.sendall(data)
        self._send(protocol.End())

    def _transfer(self, action: transfer.Action, filename: str, path: str) -> None:
        if filename and not self._named(filename):
            self._send(protocol.Failed())
            return
        try:
            action(self._chosen, path, filename)
        except (OSError, protocol.ProtocolError) as error:
            # The query holds the session.
            print(f"{filename or path.partition('?')[0]}: {error}", file=sys.stderr)
            self._send(protocol.Failed())
        else:
            self._send(protocol.Ok())

    def _debug(self, text: str) -> None:
        if self._chosen.debug:
            print(text, file=sys.stderr)
        elif self._chosen.debug_on_fail:
            self._trace.append(text)


def _columns() -> int:
    with contextlib.suppress(OSError):
        return os.get_terminal_size(sys.stderr.fileno()).columns
    return 80


if __name__ == "__main__":
    main()
