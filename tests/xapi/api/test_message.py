"""Messages: kept up to a limit, asked for by time, deleted by filter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.xapi.hypervisor import Api
from xapi.control import messages
from xapi.datamodel.enums import Cls
from xapi.datamodel.errors import HandleInvalid, InvalidValue, UuidInvalid
from xapi.db.render import Rendered

START = datetime(2026, 1, 1, tzinfo=UTC)


def some(api: Api, count: int) -> list[str]:
    """Messages a minute apart, with priorities 1, 2, 3, 1, …"""
    return [
        api.ctx.db.message.create(
            name="N", priority=number % 3 + 1, cls=Cls.VM, obj_uuid="u", timestamp=START + timedelta(minutes=number)
        ).ref
        for number in range(count)
    ]


async def refs(api: Api, since: datetime) -> set[str]:
    found: Rendered = await api("message.get_since", since=since)
    return {ref for ref in api.ctx.db.message if ref.encode() in found.xml()}


async def test_what_is_newer_than_a_time(api: Api) -> None:
    made = some(api, 5)

    assert await refs(api, START + timedelta(minutes=2)) == set(made[3:])
    assert await refs(api, START - timedelta(days=1)) == set(made)
    assert await refs(api, START + timedelta(days=1)) == set()


async def test_the_oldest_go_when_there_are_too_many(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "LIMIT", 20)
    made = some(api, 20)

    new = messages.create(api.ctx.db, "ALARM", 3, Cls.VM, "u", "")

    assert set(api.ctx.db.message) == {*made[2:], new}


async def test_a_message_is_about_something_that_exists(api: Api) -> None:
    with pytest.raises(UuidInvalid):
        await api("message.create", name="N", priority=3, cls=Cls.VM, obj_uuid="nothing", body="")
    vm = api.ctx.db.vm.create(name_label="web")

    ref = await api("message.create", name="N", priority=3, cls=Cls.VM, obj_uuid=vm.uuid, body="text")

    assert api.ctx.db.message[ref].body == "text"


async def test_all_that_match_every_filter_are_deleted(api: Api) -> None:
    made = some(api, 9)
    until = (START + timedelta(minutes=6)).isoformat()

    await api("message.destroy_all", filters={"before": until, "priority": "1"})
    assert set(api.ctx.db.message) == set(made) - {made[0], made[3]}
    with pytest.raises(InvalidValue):
        await api("message.destroy_all", filters={"colour": "red"})


async def test_several_are_deleted_or_none(api: Api) -> None:
    made = some(api, 3)

    with pytest.raises(HandleInvalid):
        await api("message.destroy_many", messages=(made[0], "OpaqueRef:no"))
    assert set(api.ctx.db.message) == set(made)
    await api("message.destroy_many", messages=(made[0], made[1], made[0]))
    assert set(api.ctx.db.message) == {made[2]}
