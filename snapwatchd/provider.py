"""Does what a guest asked for, through the XenAPI; reads and writes its nodes in xenstore."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from common.errors import WireError
from common.xen.xenstore import Transaction
from common.xenapi import XenApi
from snapwatchd.protocol import MANAGED, MARK, MOST_SNAPSHOTS, ROOT, Refused, Request, allowed, information, wish


@dataclass(slots=True)
class Taken:
    """What was made: the snapshot of the VM, if it is one, and those of its disks by the disks' uuids."""

    vm: str = ""
    disks: dict[str, str] = field(default_factory=dict)


class Provider:
    """One guest. Requests are served one after the other. `deadline` is how long a snapshot may take."""

    def __init__(self, api: XenApi, store: Transaction, uuid: str, deadline: float, group: asyncio.TaskGroup) -> None:
        self._api, self._store, self._uuid = api, store, uuid
        self._deadline, self._group = deadline, group
        self._base = f"{ROOT}/{uuid}"
        self._last = -1e9
        self._late = False
        """A snapshot that the guest no longer waits for is still being made."""

    async def serve(self, request: Request) -> None:
        """Raises `Refused`, `WireError` and `TimeoutError`."""
        ref = await self._api.call("VM.get_by_uuid", self._uuid)
        match request:
            case Request.CREATE:
                await self._create(ref)
            case Request.IMPORT:
                await self._import(ref)
            case Request.DEPORT:
                await self._deport(ref)
            case Request.DESTROY:
                await self._destroy(ref)
            case Request.INFO:
                await self._inform(ref)

    async def _create(self, ref: str) -> None:
        now = time.monotonic()
        domain = await self._api.call("VM.get_domid", ref)
        allow = f"/local/domain/{domain}/vm-data/allowvssprovider"
        value = await self._store.read(allow)
        allowed(value, now, self._last)
        if self._late:
            raise Refused("its last snapshot is still being made")
        self._last = now
        disks = await self._vdis(ref)
        asked = wish(await self._store.directory(f"{self._base}/snapshot"), disks)
        for uuid in asked.disks:
            await self._check_number(disks[uuid])
        await self._store.rm(f"{self._base}/snapstring")
        await self._store.write(f"{self._base}/snaptype", "vm" if asked.whole else "vdi")
        taken = await self._in_time(ref, disks, () if asked.whole else asked.disks)
        if taken.vm:
            await self._store.write(f"{self._base}/snapuuid", await self._api.call("VM.get_uuid", taken.vm))
        for disk, snapshot in taken.disks.items():
            uuid = await self._api.call("VDI.get_uuid", snapshot)
            await self._store.write(f"{self._base}/snapshot/{disk}/id", uuid)
            await self._store.write(f"{self._base}/vdisnap/{disk}", uuid)
        if value is not None:
            await self._store.write(allow, "false")

    async def _in_time(self, ref: str, disks: Mapping[str, Mapping[str, Any]], some: tuple[str, ...]) -> Taken:
        """A snapshot of some disks, or else of the VM. What comes too late is removed. Raises `TimeoutError`."""
        work = asyncio.create_task(self._some(disks, some) if some else self._whole(ref))
        try:
            done, _ = await asyncio.wait({work}, timeout=self._deadline)
        except asyncio.CancelledError:
            work.cancel()
            raise
        if done:
            return work.result()
        self._late = True
        self._group.create_task(self._discard_late(work))
        raise TimeoutError

    async def _whole(self, ref: str) -> Taken:
        name = f"Snapshot of {self._uuid} [{datetime.now(UTC):%c}]"
        taken = Taken(await self._api.call("VM.snapshot", ref, name, []))
        await self._mark("VM", taken.vm)
        await self._api.call("VM.remove_from_other_config", taken.vm, MANAGED)
        await self._api.call("VM.add_to_other_config", taken.vm, MANAGED, "true")
        for vdi in (await self._vdis(taken.vm)).values():
            await self._mark("VDI", vdi["ref"])
            taken.disks[await self._api.call("VDI.get_uuid", vdi["snapshot_of"])] = vdi["ref"]
        return taken

    async def _some(self, disks: Mapping[str, Mapping[str, Any]], asked: tuple[str, ...]) -> Taken:
        taken = Taken()
        for uuid in asked:
            taken.disks[uuid] = await self._api.call("VDI.snapshot", disks[uuid]["ref"], {})
            await self._mark("VDI", taken.disks[uuid])
        return taken

    async def _discard_late(self, work: asyncio.Task[Taken]) -> None:
        with contextlib.suppress(WireError):
            taken = await work
            if taken.vm:
                await self._api.call("VM.destroy", taken.vm)
            for vdi in taken.disks.values():
                await self._api.call("VDI.destroy", vdi)
        self._late = False

    async def _mark(self, cls: str, ref: str) -> None:
        """As asked for by its guest. A copy has another uuid, so that the mark says nothing of it."""
        uuid = await self._api.call(f"{cls}.get_uuid", ref)
        await self._api.call(f"{cls}.remove_from_other_config", ref, MARK)
        await self._api.call(f"{cls}.add_to_other_config", ref, MARK, uuid)

    async def _check_number(self, disk: Mapping[str, Any]) -> None:
        """Raises `Refused` when the guest has enough snapshots of a disk."""
        if len(disk["snapshots"]) < MOST_SNAPSHOTS:
            return
        records = [await self._api.call("VDI.get_record", ref) for ref in disk["snapshots"]]
        if sum(_marked(record) for record in records) >= MOST_SNAPSHOTS:
            raise Refused(f"it has {MOST_SNAPSHOTS} snapshots of {disk['uuid']}")

    async def _import(self, ref: str) -> None:
        """Plug the snapshots into the guest, to be read."""
        for vdi in await self._snapshots(ref):
            (device, *_) = await self._api.call("VM.get_allowed_VBD_devices", ref) or [""]
            if not device:
                raise Refused("no place for another disk")
            vbd = await self._api.call(
                "VBD.create",
                {
                    "VM": ref, "VDI": vdi, "userdevice": device, "bootable": False, "mode": "RO", "type": "Disk",
                    "unpluggable": True, "empty": False, "other_config": {MARK: "true"},
                    "qos_algorithm_type": "", "qos_algorithm_params": {},
                },
            )  # fmt: skip
            await self._api.call("VBD.plug", vbd)

    async def _deport(self, ref: str) -> None:
        for vbd in await self._api.call("VM.get_VBDs", ref):
            record = await self._api.call("VBD.get_record", vbd)
            if record["other_config"].get(MARK) == "true":
                with contextlib.suppress(WireError):
                    if record["currently_attached"]:
                        await self._api.call("VBD.unplug", vbd)
                    await self._api.call("VBD.destroy", vbd)

    async def _destroy(self, ref: str) -> None:
        await self._deport(ref)
        snapshots = await self._snapshots(ref)
        named = await self._store.read(f"{self._base}/snapuuid")
        for snapshot in await self._api.call("VM.get_snapshots", ref):
            record = await self._api.call("VM.get_record", snapshot)
            if record["uuid"] == named and _marked(record):
                await self._api.call("VM.destroy", snapshot)
        for vdi in snapshots:
            await self._api.call("VDI.destroy", vdi)
        for node in ("snapuuid", "vdisnap", "snapinfo"):
            await self._store.rm(f"{self._base}/{node}")

    async def _inform(self, ref: str) -> None:
        snapshot = await self._store.read(f"{self._base}/snapuuid") or ""
        moment = datetime.now(UTC).strftime("%Y%m%dT%H:%M:%SZ")
        if snapshot:
            record = await self._api.call("VM.get_record", await self._api.call("VM.get_by_uuid", snapshot))
            if not record["is_a_snapshot"] or record["snapshot_of"] != ref:
                raise Refused(f"{snapshot} is no snapshot of it")
            moment = record["snapshot_time"]
        await self._store.write(f"{self._base}/snapinfo", information(moment, snapshot, self._uuid))

    async def _snapshots(self, ref: str) -> dict[str, str]:
        """Snapshots that the guest names, with their uuids; only such as it asked for, since it can write any uuid."""
        own = {disk["ref"] for disk in (await self._vdis(ref)).values()}
        found = {}
        for disk in await self._store.directory(f"{self._base}/vdisnap"):
            uuid = await self._store.read(f"{self._base}/vdisnap/{disk}")
            vdi = await self._api.call("VDI.get_by_uuid", uuid or "")
            record = await self._api.call("VDI.get_record", vdi)
            if not record["is_a_snapshot"] or record["snapshot_of"] not in own or not _marked(record):
                raise Refused(f"{uuid} is no snapshot it asked for")
            found[vdi] = str(uuid)
        return found

    async def _vdis(self, ref: str) -> dict[str, Mapping[str, Any]]:
        """The disks of a VM by uuid, without those it reads its snapshots through; each has its `ref` too."""
        found: dict[str, Mapping[str, Any]] = {}
        for vbd in await self._api.call("VM.get_VBDs", ref):
            record = await self._api.call("VBD.get_record", vbd)
            if record["type"] == "Disk" and not record["empty"] and record["other_config"].get(MARK) != "true":
                vdi = await self._api.call("VDI.get_record", record["VDI"])
                found[str(vdi["uuid"])] = {**vdi, "ref": record["VDI"]}
        return found


def _marked(record: Mapping[str, Any]) -> bool:
    return bool(record["other_config"].get(MARK) == record["uuid"])
