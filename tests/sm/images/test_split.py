"""A worker that dies at any step of a snapshot, with the disk open or not: its successor undoes or finishes it."""

from __future__ import annotations

import asyncio
import fnmatch
import os
import subprocess
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from common.idl.storage import BackendError, DpId, SrId, VdiId, VdiInfo
from sm.config import Settings
from sm.datapath.graph import Graph
from sm.datapath.qmp import Qmp
from sm.formats import qcow2
from sm.images import sidecar, split
from sm.repository import Repository, VdiService
from tests.sm.conftest import MIB, end_storage_daemons, qemu_io, uri

pytestmark = pytest.mark.integration


class Died(BaseException):
    """Stands for SIGKILL: nobody cleans up after it."""


def named(pattern: str) -> Callable[..., bool]:
    """Whether the last argument is a path whose name matches; LIVE stands for the disk's uuid."""
    return lambda live, *args: fnmatch.fnmatch(Path(args[-1]).name, pattern.replace("LIVE", live))


STEPS: dict[str, tuple[Any, str, Callable[..., bool]]] = {
    "before the base has a sidecar": (sidecar, "write", lambda _live, _path, about: about.hidden),
    "before the data has its second name": (os, "link", lambda *_: True),
    "before the links follow": (Graph, "retarget", lambda *_: True),
    "before the empty image is made": (qcow2, "write_empty", lambda live, path, *_: path.name == f"{live}.new"),
    "before the empty image has the disk's name": (Path, "rename", named("LIVE.qcow2")),
    "before the storage daemon knows it": (Graph, "snapshot", lambda *_: True),
    "between adding the overlay and using it": (
        Qmp,
        "execute",
        lambda _live, _qmp, name, *_: name == "blockdev-snapshot",
    ),
    "before the child has a sidecar": (sidecar, "write", lambda _live, _path, about: not about.hidden),
    "before the child is made": (qcow2, "write_empty", lambda live, path, *_: path.name != f"{live}.new"),
    "before the child has its name": (
        Path,
        "rename",
        lambda live, _path, new: new.suffix == ".qcow2" and new.stem != live,
    ),
    "before the journal is removed": (split, "_close", lambda *_: True),
}
ONLY_OPEN = {"before the links follow", "before the storage daemon knows it", "between adding the overlay and using it"}


def die_at(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, fatal: Callable[..., bool], live: str) -> None:
    """Make a call of a function whose arguments are `fatal` the process's death."""
    original = getattr(where, name)

    async def replaced(*args: Any, **kwargs: Any) -> Any:
        if fatal(live, *args):
            raise Died
        return await original(*args, **kwargs)

    def plain(*args: Any, **kwargs: Any) -> Any:
        if fatal(live, *args):
            raise Died
        return original(*args, **kwargs)

    monkeypatch.setattr(where, name, replaced if asyncio.iscoroutinefunction(original) else plain)


@pytest.fixture
async def sr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SrId]:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    (tmp_path / "disks").mkdir()
    yield SrId(str(uuid.uuid4()))
    end_storage_daemons(tmp_path)


async def attached(sr: SrId, tmp_path: Path) -> tuple[Repository, VdiService]:
    repository = Repository(sr, Settings())
    await repository.attach("file", {"location": str(tmp_path / "disks")})
    return repository, VdiService(repository)


