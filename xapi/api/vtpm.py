"""Implementation of VTPM: TPMs of VMs, whose contents are secrets in the database while the VM is off."""

from __future__ import annotations

import base64
import binascii

from xapi.context import Context
from xapi.control import firmware, operations
from xapi.datamodel.enums import VMOperations
from xapi.datamodel.errors import InvalidValue
from xapi.datamodel.refs import VMRef, VTPMRef


async def create(ctx: Context, vM: VMRef, is_unique: bool) -> VTPMRef:
    """An empty TPM for a halted VM. While HA may restart VMs elsewhere there is none, as in the original."""
    firmware.check_no_fencing(ctx.db)
    async with operations.hold(ctx, "VM", vM, VMOperations.CREATE_VTPM):
        return firmware.add_tpm(ctx.db, vM, is_unique=is_unique)


async def destroy(ctx: Context, self: VTPMRef) -> None:
    """Delete the TPM of a halted VM; its keys are lost."""
    vm = ctx.db.vtpm[self].VM
    firmware.remove_tpm(ctx.db, self)
    operations.refresh(ctx.db, "VM", vm)


async def get_contents(ctx: Context, self: VTPMRef) -> str:
    """What it had stored when its VM was last off."""
    return firmware.contents(ctx.db, ctx.db.vtpm[self])


async def set_contents(ctx: Context, self: VTPMRef, contents: str) -> None:
    """Replace what it has stored, from the VM's next start on. Raises INVALID_VALUE unless it is base64."""
    try:
        base64.b64decode(contents, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidValue("contents", "(not base64)") from error
    firmware.set_contents(ctx.db, ctx.db.vtpm[self], contents)
