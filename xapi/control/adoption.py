"""Makes VMs of guests that `xl` runs or has configured: `xe vm-adopt`, by `host.call_plugin` on the host that has them.

Disks stay where they are: their directory becomes an SR of type `file`, in which each has a second name. A paravirtual
guest that runs goes on running: xenopsd takes its domain over, whose uuid becomes the VM's. Emulated hardware is
different in each toolstack, so a guest that has it is shut down first, if the caller allows that. Safe to repeat.
"""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from common.config import on_host
from common.errors import WireError
from xapi.context import Context
from xapi.control import domains, foreign, observe, xl
from xapi.control.adopt import Adopted, Disk, Nic, NotAdoptable, home
from xapi.control.xl import Running
from xapi.datamodel.enums import DomainType, VBDMode, VBDType, VMPowerState
from xapi.datamodel.errors import XenapiPluginFailure
from xapi.datamodel.refs import NetworkRef, SRRef, VDIRef, VMRef
from xapi.datamodel.types import NULL

PLUGIN, FUNCTION = "xl", "adopt"
TAKE_OVER_DEADLINE = 60.0  # seconds
POLL = 0.2
SR_TYPE = "file"
PARAVIRTUAL = frozenset({"pv", "pvh"})


async def adopt(ctx: Context, args: Mapping[str, str]) -> str:
    """`config`: a file of xl on this host; or `name`: a running guest; or neither: all that run.

    With `shutdown` = `true` guests that can't be taken over while they run are shut down. Answers JSON: a list of
    objects with `uuid`, `name`, `notes`, or `name`, `refused`. Raises XENAPI_PLUGIN_FAILURE.
    """
    try:
        chosen = await _chosen(ctx, args)
    except NotAdoptable as error:
        raise XenapiPluginFailure("not adoptable", "", str(error)) from error
    may_stop = args.get("shutdown", "false") == "true"
    return json.dumps([await _report(ctx, each, may_stop=may_stop) for each in chosen])


async def _chosen(ctx: Context, args: Mapping[str, str]) -> list[Running | Adopted]:
    known = {row.uuid for row in ctx.db.vm.rows()}
    if path := args.get("config"):
        guest = xl.configured(path)
        same = [each for each in await xl.running() if each.guest.name == guest.name]
        return [*same] or [guest]
    found = [each for each in await xl.running() if each.guest.uuid not in known]
    if name := args.get("name"):
        found = [each for each in found if each.guest.name == name]
        if not found:
            raise NotAdoptable(f"no guest {name} of xl runs here")
    return [*found]


async def _report(ctx: Context, each: Running | Adopted, *, may_stop: bool) -> dict[str, Any]:
    guest = each.guest if isinstance(each, Running) else each
    try:
        running = each if isinstance(each, Running) else None
        vm, notes = await _adopt(ctx, guest, running, may_stop=may_stop)
    except (NotAdoptable, WireError) as error:
        return {"name": guest.name, "refused": str(error)}
    return {"name": guest.name, "uuid": ctx.db.vm[vm].uuid, "notes": notes}


async def _adopt(ctx: Context, guest: Adopted, running: Running | None, *, may_stop: bool) -> tuple[VMRef, list[str]]:
    notes = [f"drive {disk.device} is empty" for disk in guest.disks if disk.cdrom and disk.path]
    check_disks(guest)
    if guest.uuid and ctx.db.vm.where(uuid=guest.uuid):
        raise NotAdoptable(f"there is a VM with the uuid {guest.uuid}")
    reason = why_not(running) if running else None
    if reason and not may_stop:
        raise NotAdoptable(f"{reason}; with shutdown=true it is shut down first")
    disks = {disk.position: await _disk(ctx, disk) for disk in guest.disks if not disk.cdrom}
    if running and reason:
        await xl.shut_down(running)
        notes.append(f"was shut down: {reason}")
        running = None
    vm = await _vm(ctx, guest, disks)
    if running:
        try:
            notes += await _take_over(ctx, vm, running)
        except BaseException:
            await ctx.call("VM.destroy", self=vm)
            raise
    return vm, notes


def check_disks(guest: Adopted) -> None:
    """Raises `NotAdoptable` for a disk that is no file: there is no SR that could hold it where it is."""
    for disk in guest.disks:
        if disk.cdrom:
            continue
        try:
            mode = on_host(disk.path).stat().st_mode
        except OSError as error:
            raise NotAdoptable(f"disk {disk.device}: {disk.path}: {error.strerror}") from error
        if not stat.S_ISREG(mode):
            raise NotAdoptable(
                f"disk {disk.device}: {disk.path} is a block device or no file: only disks in files can be adopted"
            )


