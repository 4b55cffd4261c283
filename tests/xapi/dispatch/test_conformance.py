"""Compares answers, byte by byte, with those recorded from the original, if they are at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.reference import RECORDED, needed
from tests.xapi.dispatch.conftest import World
from xapi.dispatch.call import LOCAL
from xapi.http import jsonrpc, xmlrpc

SESSION = "OpaqueRef:4bc2081b-0207-1cc6-40c6-ff1acdc90667"
VM = "OpaqueRef:d9414794-8107-23be-7461-87d9ddefc156"

SAME = (
    "error.*",
    "json.error.*",
    "json.named_params",
    "json.no_params",
    "Async.not_async",
    "Async.unknown",
    "VM.set_is_a_template.int",
    "VM.set_is_a_template.wrongtype",
    "VM.set_user_version.*",
    "VM.set_actions_after_crash.bad",
    "VDI.create.badtype",
    "VDI.create.missing_field",
    "VM.create.minimal",
    "call.data_source.x",
    "call.host.license_apply",
    "session.login_with_password.0args",
    "session.logout",
    "session.logout.again",
)
REFUSED = ("error.malformed_xml.*", "json.batch", "json.empty", "json.malformed", "json.no_id", "json.wrong_path")
"""Answered by an HTTP error."""
WITHOUT_SESSION = {"error.after_logout", "session.logout.again"}


def recorded(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def found(patterns: tuple[str, ...], *, refused: bool) -> list[Path]:
    """Recordings by name, of those that were answered by an HTTP error or of the others."""
    paths = {path for pattern in patterns for path in RECORDED.glob(f"{pattern}.json")}
    return sorted(path for path in paths if (recorded(path)["http_status"] != 200) is refused)


def test_the_reference_is_at_hand() -> None:
    needed(RECORDED)
    assert len(found(SAME, refused=False)) > 40


@pytest.mark.parametrize("path", found(SAME, refused=False), ids=lambda path: path.stem)
async def test_the_answer_is_the_originals(world: World, path: Path) -> None:
    record = recorded(path)
    world.db.vm.create(VM, name_label="x")
    body = record["request_body"]
    if path.stem not in WITHOUT_SESSION:
        body = body.replace(SESSION, world.root)
    protocol = jsonrpc if str(record.get("protocol")).startswith("json") else xmlrpc
    call = protocol.parse(body.encode())

    answer = world.dispatcher.quick(call) or await world.dispatcher.run(call, LOCAL)

    given = b"".join(jsonrpc.answer(call, answer) if protocol is jsonrpc else xmlrpc.answer(answer))
    assert given.decode().replace(world.root, SESSION) == record["response_body"]


@pytest.mark.parametrize("path", found(REFUSED, refused=True), ids=lambda path: path.stem)
def test_what_the_original_refuses_is_refused(path: Path) -> None:
    record = recorded(path)
    protocol = jsonrpc if record.get("path") == "/jsonrpc" else xmlrpc

    with pytest.raises(xmlrpc.Malformed):
        protocol.parse(record["request_body"].encode())


async def test_list_methods_is_the_originals(world: World) -> None:
    path = needed(RECORDED / "call.system.listMethods.json")

    answer = await world.call("system.listMethods")

    assert set(answer.value) == set(recorded(path)["decoded"])
