"""What a guest may ask for, and how it is answered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from common.client_daemon import Control
from common.errors import from_wire
from snapwatchd.main import Guests
from snapwatchd.protocol import ANSWERS, GAP, Refused, Request, allowed, information, offers, request, wish

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
    """A xapi with one VM of two disks; a snapshot's uuid is its disk's with an `s`."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def call(self, method: str, *params: Any) -> Any:
        self.calls.append(method)
        match method:
            case "VM.get_by_uuid" if params[0] == VM:
                return "vm"
            case "VM.get_domid":
                return "5"
            case "VM.get_VBDs":
                return [f"{params[0]}-vbd{n}" for n in range(2)]
            case "VBD.get_record":
                owner, number = params[0].split("-vbd")
                return {"type": "Disk", "empty": False, "other_config": {}, "VDI": f"{owner}-vdi{number}"}
            case "VDI.get_record":
                owner, number = params[0].split("-vdi")
                uuid = DISKS[int(number)]
                return {"uuid": uuid if owner == "vm" else f"{uuid}-s", "snapshot_of": f"vm-vdi{number}"}
            case "VDI.get_uuid":
                return DISKS[int(params[0][-1])] + ("-s" if params[0].startswith("snap") else "")
            case "VM.snapshot":
                await asyncio.sleep(0.01)
                return "snap"
            case "VDI.snapshot":
                return f"snap-vdi{params[0][-1]}"
            case "VM.get_record":
                return {"uuid": "snapshot-uuid"}
            case "VM.add_to_other_config":
                return None
        raise from_wire("HANDLE_INVALID", [method])


async def served(store: Store, api: Api, times: int = 1) -> str | None:
    guests = Guests(api, store, Control())  # type: ignore[arg-type]
    async with asyncio.TaskGroup() as group:
        for _ in range(times):
            guests.notice(VM, group)
    return await store.read(f"/vss/{VM}/status")


def asking(*disks: str, status: str = "create-snapshots") -> Store:
    nodes = {f"/vss/{VM}/snapshot/{disk}": "" for disk in disks}
    return Store(**nodes, **{f"/vss/{VM}/status": status})


def test_only_guests_with_the_feature_offer() -> None:
    assert offers({"a": {"other": {"feature-quiesce": "1"}}, "b": {"other": {}}, "c": {}}) == ["a"]


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


async def test_disks_of_others_fail() -> None:
    store, api = asking("bbbbbbbb-0000-0000-0000-000000000001"), Api()
    assert await served(store, api) == "snapshots-failed"
    assert not {"VM.snapshot", "VDI.snapshot"} & set(api.calls)


async def test_snapshots_of_others_are_not_destroyed() -> None:
    store, api = asking(status="destroy-snapshots"), Api()
    await store.write(f"/vss/{VM}/vdisnap/x", "cccccccc-0000-0000-0000-000000000001")
    assert await served(store, api) == "snapshot-destroy-failed"
    assert "VDI.destroy" not in api.calls


def test_information_is_without_white_space() -> None:
    text = information("20260101T10:00:00Z", "s", VM)
    assert " " not in text
    assert text.startswith("<VM.snapshot><time>20260101T10:00:00Z</time>")