def why_not(running: Running) -> str | None:
    """Why the domain can't be taken over as it is; None if it can."""
    if running.paused:
        return "it is paused"
    if running.guest.type not in PARAVIRTUAL:
        return "it has emulated hardware, which is another's"
    for disk in running.guest.disks:
        if not disk.device.startswith("xvd"):
            return f"its disk {disk.device} would have another name"
    return None


async def _disk(ctx: Context, disk: Disk) -> VDIRef:
    """The VDI that is the disk's file, under a second name."""
    directory, name = home(disk)
    sr = await _sr(ctx, directory)
    beside = on_host(directory) / name
    if not beside.exists():
        _link(on_host(disk.path), beside)
    await ctx.call("SR.scan", sr=sr)
    uuid = beside.stem
    [vdi] = ctx.db.vdi.where(SR=sr, location=uuid)
    if not vdi.name_label:
        await ctx.call("VDI.set_name_label", self=vdi.ref, value=Path(disk.path).name)
    return VDIRef(vdi.ref)


def _link(path: Path, beside: Path) -> None:
    try:
        os.link(path, beside)
    except OSError as error:
        raise NotAdoptable(f"{path} can have no second name in its directory: {error.strerror}") from error


async def _sr(ctx: Context, directory: str) -> SRRef:
    """The SR on that directory of this host."""
    for pbd in ctx.db.pbd.where(host=ctx.host):
        sr = ctx.db.sr[pbd.SR]
        if sr.type == SR_TYPE and os.path.normpath(pbd.device_config.get("location", "")) == directory:
            return SRRef(sr.ref)
    made: SRRef = await ctx.call(
        "SR.create",
        host=ctx.host,
        device_config={"location": directory},
        physical_size=0,
        name_label=f"Disks in {directory}",
        name_description="Made by vm-adopt; the disks were there before",
        type=SR_TYPE,
        content_type="user",
        shared=False,
        sm_config={},
    )
    return made


async def _vm(ctx: Context, guest: Adopted, disks: Mapping[int, VDIRef]) -> VMRef:
    described = guest.record()
    record = {
        **described,
        "uuid": guest.uuid or str(uuid4()),
        "domain_type": DomainType(described["domain_type"]),
        "platform": {},
        "HVM_shadow_multiplier": 1.0,
        "power_state": VMPowerState.HALTED,
        "suspend_VDI": NULL,
    }
    vm: VMRef = await ctx.call("VM.create", record=record)
    try:
        for disk in guest.disks:
            await ctx.call("VBD.create", record=_vbd(vm, disk, disks.get(disk.position, VDIRef(NULL))))
        for position, nic in enumerate(guest.nics):
            network = await _network(ctx, nic)
            vif = {"VM": vm, "network": network, "device": str(position), "MAC": nic.mac, "MTU": 1500}
            await ctx.call("VIF.create", record={**vif, "other_config": {}})
    except BaseException:
        await ctx.call("VM.destroy", self=vm)
        raise
    return vm


def _vbd(vm: VMRef, disk: Disk, vdi: VDIRef) -> dict[str, Any]:
    return {
        "VM": vm,
        "VDI": vdi,
        "userdevice": str(disk.position),
        "bootable": disk.position == 0,
        "mode": VBDMode.RO if disk.read_only else VBDMode.RW,
        "type": VBDType.CD if disk.cdrom else VBDType.DISK,
        "unpluggable": True,
        "empty": vdi == NULL,
        "other_config": {},
    }


async def _network(ctx: Context, nic: Nic) -> NetworkRef:
    """The network of the bridge; one that we don't look after if there was none."""
    found = ctx.db.network.where(bridge=nic.bridge)
    if found:
        return NetworkRef(found[0].ref)
    record = {"name_label": f"Bridge {nic.bridge}", "bridge": nic.bridge, "managed": False, "other_config": {}}
    made: NetworkRef = await ctx.call("network.create", record=record)
    return made


async def _take_over(ctx: Context, vm: VMRef, running: Running) -> list[str]:
    """Have xenopsd know the domain as the VM's. Raises `NotAdoptable` if it doesn't within a minute."""
    notes = [] if xl.dismiss(running) else ["no process of xl watched it"]
    foreign.mark(ctx.db, vm, ctx.host, running.domid)
    await domains.push_vm(ctx, vm)
    give_up = asyncio.get_running_loop().time() + TAKE_OVER_DEADLINE
    while ctx.db.vm[vm].power_state not in observe.LIVE:
        if asyncio.get_running_loop().time() > give_up:
            raise NotAdoptable(f"domain {running.domid} was not taken over in {TAKE_OVER_DEADLINE:.0f} s")
        await asyncio.sleep(POLL)
        await domains.observe_vm(ctx, vm)
    return [*notes, "runs on; its disks can be snapshotted after its next reboot, or suspend and resume"]
