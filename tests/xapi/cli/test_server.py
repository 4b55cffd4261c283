"""One conversation: greeting, login, errors, questions, files, and a client that goes away."""

from __future__ import annotations

import asyncio

import pytest

from tests.xapi.cli.conftest import Client, Xe
from xapi.cli import progress, protocol, server
from xapi.cli.invocation import Invocation
from xapi.cli.table import COMMANDS, Command

USAGE = "For usage run: 'xe help'\n"


async def test_the_session_is_ended(xe: Xe) -> None:
    assert (await xe("vm-list")).status == 0
    assert (await xe("vm-param-get", "uuid=none", "param-name=uuid")).status == 1

    assert len(xe.db.session) == 0


async def test_a_session_that_was_given_is_used_and_kept(xe: Xe) -> None:
    assert xe.ctx.shared.access is not None
    session = xe.ctx.shared.access.sessions.create(host=xe.ctx.host, user="root")
    xe.ctx.local_root = False

    got = await xe(f"session_id={session}", "host-list", "--minimal")

    assert (got.status, got.out.strip()) == (0, xe.db.host.rows()[0].uuid)
    assert session in xe.db.session


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("vm-list",), "Username/password must be specified\n"),
        (("vm-list", "username=root", "password=bad"), "Authentication failed\n"),
        (("nosuch",), "Unknown command: nosuch\n"),
        (("vm-param-list",), "Required parameter not found: uuid\n"),
        (("vm-list", "params=uuid", "params=all"), "Duplicate parameter: params\n"),
        (("vm-list", "stray"), "Failed to parse argument 'stray': expecting name=value\n"),
    ],
)
async def test_what_a_stranger_is_told(xe: Xe, words: tuple[str, ...], error: str) -> None:
    xe.ctx.local_root = False

    got = await xe(*words)

    assert (got.status, got.out, got.err) == (1, "", error + USAGE)


async def test_a_role_that_may_not_is_told_so(xe: Xe) -> None:
    assert xe.ctx.shared.access is not None
    session = xe.ctx.shared.access.sessions.create(host=xe.ctx.host, user="somebody", superuser=False)

    got = await xe(f"session_id={session}", "secret-list")

    assert got.status == 1
    assert "permission: secret.get_all_records" in got.err


async def test_a_client_that_does_not_greet_is_left(xe: Xe) -> None:
    client = Client()
    client.reader = client._input = asyncio.StreamReader()
    client._input.feed_data(b"something else entirely, and much longer")

    await server.handle(xe.ctx, b"vm-list", client)

    assert client.commands == []


async def test_a_client_that_goes_away_at_a_question_changes_nothing(xe: Xe) -> None:
    vm = xe.db.vm.create(name_label="kept", power_state="Halted")

    got = await xe("vm-uninstall", f"uuid={vm.uuid}")

    assert got.status is None
    assert vm.ref in xe.db.vm
    assert len(xe.db.session) == 0


async def test_a_client_that_goes_away_unheard_leaves_no_session(xe: Xe) -> None:
    class Gone(Client):
        async def write(self, data: bytes) -> None:
            if not data.startswith(protocol.MAGIC):
                raise ConnectionResetError

    await server.handle(xe.ctx, b"host-list", Gone())

    assert len(xe.db.session) == 0


async def test_several_objects_need_multiple_and_fail_one_by_one(xe: Xe) -> None:
    for number in range(2):
        xe.db.vm.create(name_label=f"vm{number}", power_state="Halted")

    one = await xe("vm-pause", "power-state=halted")
    both = await xe("vm-pause", "power-state=halted", "--multiple")

    assert one.err == "Error: Multiple matches VMs found. --multiple required to complete the operation\n"
    assert both.status == 1
    assert [line.partition(":")[0] for line in both.err.splitlines()] == [
        f"operation failed on {vm.uuid}" for vm in xe.db.vm.rows()
    ]


async def test_a_file_goes_by_the_http_handler_within_a_task(xe: Xe) -> None:
    got = await xe("pool-dump-database", "file-name=/tmp/dump")

    (fetched,) = [message for message in got.commands if isinstance(message, protocol.HttpGet)]
    assert fetched.filename == "/tmp/dump"
    assert fetched.path.startswith("/pool/xmldbdump?session_id=OpaqueRef:")
    assert "&task_id=OpaqueRef:" in fetched.path
    assert got.status == 0
    assert len(xe.db.task) == 0


async def test_progress_is_drawn_on_a_terminal_only(xe: Xe, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(call: Invocation) -> None:
        """Takes its time."""
        task = call.db.task.create(progress=0.5).ref
        monkeypatch.setattr(progress, "EVERY", 0.01)
        async with progress.drawn(call.talk, call.db, task):
            await asyncio.sleep(0.05)
        call.db.task.delete(task)

    monkeypatch.setitem(COMMANDS, "slow", Command("slow", slow, "Takes its time."))

    silent = await xe("slow")
    xe.columns = 40
    drawn = await xe("slow")

    assert silent.err == ""
    assert drawn.err.startswith("\r[################")
    assert " 50%" in drawn.err
    assert drawn.err.endswith("\r")
    assert max(map(len, drawn.err.split("\r"))) < 40


async def test_the_session_of_a_console_ends_with_the_client(xe: Xe) -> None:
    vm = xe.db.vm.create(name_label="talker")
    xe.db.console.create(VM=vm.ref, protocol="vt100", location="https://here/console?uuid=1")
    client = Client()
    serving = asyncio.get_running_loop().create_task(server.handle(xe.ctx, b"console\nvm=talker", client))
    async with asyncio.timeout(10):
        while not client.commands:
            await asyncio.sleep(0)

    (connect,) = client.commands
    assert isinstance(connect, protocol.HttpConnect)
    assert connect.path.startswith("/console?uuid=1&session_id=OpaqueRef:")
    assert len(xe.db.session) == 1

    client.reader.feed_eof()
    await serving
    assert len(xe.db.session) == 0
