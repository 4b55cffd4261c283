"""Implementation of GPU_group: sets of GPUs that are as good as one another."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.context import Context
from xapi.datamodel.errors import GPUGroupContainsPGPU, GPUGroupContainsVGPU
from xapi.datamodel.refs import GPUGroupRef


async def create(ctx: Context, name_label: str, name_description: str, other_config: Mapping[str, str]) -> GPUGroupRef:
    row = ctx.db.gpu_group.create(name_label=name_label, name_description=name_description, other_config=other_config)
    return row.ref


async def destroy(ctx: Context, self: GPUGroupRef) -> None:
    """Raises GPU_GROUP_CONTAINS_PGPU, GPU_GROUP_CONTAINS_VGPU."""
    row = ctx.db.gpu_group[self]
    if row.PGPUs:
        raise GPUGroupContainsPGPU(",".join(row.PGPUs))
    if row.VGPUs:
        raise GPUGroupContainsVGPU(",".join(row.VGPUs))
    ctx.db.gpu_group.delete(self)


async def update_enabled_VGPU_types(ctx: Context, self: GPUGroupRef) -> None:
    """Enabled is what some GPU of the group has enabled."""
    cards = [ctx.db.pgpu[ref] for ref in ctx.db.gpu_group[self].PGPUs]
    types = dict.fromkeys(type_ for card in cards for type_ in card.enabled_VGPU_types)
    ctx.db.gpu_group.update(self, enabled_VGPU_types=tuple(types))


async def update_supported_VGPU_types(ctx: Context, self: GPUGroupRef) -> None:
    """Supported is what some GPU of the group supports."""
    cards = [ctx.db.pgpu[ref] for ref in ctx.db.gpu_group[self].PGPUs]
    types = dict.fromkeys(type_ for card in cards for type_ in card.supported_VGPU_types)
    ctx.db.gpu_group.update(self, supported_VGPU_types=tuple(types))
