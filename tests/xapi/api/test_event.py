"""event.from and its elders: tokens, batches, waiting, pace."""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import time
import xmlrpc.client
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests import speed
from tests.xapi.db.conftest import recordings
from xapi.api import event
from xapi.context import Context
from xapi.datamodel.enums import VMOperations
from xapi.datamodel.errors import (
    EventFromTokenParseFailure,
    EventsLost,
    EventSubscriptionParseFailure,
    HandleInvalid,
    SessionInvalid,
    SessionNotRegistered,
)
from xapi.db import changes
from xapi.db.database import Database
from xapi.db.render import Rendered


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    db = Database(tmp_path / "xapi.db")
    yield db
    db.close()


@pytest.fixture
def ctx(db: Database) -> Context:
    return Context.for_test(db, session=db.session.create().ref)


def decoded(result: Rendered) -> Any:
    """The answer, read from both of its forms, which must agree."""
    value = json.loads(result.json())
    document = f"<params><param><value>{result.xml().decode()}</value></param></params>"
    other: Any = xmlrpc.client.loads(document)[0][0]
    if isinstance(other, dict):
        assert other["token"] == value["token"]
        assert other["valid_ref_counts"] == value["valid_ref_counts"]
        other, events = other["events"], value["events"]
    else:
        events = value
    assert [(e["id"], e["class"], e["operation"], e["ref"]) for e in events] == [
        (e["id"], e["class"], e["operation"], e["ref"]) for e in other
    ]
    assert [list(e.get("snapshot", ())) for e in events] == [list(e.get("snapshot", ())) for e in other]
    return value


async def since(ctx: Context, token: str, *classes: str, timeout: float = 5.0) -> Any:
    return decoded(await event.from_(ctx, classes or ("*",), token, timeout))


async def now(ctx: Context) -> str:
    """A token behind which everything so far is."""
    await ctx.db.durable()
    token: str = (await since(ctx, "", "nothing", timeout=0.0))["token"]
    return token


def told(answer: Any) -> list[tuple[str, str, str]]:
    return [(e["operation"], e["class"], e["ref"]) for e in answer["events"]]


# Batches --------------------------------------------------------------------------------------------------------------


async def test_the_first_call_adds_every_row_of_the_classes_and_no_other(ctx: Context) -> None:
    vm, host = ctx.db.vm.create(name_label="a"), ctx.db.host.create()
    ctx.db.vm.delete(ctx.db.vm.create().ref)
    await ctx.db.durable()
    answer = await since(ctx, "", "VM")

    assert told(answer) == [("add", "vm", vm.ref)]
    assert answer["events"][0]["snapshot"]["name_label"] == "a"
    assert answer["events"][0]["timestamp"] == "0.0"
    assert answer["events"][0]["id"] == str(vm._generation)
    assert re.fullmatch(r"\d{20},\d{20}", answer["token"])
    assert {ref for _, _, ref in told(await since(ctx, ""))} == {vm.ref, host.ref}


async def test_messages_then_new_then_changed_then_gone_each_object_once(ctx: Context) -> None:
    changed, gone = ctx.db.vm.create(), ctx.db.vm.create()
    token = await now(ctx)
    ctx.db.vm.update(changed.ref, name_label="x")
    ctx.db.vm.update(changed.ref, name_label="y")
    ctx.db.vm.delete(gone.ref)
    new = ctx.db.vm.create()
    ctx.db.vm.update(new.ref, name_label="z")
    ctx.db.vm.delete(ctx.db.vm.create().ref)
    message = ctx.db.message.create(name="M")
    answer = await since(ctx, token)

    assert told(answer) == [
        ("add", "message", message.ref),
        ("add", "vm", new.ref),
        ("mod", "vm", changed.ref),
        ("del", "vm", gone.ref),
    ]
    assert answer["events"][2]["snapshot"]["name_label"] == "y"
    assert "snapshot" not in answer["events"][3]


async def test_a_relations_other_end_and_volatile_fields_are_told(ctx: Context) -> None:
    vm = ctx.db.vm.create()
    token = await now(ctx)
    ctx.db.vbd.create(VM=vm.ref)
    answer = await since(ctx, token, "vm")
    assert told(answer) == [("mod", "vm", vm.ref)]
    ctx.db.vm.update(vm.ref, current_operations={"OpaqueRef:t": VMOperations.START})

    assert told(await since(ctx, answer["token"], "vm")) == [("mod", "vm", vm.ref)]


