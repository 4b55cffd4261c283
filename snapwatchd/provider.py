"""Does what a guest asked for, through the XenAPI; reads and writes its nodes in xenstore."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from common.errors import WireError
from common.xen.xenstore import Transaction
from common.xenapi import XenApi
from snapwatchd.protocol import ROOT, Refused, Request, allowed, information, wish

DEADLINE = 10.0  # seconds a snapshot may take: Windows holds its writes no longer
MARK = "vss"
"""In `other_config` of VBDs through which a guest reads its snapshots."""


class Provider:
    """One guest. Requests are served one after the other."""

    def __init__(self, api: XenApi, store: Transaction, uuid: str) -> None:
        self._api, self._store, self._uuid = api, store, uuid
        self._base = f"{ROOT}/{uuid}"
        self._last = -1e9

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
                await self._inform()

    async def _create(self, ref: str) -> None:
        now = time.monotonic()
        domain = await self._api.call("VM.get_domid", ref)
        allow = f"/local/domain/{domain}/vm-data/allowvssprovider"
        value = await self._store.read(allow)
        allowed(value, now, self._last)
        self._last = now
        disks = await self._disks(ref)
        asked = wish(await self._store.directory(f"{self._base}/snapshot"), disks.keys())
        await self._store.rm(f"{self._base}/snapstring")
        await self._store.write(f"{self._base}/snaptype", "vm" if asked.whole else "vdi")
        name = f"Snapshot of {self._uuid} [{datetime.now(UTC):%c}]"
        taken = self._whole(ref, name) if asked.whole else self._some({uuid: disks[uuid] for uuid in asked.disks})
        for disk, snapshot in (await asyncio.wait_for(taken, DEADLINE)).items():
            await self._store.write(f"{self._base}/snapshot/{disk}/id", snapshot)
            await self._store.write(f"{self._base}/vdisnap/{disk}", snapshot)
        if value is not None:
            await self._store.write(allow, "false")

    async def _whole(self, ref: str, name: str) -> dict[str, str]:
        snapshot = await self._api.call("VM.snapshot", ref, name, [])
        record = await self._api.call("VM.get_record", snapshot)
        await self._api.call("VM.add_to_other_config", snapshot, "snapmanager", "true")
        await self._store.write(f"{self._base}/snapuuid", record["uuid"])
        found = {}
        for vdi in (await self._vdis(snapshot)).values():
            found[await self._api.call("VDI.get_uuid", vdi["snapshot_of"])] = str(vdi["uuid"])
        return found

    async def _some(self, disks: Mapping[str, str]) -> dict[str, str]:
        return {
            uuid: await self._api.call("VDI.get_uuid", await self._api.call("VDI.snapshot", ref, {}))
            for uuid, ref in disks.items()
        }

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
        for snapshot in await self._api.call("VM.get_snapshots", ref):
            if await self._api.call("VM.get_uuid", snapshot) == await self._store.read(f"{self._base}/snapuuid"):
                await self._api.call("VM.destroy", snapshot)
        for vdi in snapshots:
            await self._api.call("VDI.destroy", vdi)
        for node in ("snapuuid", "vdisnap", "snapinfo"):
            await self._store.rm(f"{self._base}/{node}")

    async def _inform(self) -> None:
        snapshot = await self._store.read(f"{self._base}/snapuuid") or ""
        moment = datetime.now(UTC).strftime("%Y%m%dT%H:%M:%SZ")
        if snapshot:
            ref = await self._api.call("VM.get_by_uuid", snapshot)
            if not await self._api.call("VM.get_is_a_snapshot", ref):
                raise Refused("that is no snapshot")
            moment = await self._api.call("VM.get_snapshot_time", ref)
        await self._store.write(f"{self._base}/snapinfo", information(moment, snapshot, self._uuid))

    async def _snapshots(self, ref: str) -> dict[str, str]:
        """Snapshots that the guest names, with their uuids; of its own disks only, for it can write what it likes."""
        own = set((await self._disks(ref)).values())
        found = {}
        for disk in await self._store.directory(f"{self._base}/vdisnap"):
            uuid = await self._store.read(f"{self._base}/vdisnap/{disk}")
            vdi = await self._api.call("VDI.get_by_uuid", uuid or "")
            record = await self._api.call("VDI.get_record", vdi)
            if not record["is_a_snapshot"] or record["snapshot_of"] not in own:
                raise Refused(f"{uuid} is no snapshot of it")
            found[vdi] = str(uuid)
        return found

    async def _disks(self, ref: str) -> dict[str, str]:
        """The disks of a VM by uuid."""
        return {str(vdi["uuid"]): each for each, vdi in (await self._vdis(ref)).items()}

    async def _vdis(self, ref: str) -> dict[str, Mapping[str, Any]]:
        found = {}
        for vbd in await self._api.call("VM.get_VBDs", ref):
            record = await self._api.call("VBD.get_record", vbd)
            if record["type"] == "Disk" and not record["empty"] and record["other_config"].get(MARK) != "true":
                found[str(record["VDI"])] = await self._api.call("VDI.get_record", record["VDI"])
        return found
