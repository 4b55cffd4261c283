"""An alarm from its real cause to the message: the processors of a simulated guest are busy."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest

from common.development.client import Client
from tests.integration.host import DevelopmentHost

pytestmark = pytest.mark.integration

DEADLINE = 300.0
RULES = (
    '<config><variable><name value="cpu_usage"/><alarm_trigger_level value="0.000001"/>'
    '<alarm_priority value="2"/><alarm_trigger_period value="60"/></variable></config>'
)


def test_a_busy_guest_alarms_through_event_from(simulator: DevelopmentHost) -> None:
    with simulator.client() as client:
        (template,) = client.call("VM.get_by_name_label", "Other install media")
        vm = client.call("VM.clone", template, "busy")
        client.call("VM.provision", vm)
        try:
            client.call("VM.add_to_other_config", vm, "perfmon", RULES)
            token = client.call("event.from", ["message"], "", 1.0)["token"]
            client.call("VM.start", vm, False, False)
            message = _wait(client, token, client.call("VM.get_uuid", vm))
        finally:
            with contextlib.suppress(Exception):
                client.call("VM.hard_shutdown", vm)
            client.call("VM.destroy", vm)
    assert message["priority"] == "2" or message["priority"] == 2
    assert message["cls"] == "VM"
    value, config = message["body"].split("\nconfig:\n")
    assert float(value.removeprefix("value: ")) > 0
    assert config.startswith("<variable>\n")


def _wait(client: Client, token: str, uuid: str) -> dict[str, Any]:
    give_up = time.monotonic() + DEADLINE
    while time.monotonic() < give_up:
        answer = client.call("event.from", ["message"], token, 5.0)
        token = answer["token"]
        for event in answer["events"]:
            snapshot = event.get("snapshot") or {}
            if snapshot.get("name") == "ALARM" and snapshot.get("obj_uuid") == uuid:
                found: dict[str, Any] = snapshot
                return found
    raise AssertionError("no alarm in time")