async def test_counts_cover_all_classes_and_are_small_integers(ctx: Context) -> None:
    ctx.db.vm.create()
    answer = await event.from_(ctx, ("nothing",), "", 0.0)
    counts = decoded(answer)["valid_ref_counts"]

    assert (counts["vm"], counts["session"], counts["vdi"], counts["auth"], len(counts)) == (1, 1, 0, 0, 73)
    assert b"<name>vm</name><value><i4>1</i4></value>" in answer.xml()


async def test_the_recorded_answer_has_our_counts_in_our_order(ctx: Context) -> None:
    body = json.loads((recordings() / "event.from.timeout.json").read_text("utf-8"))["response_body"]
    shape = re.sub(r"<i4>\d+</i4>|\d{20}", "0", body[body.index("<name>Value</name>") :])
    ours = re.sub(r"<i4>\d+</i4>|\d{20}", "0", (await event.from_(ctx, ("vm",), await now(ctx), 0.0)).xml().decode())

    assert f"<name>Value</name><value>{ours}</value></member>" in shape


async def test_one_object_may_be_subscribed(ctx: Context) -> None:
    vm, other = ctx.db.vm.create(), ctx.db.vm.create()
    token = await now(ctx)
    assert told(await since(ctx, "", f"vm/{vm.ref}")) == [("add", "vm", vm.ref)]
    ctx.db.vm.update(other.ref, name_label="x")
    ctx.db.vm.update(vm.ref, name_label="x")

    assert told(await since(ctx, token, f"vm/{vm.ref}", "host")) == [("mod", "vm", vm.ref)]


@pytest.mark.parametrize("token", ["zzz", "1", "1,2,3", "-1,0", "1,x", "٣,٣"])
async def test_bad_tokens(ctx: Context, token: str) -> None:
    with pytest.raises(EventFromTokenParseFailure) as error:
        await event.from_(ctx, ("vm",), token, 0.0)
    assert error.value.params == [token]


async def test_unpadded_tokens_and_unknown_classes_are_taken(ctx: Context) -> None:
    assert told(await since(ctx, "1,1", "nosuchclass", timeout=0.0)) == []
    with pytest.raises(EventSubscriptionParseFailure):
        await event.from_(ctx, ("vm/a/b",), "", 0.0)


# Waiting --------------------------------------------------------------------------------------------------------------


async def test_a_waiter_wakes_at_once_and_only_for_what_it_wants(ctx: Context) -> None:
    vm, host = ctx.db.vm.create(), ctx.db.host.create()
    token = await now(ctx)
    waiter = asyncio.create_task(since(ctx, token, "vm"))
    await asyncio.sleep(0.05)
    ctx.db.host.update(host.ref, name_label="x")
    await ctx.db.durable()
    await asyncio.sleep(0.05)
    assert not waiter.done()
    ctx.db.vm.update(vm.ref, name_label="x")

    assert told(await asyncio.wait_for(waiter, 1.0)) == [("mod", "vm", vm.ref)]


async def test_the_first_change_after_a_pause_is_told_sooner_than_the_pace(ctx: Context) -> None:
    vm, best = ctx.db.vm.create(), 1.0
    for number in range(1, 6):
        token = await now(ctx)
        waiter = asyncio.create_task(event.from_(ctx, ("vm",), token, 5.0))
        await asyncio.sleep(0.03)
        start = time.monotonic()
        ctx.db.vm.update(vm.ref, order=number)
        await waiter
        best = min(best, time.monotonic() - start)

    assert best < 0.01


async def test_a_change_is_seen_only_when_it_is_durable(ctx: Context) -> None:
    token = await now(ctx)
    written = ctx.db.commits
    ctx.db.vm.create()
    await since(ctx, token)

    assert ctx.db.commits > written


async def test_from_the_second_on_answers_come_every_20_ms_at_most(ctx: Context) -> None:
    vm = ctx.db.vm.create()
    token = await now(ctx)
    stop = asyncio.Event()

    async def change() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            ctx.db.vm.update(vm.ref, order=number)
            await asyncio.sleep(0.001)

    changing = asyncio.create_task(change())
    start, answers = time.monotonic(), 0
    while time.monotonic() - start < 0.3:
        token = (await since(ctx, token, "vm"))["token"]
        answers += 1
    stop.set()
    await changing

    assert 3 <= answers <= 16


