"""What a guest finds in xenstore, and what it tells there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.idl.xen import DomainType
from common.xen.xenstore import Xenstore
from tests.common.xen.xenstored import Xenstored
from tests.xenopsd.samples import VM, vm
from xenopsd.backend.libxl import guest


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Xenstore]:
    server = Xenstored(tmp_path / "socket")
    await server.start()
    client = Xenstore(server.path)
    yield client
    await client.close()
    await server.stop()


async def test_a_new_domain(store: Xenstore) -> None:
    wanted = vm(
        name="my VM",
        type=DomainType.PVH,
        platform={"key": "value", "not a name": "x"},
        xsdata={"vm-data/a": "1", "vm-data/no name": "x", "FIST/b": "2", "other": "3"},
        bios_strings={"bios-vendor": "us"},
    )
    await guest.introduce(store, wanted, 7, 128 << 20)
    home = "/local/domain/7"
    assert await store.read(f"{home}/name") == "my VM"
    assert await store.read(f"{home}/platform/key") == "value"
    assert await store.directory(f"{home}/bios-strings") == []
    assert await store.read(f"{home}/vm-data/a") == "1"
    assert await store.read(f"{home}/FIST/b") == "2"
    assert await store.read(f"{home}/other") is None
    assert await store.read(f"{home}/memory/initial-target") == str(128 << 10)
    assert await store.permissions(f"{home}/vm-data") == ["n7"]
    assert await store.permissions(f"{home}/platform/key") == ["n0", "r7"]
    assert await store.read(f"/vm/{VM}/name") == "my VM"
    assert await guest.xsdata(store, 7) == {"vm-data/a": "1", "FIST/b": "2"}
    await guest.set_xsdata(store, 7, {"vm-data/c": "4"})
    await store.write(f"{home}/vm-data/own/deep", "")
    assert await guest.xsdata(store, 7) == {"vm-data/c": "4", "vm-data/own/deep": ""}
    await store.rm(f"{home}/vm-data/own")
    assert await store.directory(f"{home}/vm-data") == ["c"]
    assert await store.directory(f"{home}/FIST") == []
    await guest.forget(store, VM)
    assert await store.read(f"/vm/{VM}") is None


async def test_what_an_agent_tells(store: Xenstore) -> None:
    home = "/local/domain/7"
    for name, value in {
        "attr/vif/0/ipv4/0": "192.0.2.1",
        "attr/os/hotfixes/1": "x",
        "data/os_name": "Tiny",
        "data/service/a": "1",
        "control/feature-shutdown": "1",
        "feature/hotplug": "1",
        "memory/target": "1",
    }.items():
        await store.write(f"{home}/{name}", value)
    assert await guest.told(store, 7) == {
        "attr/vif/0/ipv4/0": "192.0.2.1",
        "data/os_name": "Tiny",
        "data/service/a": "1",
        "control/feature-shutdown": "1",
        "feature/hotplug": "1",
    }


async def test_pages_that_a_guest_grants(store: Xenstore) -> None:
    entries = {"a/grantrefs": "8,9", "a/ready": "true", "b/grantrefs": "8", "c/ready": "true"}
    entries |= {"d/grantrefs": "8,x", "d/ready": "true", "e/grantrefs": "1", "e/ready": "true"}
    for name, value in entries.items():
        await store.write(f"/local/domain/7/rrd/{name}", value)
    found = await guest.granted(store, 7)
    assert {each.name: each.references for each in found} == {"a": [8, 9], "e": [1]}
