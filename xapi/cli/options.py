"""The client's own options, from the command line, `~/.xe` and the environment. Only the standard library."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

USAGE = """Usage:
  xe <command>
    [ -s <server> ]            host to talk to
    [ -p <port> ]              port of the host (443; 80 is without TLS)
    [ -u <username> -pw <password> | -pwf <password file> ]
                               who you are
    [ --nossl ]                without TLS
    [ --debug ]                show what is sent and received
    [ --debug-on-fail ]        show it only if the command fails
    [ --minimal ]              values only, separated by commas
    [ --traceparent <value> ]  context for distributed tracing
    [ --trace ]                show the task's backtrace on failure
    [ <other arguments> ... ]  the command's own

A list of all commands:
  xe help -s <server> -p <port>
"""

LOCAL = "127.0.0.1"
SHORT = {"-s": "server", "-h": "server", "-p": "port", "-u": "username", "-pw": "password", "-pwf": "passwordfile"}
WITH_VALUE = {"--traceparent": "traceparent", "--server": "server", "--port": "port", "--username": "username"}
OURS = {"server", "port", "username", "password", "passwordfile", "nossl", "debug", "debugonfail", "traceparent"}
FLAGS = {"--nossl": "nossl", "--debug": "debug", "--debug-on-fail": "debugonfail"}


class UsageError(Exception):
    """The command line can't be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Options:
    """Where to connect, as whom, and the words for the server."""

    server: str = LOCAL
    port: int | None = None
    username: str = ""
    password: str = ""
    tls: bool = True
    debug: bool = False
    debug_on_fail: bool = False
    traceparent: str = ""
    words: tuple[str, ...] = field(default=())
    """The command and its arguments, as the server gets them."""

    @property
    def effective_port(self) -> int:
        """The port to connect to."""
        if self.port is not None:
            return self.port
        return 443 if self.tls else 80


def parse(argv: Sequence[str], environment: Mapping[str, str], home: Path) -> Options:
    """Options of a command line. Raises `UsageError`; an empty `words` asks for the usage."""
    extra = _split(environment.get("XE_EXTRA_ARGS", ""))
    ours, words = _sort([*_of_file(home / ".xe"), *extra, *argv])
    username, password = ours.get("username", ""), ours.get("password", "")
    if "passwordfile" in ours:
        username, password = _of_password_file(Path(ours["passwordfile"]), username)
    port = ours.get("port")
    if port is not None and not port.isdigit():
        raise UsageError(f"{port!r} is not a port")
    options = Options(
        server=ours.get("server", LOCAL),
        port=int(port) if port else None,
        username=username,
        password=password,
        tls=ours.get("nossl", "false") != "true",
        debug=ours.get("debug", "false") == "true",
        debug_on_fail=ours.get("debugonfail", "false") == "true",
        traceparent=ours.get("traceparent", environment.get("TRACEPARENT", "")),
        words=tuple(words),
    )
    # Port 80 is plain by definition: no host of ours or the original's speaks TLS there.
    return replace(options, tls=False) if options.port == 80 else options


def _sort(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    ours: dict[str, str] = {}
    words: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if argument in SHORT or argument in WITH_VALUE:
            given = next(rest, None)
            if given is None:
                raise UsageError(f"{argument} wants a value")
            ours[SHORT.get(argument) or WITH_VALUE[argument]] = given
        elif argument in FLAGS:
            ours[FLAGS[argument]] = "true"
        elif equals and name in OURS:
            ours[name] = value
        else:
            words.append(argument)
    return ours, words


def _of_file(path: Path) -> list[str]:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _of_password_file(path: Path, username: str) -> tuple[str, str]:
    """One line is the password; two are the user's name and the password."""
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    match lines:
        case [password]:
            return username, password
        case [name, password, *_]:
            return name, password
        case _:
            raise UsageError(f"{path}: no password in it")


def _split(text: str) -> list[str]:
    """Words separated by commas; `\\,` is a comma of a word."""
    words, word, escaped = [], "", False
    for character in text:
        if escaped or character not in ",\\":
            word, escaped = word + character, False
        elif character == "\\":
            escaped = True
        else:
            words.append(word)
            word = ""
    return [one for one in [*words, word] if one]


def home_of(environment: Mapping[str, str]) -> Path:
    """The user's home directory."""
    return Path(environment.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - Path.home raises without HOME