async def test_no_change_gives_an_empty_batch_and_a_fresh_token(ctx: Context) -> None:
    token = await now(ctx)
    ctx.db.host.create()
    await ctx.db.durable()
    start = time.monotonic()
    answer = await since(ctx, token, "vm", timeout=0.1)

    assert 0.09 < time.monotonic() - start < 0.5
    assert answer["events"] == []
    assert answer["token"] > token


@pytest.mark.parametrize("timeout", [-1.0, 0.0, float("nan"), float("-inf")])
async def test_senseless_timeouts_end_at_once(ctx: Context, timeout: float) -> None:
    token = await now(ctx)
    await asyncio.wait_for(event.from_(ctx, ("vm",), token, timeout), 1.0)


async def test_logout_ends_the_wait(ctx: Context) -> None:
    token = await now(ctx)
    waiters = [asyncio.create_task(event.from_(ctx, ("vm",), token, 30.0)) for _ in range(2)]
    await event.register(ctx, ("vm",))
    waiters.append(asyncio.create_task(event.next(ctx)))
    await asyncio.sleep(0.02)
    assert ctx.session
    ctx.db.session.delete(ctx.session)

    for waiter in waiters:
        with pytest.raises(SessionInvalid):
            await asyncio.wait_for(waiter, 1.0)


async def test_a_waiter_that_goes_away_leaves_nothing_behind(ctx: Context) -> None:
    token = await now(ctx)
    waiter = asyncio.create_task(event.from_(ctx, ("vm",), token, 30.0))
    await asyncio.sleep(0.02)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter

    assert ctx.db.changes._waiters == {}


@pytest.mark.parametrize("sessions", [1, 1000])
async def test_a_thousand_waiters_share_one_answer_within_100_ms(db: Database, sessions: int) -> None:
    vm = db.vm.create()
    refs = [db.session.create().ref for _ in range(sessions)]
    contexts = [Context.for_test(db, session=refs[number % sessions]) for number in range(1000)]
    took = []
    for number in range(5):
        token = await now(contexts[0])
        waiters = [asyncio.create_task(event.from_(each, ("*",), token, 30.0)) for each in contexts]
        await asyncio.sleep(0.1)
        start = time.process_time()
        db.vm.update(vm.ref, name_label=str(number))
        answers = await asyncio.gather(*waiters)
        took.append(time.process_time() - start)
        assert len({id(answer) for answer in answers}) == 1
        assert told(decoded(answers[0])) == [("mod", "vm", vm.ref)]

    assert statistics.median(took) < speed.allowed(0.1), took


# Older calls ----------------------------------------------------------------------------------------------------------


async def test_inject_gives_a_token_before_the_change_it_makes(ctx: Context) -> None:
    vm = ctx.db.vm.create()
    await ctx.db.durable()
    token = await event.inject(ctx, "VM", vm.ref)

    assert told(await since(ctx, token, "vm")) == [("mod", "vm", vm.ref)]
    for cls, ref in (("vm", vm.ref), ("VM", "OpaqueRef:x")):
        with pytest.raises(HandleInvalid) as error:
            await event.inject(ctx, cls, ref)
        assert error.value.params == [cls, ref]


async def test_next_tells_what_happened_since_registering(ctx: Context) -> None:
    with pytest.raises(SessionNotRegistered):
        await event.next(ctx)
    ctx.db.vm.create()
    await ctx.db.durable()
    await event.register(ctx, ("VM",))
    waiter = asyncio.create_task(event.next(ctx))
    await asyncio.sleep(0.02)
    vm = ctx.db.vm.create()
    (first,) = decoded(await asyncio.wait_for(waiter, 1.0))
    ctx.db.vm.delete(vm.ref)
    (second,) = decoded(await asyncio.wait_for(event.next(ctx), 1.0))

    assert (first["operation"], first["ref"], first["snapshot"]["uuid"]) == ("add", vm.ref, vm.uuid)
    assert (second["operation"], "snapshot" in second) == ("del", False)
    assert abs(float(first["timestamp"]) - time.time()) < 5
    assert await event.get_current_id(ctx) == int(second["id"])
    await event.unregister(ctx, ("vm",))
    with pytest.raises(SessionNotRegistered):
        await event.next(ctx)


async def test_next_says_when_deletions_are_forgotten(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "DELETED_KEPT", 3)
    await event.register(ctx, ("vm",))
    for vm in [ctx.db.vm.create() for _ in range(5)]:
        ctx.db.vm.delete(vm.ref)
    await ctx.db.durable()

    with pytest.raises(EventsLost):
        await event.next(ctx)
