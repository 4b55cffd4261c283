"""What a guest may ask for, and how it is answered."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from common.errors import from_wire
from snapwatchd.main import Config, Guests
from snapwatchd.protocol import ANSWERS, BURST, GAP, RATE, Pace, Refused, Request, allowed, information, request, wish

VM = "11111111-2222-3333-4444-555555555555"
DISKS = ("aaaaaaaa-0000-0000-0000-000000000001", "aaaaaaaa-0000-0000-0000-000000000002")


class Store:
    """A xenstore that is a dictionary."""

    def __init__(self, **nodes: str) -> None:
        self.nodes = nodes

    async def read(self, path: str) -> str | None:
        return self.nodes.get(path)

    async def write(self, path: str, value: str) -> None:
        self.nodes[path] = value

    async def rm(self, path: str) -> None:
        self.nodes = {key: value for key, value in self.nodes.items() if not f"{key}/".startswith(f"{path}/")}

    async def directory(self, path: str) -> list[str]:
        return sorted({key[len(path) + 1 :].split("/")[0] for key in self.nodes if key.startswith(f"{path}/")})


class Api:
    """A xapi with one VM of two disks; a snapshot's uuid is its disk's with an `s`. Snapshots take `seconds`."""

    def __init__(self, seconds: float = 0.01) -> None:
        self.calls: list[str] = []
        self.marks: dict[str, str] = {}
        self.destroyed: list[str] = []
        self._seconds = seconds

    async def call(self, method: str, *params: Any) -> Any:
        self.calls.append(method)
        match method.partition(".")[2], params:
            case "get_by_uuid", (uuid,):
                return {VM: "vm", f"{DISKS[0]}-s": "snap-vdi0"}[uuid]
            case "get_domid", _:
                return "5"
            case "get_VBDs", (vm,):
                return [f"{vm}-vbd{n}" for n in range(2)]
            case "get_snapshots", _:
                return ["snap"]
            case "get_record", (ref,):
                return self._record(ref)
            case "get_uuid", (ref,):
                return self._record(ref)["uuid"]
            case "snapshot", (ref, *_):
                await asyncio.sleep(self._seconds)
                return ref.replace("vm", "snap", 1)
            case "destroy", (ref,):
                self.destroyed.append(ref)
                return None
            case "add_to_other_config", (ref, "vss", value):
                self.marks[ref] = value
                return None
            case (("add_to_other_config" | "remove_from_other_config"), _):
                return None
        raise from_wire("HANDLE_INVALID", [method])

    def _record(self, ref: str) -> dict[str, Any]:
        vm, _, device = ref.partition("-")
        other_config = {"vss": self.marks[ref]} if ref in self.marks else {}
        if device.startswith("vbd"):
            return {"type": "Disk", "empty": False, "other_config": {}, "VDI": f"{vm}-vdi{device[-1]}"}
        if device:
            number = int(device[-1])
            return {"uuid": DISKS[number] + ("-s" if vm == "snap" else ""), "snapshot_of": f"vm-vdi{number}",
                    "is_a_snapshot": vm == "snap", "snapshots": [], "other_config": other_config}  # fmt: skip
        return {"uuid": "snapshot-uuid" if vm == "snap" else VM, "other_config": other_config}


async def served(store: Store, api: Api, times: int = 1, deadline: float = 10.0) -> str | None:
    guests = Guests(Config(deadline), api, store)  # type: ignore[arg-type]
    async with asyncio.TaskGroup() as group:
        for _ in range(times):
            guests.notice(VM, group)
    return await store.read(f"/vss/{VM}/status")


def asking(*disks: str, status: str = "create-snapshots") -> Store:
    nodes = {f"/vss/{VM}/snapshot/{disk}": "" for disk in disks}
    return Store(**nodes, **{f"/vss/{VM}/status": status})


@pytest.mark.parametrize("value", [None, "", "snapshots-created", "snapshots-failed", "format c:"])
def test_our_answers_and_nonsense_are_no_requests(value: str | None) -> None:
    assert request(value) is None


def test_every_request_has_its_answers() -> None:
    assert ANSWERS.keys() == set(Request)
    assert not {word for pair in ANSWERS.values() for word in pair} & set(Request)


def test_all_disks_are_the_whole_vm_and_others_are_refused() -> None:
    assert wish(DISKS, DISKS).whole
    assert not wish(DISKS[:1], DISKS).whole
    for asked in ([], ["somebody's"], [f"d{n}" for n in range(1000)]):
        with pytest.raises(Refused):
            wish(asked, DISKS)


def test_who_asks_too_often_or_is_not_allowed_is_refused() -> None:
    allowed(None, 100.0, 100.0 - GAP)
    for value, last in (("false", 0.0), ("true", 99.0)):
        with pytest.raises(Refused):
            allowed(value, 100.0, last)


async def test_a_snapshot_of_the_whole_vm() -> None:
    store, api = asking(*DISKS), Api()
    assert await served(store, api) == "snapshots-created"
    assert store.nodes[f"/vss/{VM}/snaptype"] == "vm"
    assert store.nodes[f"/vss/{VM}/snapuuid"] == "snapshot-uuid"
    assert store.nodes[f"/vss/{VM}/snapshot/{DISKS[1]}/id"] == f"{DISKS[1]}-s"


async def test_a_snapshot_of_one_disk() -> None:
    store, api = asking(DISKS[0]), Api()
    assert await served(store, api) == "snapshots-created"
    assert store.nodes[f"/vss/{VM}/snaptype"] == "vdi"
    assert store.nodes[f"/vss/{VM}/vdisnap/{DISKS[0]}"] == f"{DISKS[0]}-s"
    assert "VM.snapshot" not in api.calls


async def test_a_flood_of_requests_is_one_snapshot() -> None:
    store, api = asking(*DISKS), Api()
    assert await served(store, api, times=1000) == "snapshots-created"
    assert api.calls.count("VM.snapshot") == 1


async def test_a_guest_that_never_stops_asking_is_served_at_a_pace() -> None:
    store, api = asking(*DISKS), Api()
    guests = Guests(Config(), api, store)  # type: ignore[arg-type]
    asked = 0
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        while (seconds := time.monotonic() - began) < 2.0:
            await store.write(f"/vss/{VM}/status", "create-snapshots")
            guests.notice(VM, group)
            asked += 1
            await asyncio.sleep(0)
    assert asked > 1000
    assert 2 <= api.calls.count("VM.get_by_uuid") <= BURST + seconds / RATE + 1
    assert api.calls.count("VM.snapshot") == 1


async def test_disks_of_others_fail() -> None:
    store, api = asking("bbbbbbbb-0000-0000-0000-000000000001"), Api()
    assert await served(store, api) == "snapshots-failed"
    assert not {"VM.snapshot", "VDI.snapshot"} & set(api.calls)


async def test_what_comes_too_late_is_removed() -> None:
    store, api = asking(*DISKS), Api(seconds=0.2)
    assert await served(store, api, deadline=0.1) == "snapshots-failed"
    assert api.destroyed == ["snap", "snap-vdi0", "snap-vdi1"]
    assert f"/vss/{VM}/snapuuid" not in store.nodes


async def test_a_guest_destroys_what_it_asked_for() -> None:
    store, api = asking(*DISKS, status="destroy-snapshots"), Api()
    store.nodes |= {f"/vss/{VM}/vdisnap/{DISKS[0]}": f"{DISKS[0]}-s", f"/vss/{VM}/snapuuid": "snapshot-uuid"}
    api.marks = {"snap": "snapshot-uuid", "snap-vdi0": f"{DISKS[0]}-s"}
    assert await served(store, api) == "snapshots-destroyed"
    assert api.destroyed == ["snap", "snap-vdi0"]


@pytest.mark.parametrize("copied", ["", "uuid of the disk it is a copy of"])
async def test_a_guest_does_not_destroy_other_snapshots_of_its_disks(copied: str) -> None:
    store, api = asking(*DISKS, status="destroy-snapshots"), Api()
    store.nodes |= {f"/vss/{VM}/vdisnap/{DISKS[0]}": f"{DISKS[0]}-s", f"/vss/{VM}/snapuuid": "snapshot-uuid"}
    api.marks = {"snap-vdi0": copied} if copied else {}
    assert await served(store, api) == "snapshot-destroy-failed"
    assert api.destroyed == []


def test_requests_have_a_pace() -> None:
    pace = Pace()
    assert [pace.take(100.0) for _ in range(BURST)] == [0.0] * BURST
    assert [pace.take(100.0) for _ in range(2)] == [1.0, 2.0]
    assert pace.take(1000.0) == 0.0


def test_information_is_without_white_space() -> None:
    text = information("20260101T10:00:00Z", "s", VM)
    assert " " not in text
    assert text.startswith("<VM.snapshot><time>20260101T10:00:00Z</time>")
