"""VMs and devices as xapi would describe them."""

from __future__ import annotations

from typing import Any

from common.idl.xen import (
    DeviceId,
    DirectBoot,
    DiskType,
    DomainType,
    Vbd,
    VdiDisk,
    Vif,
    Vm,
    VmId,
)

VM = VmId("11111111-0000-4000-8000-000000000001")
GIB = 1 << 30
SR = "22222222-0000-4000-8000-000000000001"


def vm(**fields: Any) -> Vm:
    """A VM of 1 GiB and two VCPUs."""
    defaults: dict[str, Any] = {
        "id": VM,
        "name": "guest",
        "type": DomainType.HVM,
        "boot": DirectBoot(kernel="/boot/vmlinuz"),
        "memory_static_max": GIB,
        "memory_dynamic_max": GIB,
        "memory_dynamic_min": GIB,
        "vcpus_max": 2,
        "vcpus": 2,
    }
    return Vm(**(defaults | fields))


def vbd(device: str, position: int, vdi: str | None = "", **fields: Any) -> Vbd:
    """A disk; a drive without `vdi` is an empty CD drive."""
    if vdi is None:
        fields = {"type": DiskType.CDROM, "read_only": True} | fields
    disk = None if vdi is None else VdiDisk(sr=SR, vdi=vdi or f"vdi-{device}")
    return Vbd(id=DeviceId(vm=VM, device=device), position=position, disk=disk, **fields)


def vif(position: int = 0, **fields: Any) -> Vif:
    """An interface on xenbr0."""
    return Vif(
        id=DeviceId(vm=VM, device=str(position)),
        position=position,
        mac=f"00:16:3e:00:00:{position:02x}",
        **({"bridge": "xenbr0"} | fields),
    )
