"""The feed of changes."""

from __future__ import annotations

import asyncio

from common.events import Feed


async def test_each_object_is_told_once_oldest_change_first() -> None:
    feed: Feed[str] = Feed()
    for item in ("a", "b", "a"):
        feed.add(item)
    assert await feed.get(None, 0.0) == (["b", "a"], feed.last)


async def test_a_receiver_hears_only_what_came_after() -> None:
    feed: Feed[str] = Feed()
    feed.add("a")
    since = feed.last
    feed.add("b")
    assert (await feed.get(since, 0.0))[0] == ["b"]


async def test_ids_of_another_process_get_everything() -> None:
    old: Feed[str] = Feed()
    old.add("a")
    await asyncio.sleep(0.001)
    new: Feed[str] = Feed()
    new.add("b")
    assert new.first > old.last
    assert (await new.get(old.last, 0.0))[0] == ["b"]
    assert (await new.get(new.last + 1000, 0.0))[0] == ["b"]


async def test_a_change_wakes_every_waiter() -> None:
    feed: Feed[str] = Feed()
    waiters = [asyncio.create_task(feed.get(feed.last, 5.0)) for _ in range(3)]
    await asyncio.sleep(0)
    feed.add("a")
    assert [changed for changed, _ in await asyncio.gather(*waiters)] == [["a"]] * 3


async def test_nothing_comes_after_the_timeout() -> None:
    feed: Feed[str] = Feed()
    assert await feed.get(feed.last, 0.01) == ((), feed.last)
