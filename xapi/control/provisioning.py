"""Makes the disks that a template asks for in `other_config`, and a VM of the template."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from xapi.context import Context
from xapi.control import discard, operations, storage, unfinished
from xapi.control.duplicate import OWNER
from xapi.control.unfinished import Work
from xapi.datamodel.enums import VBDMode, VBDType, VDIType
from xapi.datamodel.errors import InvalidValue
from xapi.datamodel.refs import SRRef, VDIRef, VMRef
from xapi.datamodel.types import NULL

DISKS = "disks"
LARGEST_TEXT = 64 * 1024  # of the description; a client wrote it


@dataclass(frozen=True, slots=True)
class Disk:
    """One wanted disk; size in bytes, `sr` a uuid."""

    device: str
    size: int
    sr: str
    bootable: bool
    type: VDIType


def parse(text: str) -> list[Disk]:
    """The disks in `<provision><disk device size sr bootable type/></provision>`. Raises `InvalidValue`."""
    if not text:
        return []
    try:
        if len(text) > LARGEST_TEXT or "<!" in text:
            raise ValueError("no plain description")
        root = ElementTree.fromstring(text)  # noqa: S314 - without declarations there are no entities
        return [_disk(element) for element in root.iter("disk")]
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise InvalidValue(DISKS, text[:200]) from error


def _disk(element: ElementTree.Element) -> Disk:
    size = int(element.attrib["size"])
    if size <= 0:
        raise ValueError("no size")
    return Disk(
        device=element.attrib["device"],
        size=size,
        sr=element.attrib.get("sr", ""),
        bootable=element.attrib.get("bootable", "false") == "true",
        type=VDIType.SYSTEM if element.attrib.get("type", "system") == "system" else VDIType.USER,
    )


async def provision(ctx: Context, vm: VMRef) -> None:
    """Make the disks and plug them into the template, which then is a VM. All or nothing.

    Raises UUID_INVALID for an SR that is none.
    """
    wanted = parse(ctx.db.vm[vm].other_config.get(DISKS, ""))
    srs = [SRRef(ctx.db.sr.by_uuid(disk.sr).ref) for disk in wanted]
    work = unfinished.on_srs(ctx.db, srs)
    async with discard.making(ctx, vm, work):
        made = await _disks(ctx, wanted, srs, work)
        for disk, vdi in zip(wanted, made, strict=True):
            _add_vbd(ctx, vm, disk, vdi)
        row = ctx.db.vm[vm]
        kept = {key: value for key, value in row.other_config.items() if key != DISKS}
        ctx.db.vm.update(vm, is_a_template=False, other_config=kept)
    operations.refresh(ctx.db, "VM", vm)


async def _disks(ctx: Context, wanted: list[Disk], srs: list[SRRef], work: Work) -> list[VDIRef]:
    made: list[VDIRef] = []
    for index, (disk, sr) in enumerate(zip(wanted, srs, strict=True)):
        ctx.check_cancelled()
        ctx.progress(index / len(wanted))
        vdi = await storage.create_vdi(
            ctx,
            sr,
            name_label=disk.device,
            name_description="Created by template provisioner",
            virtual_size=disk.size,
            type=disk.type,
            sm_config=work.sm_config,
        )
        made.append(vdi)
    return made


def _add_vbd(ctx: Context, vm: VMRef, disk: Disk, vdi: VDIRef) -> None:
    row = ctx.db.vbd.create(
        VM=vm,
        VDI=vdi,
        userdevice=disk.device,
        bootable=disk.bootable,
        mode=VBDMode.RW,
        type=VBDType.DISK,
        unpluggable=disk.type is not VDIType.SYSTEM,
        empty=vdi == NULL,
        other_config={OWNER: ""},
        metrics=ctx.db.vbd_metrics.create().ref,
    )
    operations.refresh(ctx.db, "VBD", row.ref)
