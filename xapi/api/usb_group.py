"""Implementation of USB_group: sets of USB devices that are as good as one another."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.context import Context
from xapi.datamodel.errors import USBGroupContainsPUSB, USBGroupContainsVUSB
from xapi.datamodel.refs import USBGroupRef


async def create(ctx: Context, name_label: str, name_description: str, other_config: Mapping[str, str]) -> USBGroupRef:
    row = ctx.db.usb_group.create(name_label=name_label, name_description=name_description, other_config=other_config)
    return row.ref


async def destroy(ctx: Context, self: USBGroupRef) -> None:
    """Raises USB_GROUP_CONTAINS_PUSB, USB_GROUP_CONTAINS_VUSB."""
    row = ctx.db.usb_group[self]
    if row.PUSBs:
        raise USBGroupContainsPUSB(",".join(row.PUSBs))
    if row.VUSBs:
        raise USBGroupContainsVUSB(",".join(row.VUSBs))
    ctx.db.usb_group.delete(self)
