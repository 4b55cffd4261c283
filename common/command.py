"""Runs a program of the host with a deadline; the only place that starts short-lived programs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shlex
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from common.errors import WireError

log = logging.getLogger(__name__)

DEADLINE = 60.0  # seconds
COMPANION_LINE = 1 << 22  # bytes


@dataclass(eq=False)
class CommandFailed(WireError):
    """A program ended with a status other than 0, or did not end in time."""

    code = "Command_failed"

    command: str
    status: int
    """Exit status; negative for a signal."""
    stderr: str


async def run(
    *argv: str,
    deadline: float = DEADLINE,
    stdin: bytes | None = None,
    environment: Mapping[str, str] | None = None,
    accept: tuple[int, ...] = (0,),
) -> str:
    """Standard output of `argv`. Raises `CommandFailed`; the program never outlives the call or its cancellation."""
    with contextlib.ExitStack() as stack:
        source: int | IO[bytes] = subprocess.DEVNULL
        if stdin is not None:
            source = stack.enter_context(_buffer(stdin))
        stdout, stderr = stack.enter_context(_buffer()), stack.enter_context(_buffer())
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=source,
            stdout=stdout,
            stderr=stderr,
            env=None if environment is None else dict(environment),
        )
        try:
            await asyncio.wait_for(process.wait(), deadline)
        except TimeoutError as error:
            raise CommandFailed(shlex.join(argv), -9, f"no end in {deadline:.0f} s") from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        output, errors = (_content(stream) for stream in (stdout, stderr))
    status = process.returncode if process.returncode is not None else -1
    log.debug("%s: %d", shlex.join(argv), status)
    if status not in accept:
        raise CommandFailed(shlex.join(argv), status, errors.strip())
    return output


def _buffer(content: bytes = b"") -> IO[bytes]:
    """A file in memory: unlike a pipe it has no end to wait for, which a program turned daemon would hold open."""
    stream = os.fdopen(os.memfd_create("output", os.MFD_CLOEXEC), "w+b", buffering=0)
    stream.write(content)
    stream.seek(0)
    return stream


def _content(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


async def spawn(
    *argv: str, log_file: str | None = None, environment: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Start a program that outlives the call, in a session of its own, its output in `log_file` or nowhere."""
    with contextlib.ExitStack() as stack:
        output: int = subprocess.DEVNULL
        if log_file is not None:
            output = stack.enter_context(open(log_file, "ab", buffering=0)).fileno()  # noqa: ASYNC230, PTH123
        return await asyncio.create_subprocess_exec(
            *argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=None if environment is None else dict(environment),
        )


async def companion(
    *argv: str,
) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader, asyncio.StreamWriter]:
    """Start a program that we talk with: its standard input is a socket, both ways. It ends when we do."""
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = await asyncio.create_subprocess_exec(*argv, stdin=theirs.fileno(), stdout=subprocess.DEVNULL)
        reader, writer = await asyncio.open_connection(sock=ours, limit=COMPANION_LINE)
    except BaseException:
        ours.close()
        raise
    return process, reader, writer
