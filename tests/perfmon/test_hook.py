"""The program that is told of messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from perfmon import hook

MESSAGE: dict[str, Any] = {
    "name": "ALARM",
    "priority": 3,
    "cls": "VM",
    "obj_uuid": "u",
    "timestamp": "20260101T10:00:00Z",
    "uuid": "m",
    "body": "value: 1\nconfig:\n<variable a='&'/>\x00\x07",
}


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


async def test_it_gets_the_message_as_xml(tmp_path: Path) -> None:
    await hook.tell(program(tmp_path / "told", f'printf %s "$1" > {tmp_path}/got'), MESSAGE)

    got = ElementTree.parse(tmp_path / "got").getroot()
    assert {node.tag: node.text for node in got} == {
        **{key: str(value) for key, value in MESSAGE.items()},
        "body": "value: 1\nconfig:\n<variable a='&'/>  ",
    }


async def test_one_that_is_not_there_or_may_not_be_run_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = program(tmp_path / "told", "exit 1")
    path.chmod(0o644)

    await hook.tell(path, MESSAGE)
    await hook.tell(tmp_path / "nothing", MESSAGE)

    assert caplog.text == ""


async def test_one_that_fails_or_hangs_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook, "DEADLINE", 0.2)

    await hook.tell(program(tmp_path / "fails", "exit 3"), MESSAGE)
    await hook.tell(program(tmp_path / "hangs", "exec sleep 60"), MESSAGE)
    await hook.tell(program(tmp_path / "huge", "exit 0"), {**MESSAGE, "body": "x" * 5_000_000})

    assert [record.message.split(":")[0] for record in caplog.records] == ["message m"] * 2
