"""The store alone: what is left of each target when HTTP, sessions and dispatch are taken away.

`python -m tests.bench.bench_store [VMs]` prints one line for each figure; no other load should run meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from xapi.api import event
from xapi.context import Context
from xapi.datamodel.enums import VBDType, VMPowerState
from xapi.datamodel.wire import MESSAGES
from xapi.db import gc, generic, render
from xapi.db.database import Database

PLATFORM = {"nx": "true", "acpi": "1", "apic": "true", "pae": "true", "hpet": "true", "viridian": "true"}
RECOMMENDATIONS = "<restrictions>" + '<restriction field="vcpus-max" max="32"/>' * 8 + "</restrictions>"


def say(what: str, value: float, unit: str) -> None:
    sys.stdout.write(f"{what:<58} {value:>12,.2f} {unit}\n")
    sys.stdout.flush()


def resident() -> float:
    """Resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def best_ms(work: Callable[[], object], rounds: int = 5) -> float:
    """Milliseconds of the best round."""
    return min(_seconds(work) for _ in range(rounds)) * 1000


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def per_second(work: Callable[[], object], seconds: float = 0.5) -> float:
    start, count = time.perf_counter(), 0
    while (now := time.perf_counter()) - start < seconds:
        work()
        count += 1
    return count / (now - start)


async def per_second_async(work: Callable[[int], Awaitable[object]], seconds: float = 1.0, workers: int = 1) -> float:
    start, count = time.perf_counter(), 0

    async def run(worker: int) -> None:
        nonlocal count
        while time.perf_counter() - start < seconds:
            await work(worker)
            count += 1

    await asyncio.gather(*(run(worker) for worker in range(workers)))
    return count / (time.perf_counter() - start)


def fdatasync_rate(folder: Path) -> float:
    """Appends of 4 KiB, each synced, a second."""
    with (folder / "probe").open("wb", buffering=0) as file:

        def sync() -> None:
            file.write(bytes(4096))
            os.fdatasync(file.fileno())

        return max(per_second(sync, 0.4) for _ in range(3))


def fill(db: Database, count: int) -> None:
    """VMs as a pool has them: each with metrics, two disks and a network interface."""
    host, network, sr = db.host.create(name_label="host"), db.network.create(), db.sr.create(name_label="sr")
    for number in range(count):
        running = number % 2 == 0
        vm = db.vm.create(
            name_label=f"vm {number}",
            name_description="One of many",
            power_state=VMPowerState.RUNNING if running else VMPowerState.HALTED,
            metrics=db.vm_metrics.create().ref,
            guest_metrics=db.vm_guest_metrics.create().ref if running else "OpaqueRef:NULL",
            platform=PLATFORM,
            other_config={"mac_seed": str(number), "base_template_name": "Other install media"},
            recommendations=RECOMMENDATIONS,
            **({"resident_on": host.ref} if running else {}),
        )
        db.vif.create(
            VM=vm.ref, network=network.ref, device="0", MAC=f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"
        )
        for device in ("0", "1"):
            vdi = db.vdi.create(SR=sr.ref, name_label=f"disk {number}.{device}", virtual_size=2**33)
            db.vbd.create(VM=vm.ref, VDI=vdi.ref, userdevice=device, type=VBDType.DISK)


def sent(db: Database, form: str) -> int:
    """Length of all VM records, made in the chunks in which they would be sent."""
    pieces: list[bytes] = getattr(render.records(db.vm.rows()), f"{form}_pieces")()
    return sum(map(len, render.chunks(pieces)))


