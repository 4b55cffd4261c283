"""The xenstore client against a small xenstored on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.xen.xenstore import Transaction, Xenstore, XenstoreError
from tests.common.xen.xenstored import Xenstored


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Xenstored]:
    started = Xenstored(tmp_path / "socket")
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def store(server: Xenstored) -> AsyncIterator[Xenstore]:
    client = Xenstore(server.path, deadline=1.0)
    yield client
    await client.close()


async def test_values(store: Xenstore) -> None:
    await store.write("/tool/a", "1")
    await store.mkdir("/tool/b")
    assert await store.read("/tool/a") == "1"
    assert await store.directory("/tool") == ["a", "b"]
    assert await store.read("/tool/none") is None
    assert await store.directory("/none") == []
    await store.rm("/tool/a")
    await store.rm("/tool/a")
    assert await store.directory("/tool") == ["b"]


async def test_a_value_that_is_no_text(server: Xenstored, store: Xenstore) -> None:
    server.nodes["/x"] = b"\xff\xfe"
    assert await store.read("/x") == "��"


async def test_permissions(store: Xenstore) -> None:
    await store.mkdir("/x")
    await store.set_permissions("/x", ["n5", "r0"])
    assert await store.permissions("/x") == ["n5", "r0"]


async def test_a_directory_of_many(server: Xenstored, store: Xenstore) -> None:
    names = [f"child-{number:05}" for number in range(1500)]
    for name in names:
        server.nodes[f"/many/{name}"] = b""
    server.nodes["/many"] = b""
    assert await store.directory("/many") == names


async def test_tree(store: Xenstore) -> None:
    for path in ("/t/a", "/t/b/c", "/t/b/d/e"):
        await store.write(path, path[-1])
    assert await store.tree("/t", 2) == {"": "", "a": "a", "b": "", "b/c": "c", "b/d": ""}
    assert await store.tree("/none", 2) == {}


async def test_too_long(store: Xenstore) -> None:
    with pytest.raises(XenstoreError, match="E2BIG"):
        await store.write("/x", "y" * 5000)


async def test_answers_find_their_requests(store: Xenstore) -> None:
    await asyncio.gather(*(store.write(f"/many/{n}", str(n)) for n in range(200)))
    assert await asyncio.gather(*(store.read(f"/many/{n}") for n in range(200))) == [str(n) for n in range(200)]


async def test_contended_transactions(server: Xenstored) -> None:
    first, second = Xenstore(server.path), Xenstore(server.path)
    await first.write("/n", "0")

    async def add(inside: Transaction) -> None:
        await inside.write("/n", str(int(await inside.read("/n") or "0") + 1))

    async def twenty(store: Xenstore) -> None:
        for _ in range(20):
            await store.transaction(add)

    await asyncio.gather(twenty(first), twenty(second))
    assert await first.read("/n") == "40"
    await first.close()
    await second.close()


async def test_a_failed_transaction_changes_nothing(store: Xenstore) -> None:
    async def work(inside: Transaction) -> None:
        await inside.write("/n", "1")
        raise LookupError

    with pytest.raises(LookupError):
        await store.transaction(work)
    assert await store.read("/n") is None


async def _next(queue: asyncio.Queue[str]) -> str:
    return await asyncio.wait_for(queue.get(), 2.0)


async def test_watch(store: Xenstore) -> None:
    async with store.watch("/a", "/b") as changes:
        assert {await _next(changes), await _next(changes)} == {"/a", "/b"}
        await store.write("/a/x", "1")
        await store.write("/c", "1")
        await store.write("/b", "1")
        assert [await _next(changes), await _next(changes)] == ["/a/x", "/b"]
    await store.write("/a/x", "2")
    assert changes.empty()


async def test_watches_live_through_a_restart(server: Xenstored, store: Xenstore) -> None:
    async with store.watch("/a") as changes:
        assert await _next(changes) == "/a"
        await server.stop()
        await server.start()
        assert await _next(changes) == "/a"
        await store.write("/a", "1")
        assert await _next(changes) == "/a"


async def test_no_answer(server: Xenstored) -> None:
    store = Xenstore(server.path, deadline=0.1)
    server.stuck = True
    with pytest.raises(XenstoreError, match="ETIMEDOUT"):
        await store.read("/x")
    server.stuck = False
    assert await store.read("/x") is None
    await store.close()


async def test_no_server(tmp_path: Path) -> None:
    with pytest.raises(XenstoreError, match="ECONNREFUSED"):
        await Xenstore(str(tmp_path / "none")).read("/x")
