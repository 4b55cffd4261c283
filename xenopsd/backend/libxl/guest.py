"""What a guest, its agent and tools find in xenstore besides libxl's own entries, and what its agent tells there."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Coroutine, Iterator, Mapping
from typing import Any

from common.idl.xen import (
    DomainType,
    GrantedMetrics,
    Vm,
    VmId,
)
from common.xen.xenstore import Transaction, Xenstore
from xenopsd.backend.libxl import configuration

WRITABLE = ("attr", "control", "data", "drivers", "error", "feature", "messages", "rrd", "vm-data", "xenserver/attr")
SHARED = ("vm-data/", "FIST/")
SHARED_DEPTH = 4
TOLD = {
    "control": 1,
    "feature/hotplug": 1,
    "xenserver/attr": 4,
    "attr": 4,
    "drivers": 1,
    "data": 2,
}
"""Subtrees that the agent writes, with how deep they are copied."""
NOT_TOLD = ("attr/os/hotfixes",)
MOST_GRANTED, MOST_PAGES = 8, 16
GRANT = re.compile(r"\d{1,9}")
NAME = re.compile(r"[A-Za-z0-9_@-]+(/[A-Za-z0-9_@-]+)*")


def path(domid: int) -> str:
    """A domain's own place."""
    return f"/local/domain/{domid}"


def private(vm: VmId) -> str:
    """A place that guests can't see."""
    return f"/xapi/{vm}"


def kib(text: str | None) -> int:
    """Bytes of a size that xenstore has in KiB; 0 where it has none."""
    return int(text) << 10 if text and text.lstrip("-").isdigit() else 0


def requests(vm: VmId) -> str:
    """Where a guest asks for snapshots (VSS), for snapwatchd."""
    return f"/vss/{vm}"


async def introduce(store: Xenstore, vm: Vm, domid: int, memory: int) -> None:
    """Write all that a domain should find when it starts; `memory`: bytes it has."""
    entries = _entries(vm, memory)
    home = path(domid)

    def calls(inside: Transaction) -> Iterator[Coroutine[Any, Any, None]]:
        for name in WRITABLE:
            yield inside.mkdir(f"{home}/{name}")
            yield inside.set_permissions(f"{home}/{name}", [f"n{domid}"])
        yield inside.rm(requests(vm.id))  # those of the domain before
        yield inside.mkdir(requests(vm.id))
        yield inside.set_permissions(requests(vm.id), ["n0", f"b{domid}"])
        for name, value in entries.items():
            yield inside.write(f"{home}/{name}", value)
            if not name.startswith(tuple(f"{each}/" for each in WRITABLE)):
                yield inside.set_permissions(f"{home}/{name}", ["n0", f"r{domid}"])
        yield inside.write(f"/vm/{vm.id}/uuid", vm.id)
        yield inside.write(f"/vm/{vm.id}/name", vm.name)
        yield inside.write(f"/vm/{vm.id}/domains/{domid}", home)
        yield inside.write(f"/vm/{vm.id}/domains/{domid}/create-time", str(time.monotonic_ns()))
        yield inside.write(f"{private(vm.id)}/start-time", f"{time.time():.3f}")

    async def work(inside: Transaction) -> None:
        # Sent one behind the other, and only then waited for: xenstored takes them in this order.
        await asyncio.gather(*calls(inside))

    await store.transaction(work)


async def repeat(store: Xenstore, domid: int, told: Mapping[str, str]) -> None:
    """Write anew what the guest and its agent had told elsewhere: they tell it but once."""

    async def work(inside: Transaction) -> None:
        await asyncio.gather(*(inside.write(f"{path(domid)}/{name}", value) for name, value in told.items()))

    await store.transaction(work)


async def forget(store: Xenstore, vm: VmId) -> None:
    """Safe to repeat."""
    await store.rm(f"/vm/{vm}")
    await store.rm(private(vm))
    await store.rm(requests(vm))