def reading(db: Database) -> None:
    refs = list(db.vm)
    say("VM.get_all_records XML, first after start", best_ms(lambda: sent(db, "xml"), 1), "ms")
    say("VM.get_all_records JSON, first after start", best_ms(lambda: sent(db, "json"), 1), "ms")
    for form in ("xml", "json"):
        size = sent(db, form)
        milliseconds = best_ms(lambda form=form: sent(db, form))  # type: ignore[misc]
        say(f"VM.get_all_records {form}, {size / 1e6:.1f} MB", milliseconds, "ms")
    record, everything = MESSAGES["VM.get_record"], MESSAGES["VM.get_all"]
    say("VM.get_record", per_second(lambda: generic.execute(db, record, (refs[7],)).xml()), "/s")
    say("VM.get_all", per_second(lambda: generic.execute(db, everything, ()).xml()), "/s")
    where = MESSAGES["VM.get_all_records_where"]
    condition = 'field "name__label" = "vm 7"'
    say("VM.get_all_records_where, one match", per_second(lambda: generic.execute(db, where, (condition,)).xml()), "/s")


async def writing(db: Database, syncs: float) -> None:
    refs = list(db.vm)
    number = 0

    async def write(worker: int) -> None:
        nonlocal number
        number += 1
        db.vm.update(refs[worker], name_description=f"now {number}")
        await db.durable()

    one = await per_second_async(write)
    say("set and durable, 1 caller", one, "/s")
    say("  of the fdatasync rate", one / syncs, "(target 0.35 with HTTP)")
    before, start = db.commits, number
    say("set and durable, 16 callers", await per_second_async(write, workers=16), "/s")
    say("  acknowledged per commit", (number - start) / (db.commits - before), "")


async def watching(db: Database) -> None:
    vm = db.vm.rows()[3]
    ctx = Context.for_test(db, session=db.session.create().ref)
    await db.durable()
    start = time.perf_counter()
    size = sum(map(len, render.chunks((await event.from_(ctx, ("*",), "", 30.0)).xml_pieces())))
    say(f"event.from, first call, every class, {size / 1e6:.1f} MB", (time.perf_counter() - start) * 1000, "ms")
    latencies = []
    for number in range(100):
        before = await event.inject(ctx, "VM", vm.ref)
        await event.from_(ctx, ("vm",), before, 30.0)
        token = f"{db.changes.visible},0"
        waiter = asyncio.create_task(event.from_(ctx, ("vm",), token, 30.0))
        await asyncio.sleep(0.025)
        start = time.perf_counter()
        db.vm.update(vm.ref, order=number + 1)
        (await waiter).xml()
        latencies.append((time.perf_counter() - start) * 1000)
    say("event.from, change to answer, median", sorted(latencies)[50], "ms")
    say("event.from, change to answer, worst", max(latencies), "ms")
    contexts = [Context.for_test(db, session=db.session.create().ref) for _ in range(1000)]
    await db.durable()
    token = f"{db.changes.visible},0"
    waiters = [asyncio.create_task(event.from_(each, ("*",), token, 30.0)) for each in contexts]
    await asyncio.sleep(0.2)
    start = time.perf_counter()
    db.vm.update(vm.ref, name_label="x")
    for waiter in waiters:
        (await waiter).xml()
    say("a thousand waiters, one change, last one", (time.perf_counter() - start) * 1000, "ms")


async def running(db: Database, syncs: float) -> None:
    await writing(db, syncs)
    await watching(db)
    say("garbage collection, planning", best_ms(lambda: gc.plan(db, datetime.now(UTC), {})), "ms")


def fill_elsewhere(path: Path, count: int) -> None:
    """In a process of its own, whose memory is not ours."""
    child = os.fork()
    if child == 0:
        db = Database(path)
        fill(db, count)
        db.close()
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit("the store could not be filled")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say("memory, empty", resident(), "MB")
        syncs = fdatasync_rate(folder)
        say("fdatasync", syncs, "/s")
        fill_elsewhere(folder / "xapi.db", count)
        start = time.perf_counter()
        db = Database(folder / "xapi.db")
        say(f"open with {count} VMs ({sum(map(len, db.tables()))} objects)", (time.perf_counter() - start) * 1000, "ms")
        say("memory, opened", resident(), "MB")
        reading(db)
        say("memory, all records read in both forms", resident(), "MB")
        uvloop.run(running(db, syncs))
        say("memory, at the end", resident(), "MB")
        start = time.perf_counter()
        db.close()
        say("close", (time.perf_counter() - start) * 1000, "ms")


if __name__ == "__main__":
    main()
