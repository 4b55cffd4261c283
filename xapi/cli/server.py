"""`POST /cli` from the greeting to the exit status: log in, find the command, carry it out, log out."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from common.errors import WireError
from xapi.cli import protocol, select
from xapi.cli.caller import Caller
from xapi.cli.commands import COMMANDS
from xapi.cli.failures import CommandError, Missing, UnknownParameter, UsageError, told
from xapi.cli.invocation import Invocation
from xapi.cli.table import Command
from xapi.cli.talk import Stream, Talk
from xapi.cli.words import Syntax, Words, parse
from xapi.context import Context

log = logging.getLogger(__name__)

ORIGINATOR = "cli"
REFUSED = "SESSION_AUTHENTICATION_FAILED"
FAILURES = (UsageError, UnknownParameter, CommandError, WireError)


async def handle(ctx: Context, body: bytes, stream: Stream, columns: int = 0) -> None:
    """Carry out one command line; returns when the client was told the exit status, or is gone."""
    talk = Talk(stream, columns)
    try:
        await talk.greet()
        status = await _serve(ctx, body, talk)
        talk.tell(protocol.Exit(status))
        await talk.flush()
    except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, protocol.ProtocolError) as error:
        log.info("xe: the client is gone: %s", error)


async def _serve(ctx: Context, body: bytes, talk: Talk) -> int:
    try:
        words = parse(body)
        command = COMMANDS.get(words.command)
        if command is None:
            raise UsageError(f"Unknown command: {words.command}")
        return await _Line(ctx, words, command, talk).run()
    except Syntax as error:
        return _tell(talk, ctx, UsageError(str(error)))
    except FAILURES as error:
        return _tell(talk, ctx, error)
    except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, protocol.ProtocolError):
        raise
    except Exception as error:
        log.exception("xe failed")
        return _tell(talk, ctx, error)


def _tell(talk: Talk, ctx: Context, error: Exception) -> int:
    for command in told(error, ctx.db):
        talk.tell(command)
    return 1


@dataclass(slots=True)
class _Line:
    """One command line."""

    ctx: Context
    words: Words
    command: Command
    talk: Talk

    async def run(self) -> int:
        """The exit status."""
        words, command = self.words, self.command
        api = Caller(self.ctx, self.talk)
        call = Invocation(words, self.talk, api)
        if command.name == "help":
            await command.perform(call)
            return 0
        for name in command.required:
            if name not in words.params and not _given_by_key(words, name):
                raise Missing(name)
        log.info("xe %s", command.name)
        api.session = words.session or await self._log_in(api)
        try:
            return await self._perform(call)
        finally:
            if not words.session:
                await self._log_out(api)

    async def _log_in(self, api: Caller) -> str:
        words = self.words
        if not (self.ctx.local_root or words.username or words.password):
            raise UsageError("Username/password must be specified")
        try:
            if self.command.local:
                return str(await api.call("session.slave_local_login_with_password", words.username, words.password))
            login = "session.login_with_password"
            return str(await api.call(login, words.username, words.password, "", ORIGINATOR))
        except WireError as error:
            if error.wire_code == REFUSED:
                raise UsageError("Authentication failed") from None
            raise

    async def _log_out(self, api: Caller) -> None:
        try:
            await api.unseen("session.local_logout" if self.command.local else "session.logout")
        except WireError as error:
            # The command may have ended all sessions, its own too.
            log.info("xe: %s", error)

    async def _perform(self, call: Invocation) -> int:
        if self.command.select is None:
            await self.command.perform(call)
            return 0
        rows = select.select(self.command, call)
        if len(rows) == 1:
            call.selected = rows
            await self.command.perform(call)
            return 0
        return await self._perform_all(call, rows)

    async def _perform_all(self, call: Invocation, rows: list[object]) -> int:
        """The command for each row; a failure of one does not stop the others."""
        status = 0
        for row in rows:
            call.selected = [row]
            try:
                await self.command.perform(call)
            except (CommandError, WireError) as error:
                uuid = getattr(row, "uuid", "")
                self.talk.tell(protocol.PrintStderr(f"operation failed on {uuid}: {error}\n"))
                status = 1
            await self.talk.flush()
        return status


def _given_by_key(words: Words, name: str) -> bool:
    return name.endswith(":") and any(param.startswith(name) for param in words.params)
