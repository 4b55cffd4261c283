"""Implementation of PCI: devices of the host."""

from __future__ import annotations

from xapi.context import Context
from xapi.control import pci, pci_devices
from xapi.datamodel.enums import PCIDom0Access
from xapi.datamodel.refs import PCIRef


async def get_dom0_access_status(ctx: Context, self: PCIRef) -> PCIDom0Access:
    """Disabled while an administrator, not a VM, has it kept for guests."""
    row = ctx.db.pci[self]
    return pci.dom0_access(row, pci_devices.driver(row.pci_id))