async def set_xsdata(store: Xenstore, domid: int, xsdata: Mapping[str, str]) -> None:
    """Replace what the guest reads under `vm-data/`; what it wrote there itself goes too."""
    home = path(domid)

    async def work(inside: Transaction) -> None:
        for name in ("vm-data", "FIST"):
            await inside.rm(f"{home}/{name}")
        await inside.mkdir(f"{home}/vm-data")
        await inside.set_permissions(f"{home}/vm-data", [f"n{domid}"])
        for name, value in _shared(xsdata).items():
            await inside.write(f"{home}/{name}", value)

    await store.transaction(work)


async def xsdata(store: Xenstore, domid: int) -> dict[str, str]:
    """What stands under `vm-data/` and `FIST/` now, the guest's own writing too."""
    values = await _below(store, domid, {name.rstrip("/"): SHARED_DEPTH for name in SHARED})
    folders = {key.rpartition("/")[0] for key in values}
    return {key: value for key, value in values.items() if key.startswith(SHARED) and (value or key not in folders)}


async def granted(store: Xenstore, domid: int) -> list[GrantedMetrics]:
    """What the guest says it shares below `rrd/`: `grantrefs` (numbers with commas between), once it is `ready`."""
    found = []
    for name in (await store.directory(f"{path(domid)}/rrd"))[:MOST_GRANTED]:
        folder = f"{path(domid)}/rrd/{name}"
        references, ready = await asyncio.gather(store.read(f"{folder}/grantrefs"), store.read(f"{folder}/ready"))
        numbers = (references or "").split(",")
        if ready == "true" and len(numbers) <= MOST_PAGES and all(GRANT.fullmatch(number) for number in numbers):
            found.append(GrantedMetrics(name=name, references=[int(number) for number in numbers]))
    return found


async def told(store: Xenstore, domid: int) -> dict[str, str]:
    """What the guest's agent and drivers say of it, as `attr/vif/0/ipv4/0` or `control/feature-shutdown`."""
    told = await _below(store, domid, TOLD)
    return {key: value for key, value in told.items() if value and not key.startswith(NOT_TOLD)}


async def _below(store: Xenstore, domid: int, roots: Mapping[str, int]) -> dict[str, str]:
    """Values of `roots`, which are given with their depth, and of all below."""
    found: dict[str, str] = {}
    for root, depth in roots.items():
        values = await store.tree(f"{path(domid)}/{root}", depth)
        found |= {f"{root}/{name}" if name else root: value for name, value in values.items()}
    return found


def _entries(vm: Vm, memory: int) -> dict[str, str]:
    entries = {
        "name": vm.name,
        # Another one for each domain: by it an agent sees that it was moved, or resumed.
        "unique-domain-id": str(uuid.uuid4()),
        "domain-type": vm.type.replace("_", "-"),
        "action-request": "poweroff",
        "control/platform-feature-multiprocessor-suspend": "1",
        "control/platform-feature-xs_reset_watches": "1",
        "control/has-vendor-device": str(int(vm.has_vendor_device)),
        "memory/initial-target": str(memory >> 10),
        "memory/dynamic-min": str(vm.memory_dynamic_min >> 10),
        "memory/dynamic-max": str(vm.memory_dynamic_max >> 10),
    }
    platform = vm.platform | {"vcpu/number": str(vm.vcpus_max), "vcpu/current": str(vm.vcpus)}
    platform |= {f"vcpu/{name}": str(value) for name in ("weight", "cap") if (value := getattr(vm, name)) is not None}
    if vm.generation_id:
        platform["generation-id"] = vm.generation_id
    if vm.type is DomainType.HVM:
        platform |= {"acpi_s3": "0", "acpi_s4": "0"}
    entries |= {f"platform/{name}": value for name, value in platform.items() if _is_name(name)}
    if configuration.is_hvm(vm):
        entries |= {f"bios-strings/{name}": value for name, value in vm.bios_strings.items() if _is_name(name)}
    return entries | _shared(vm.xsdata)


def _shared(xsdata: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in xsdata.items() if name.startswith(SHARED) and _is_name(name)}


def _is_name(text: str) -> bool:
    """Whether xenstored takes it as part of a path; others were an administrator's slip and reach no guest."""
    return NAME.fullmatch(text) is not None