@pytest.mark.parametrize(
    ("step", "opened"),
    [*((step, True) for step in STEPS), *((step, False) for step in STEPS if step not in ONLY_OPEN)],
)
async def test_death_at_any_step_of_a_snapshot(
    sr: SrId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, opened: bool
) -> None:
    repository, service = await attached(sr, tmp_path)
    vdi = (await service.create("t", sr, VdiInfo(virtual_size=8 * MIB))).vdi
    dp = DpId("vbd")
    target = uri(await service.attach("t", dp, sr, vdi, False))
    await service.activate("t", dp, sr, vdi)
    await qemu_io(target, "write -P 1 0 1M")
    if not opened:
        await service.detach("t", dp, sr, vdi)

    with monkeypatch.context() as patched:
        die_at(patched, *STEPS[step], vdi)
        with pytest.raises(Died):
            await service.snapshot("t", sr, vdi, VdiInfo(is_a_snapshot=True))
    if opened:
        await qemu_io(target, "write -P 2 0 64k", "read -P 1 64k 64k")  # while nobody of ours is there
    await repository.leave()

    successor, service = await attached(sr, tmp_path)
    if opened:
        await qemu_io(target, "read -P 2 0 64k", "write -P 3 64k 64k")
        await service.snapshot("t", sr, vdi, VdiInfo(is_a_snapshot=True))
        await qemu_io(target, "write -P 4 128k 64k")
        await service.detach("t", dp, sr, vdi)
    expected = ["read -P 2 0 64k", "read -P 3 64k 64k", "read -P 4 128k 64k"] if opened else ["read -P 1 0 1M"]
    again = uri(await service.attach("t", dp, sr, vdi, True))
    await service.activate("t", dp, sr, vdi)
    await qemu_io(again, *expected, "read -P 1 512k 512k", read_only=True)
    await service.detach("t", dp, sr, vdi)
    check_images(tmp_path / "disks")
    for info in await successor.driver.scan():
        if info.is_a_snapshot and info.managed:
            look = uri(await service.attach("t", DpId("look"), sr, info.vdi, True))
            await service.activate("t", DpId("look"), sr, info.vdi)
            await qemu_io(look, "read -P 1 128k 896k", read_only=True)
            await service.detach("t", DpId("look"), sr, info.vdi)
    await successor.detach()
    assert not list((tmp_path / "disks").glob(".split-*"))
    assert not list((tmp_path / "disks").glob("*.new"))


def check_images(directory: Path) -> None:
    for image in directory.glob("*.qcow2"):
        subprocess.run(["qemu-img", "check", "-q", str(image)], check=True, timeout=30)


async def test_death_while_an_open_disk_grows(sr: SrId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository, service = await attached(sr, tmp_path)
    vdi = (await service.create("t", sr, VdiInfo(virtual_size=8 * MIB))).vdi
    target = uri(await service.attach("t", DpId("vbd"), sr, vdi, False))
    await service.activate("t", DpId("vbd"), sr, vdi)
    await qemu_io(target, "write -P 1 0 1M")

    with monkeypatch.context() as patched:
        die_at(patched, Qmp, "execute", lambda _live, _qmp, name, *_: name in {"block_resize", "block-export-add"}, vdi)
        with pytest.raises(Died):
            await service.resize("t", sr, vdi, 16 * MIB)
    await repository.leave()

    successor, service = await attached(sr, tmp_path)
    await qemu_io(target, "read -P 1 0 1M")
    assert (await service.resize("t", sr, vdi, 16 * MIB)).virtual_size == 16 * MIB
    await qemu_io(target, "read -P 1 0 1M", "write -P 1 15M 1M")
    await service.detach("t", DpId("vbd"), sr, vdi)
    await successor.detach()


async def test_a_snapshot_that_qemu_refuses_leaves_the_disk_as_it_was(
    sr: SrId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository, service = await attached(sr, tmp_path)
    vdi = (await service.create("t", sr, VdiInfo(virtual_size=8 * MIB))).vdi
    target = uri(await service.attach("t", DpId("vbd"), sr, vdi, False))
    await service.activate("t", DpId("vbd"), sr, vdi)
    await qemu_io(target, "write -P 1 0 1M")
    before = sorted(path.name for path in (tmp_path / "disks").iterdir())

    execute = Qmp.execute

    async def wrong_node(qmp: Qmp, command: str, arguments: dict[str, Any] | None = None, **others: Any) -> Any:
        if command == "blockdev-snapshot":
            arguments = {"node": "absent", "overlay": "absent"}
        return await execute(qmp, command, arguments, **others)

    with monkeypatch.context() as patched:
        patched.setattr(Qmp, "execute", wrong_node)
        with pytest.raises(BackendError, match="82"):
            await service.snapshot("t", sr, vdi, VdiInfo(is_a_snapshot=True))

    assert sorted(path.name for path in (tmp_path / "disks").iterdir()) == before
    await qemu_io(target, "read -P 1 0 1M", "write -P 2 0 1M")
    await service.snapshot("t", sr, VdiId(vdi), VdiInfo(is_a_snapshot=True))
    await service.detach("t", DpId("vbd"), sr, vdi)
    check_images(tmp_path / "disks")
    await repository.detach()
