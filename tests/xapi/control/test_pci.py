"""The host's PCI devices in the database, and VMs that want some."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.errors import WireError
from common.idl import xen, xen_errors
from tests.xapi.hypervisor import Api
from xapi.control import host, observe, pci, push
from xapi.control.errors import translate
from xapi.control.inventory import load
from xapi.control.pci_devices import Device, Names, devices, names, read_names
from xapi.datamodel.enums import DomainType, PCIDom0Access, VMPowerState
from xapi.datamodel.refs import PCIRef, SRRef, VMRef

IDS = """\
# a database
8086  Intel Corporation
\t10d3  82574L Gigabit Network Connection
\t\t8086 a01f  Server Adapter
\t0d57  Other
1af4  Red Hat, Inc.
\t1000  Virtio
C 02  Network controller
\t00  Ethernet controller
\t\t01  Some interface
C 03  Display controller
"""
NIC = Device("0000:01:00.0", "0200", "8086", "10d3", "8086", "a01f", "e1000e")
SECOND = Device("0000:01:00.1", "0200", "8086", "10d3")
GPU = Device("0000:02:00.0", "0300", "1234", "1111", virtual=1)
VIRTUAL = Device("0000:02:00.4", "0300", "1234", "1112", physical="0000:02:00.0")


def plug(folder: Path, address: str, **files: str) -> Path:
    place = folder / address
    place.mkdir(parents=True)
    for name, text in files.items():
        (place / name).write_text(text + "\n")
    return place


def test_what_sysfs_tells_of_devices(tmp_path: Path) -> None:
    plug(tmp_path, "0000:00:00.0", **{"class": "0x060000", "vendor": "0x8086", "device": "0x29c0"})
    words = {"class": "0x020000", "vendor": "0x8086", "device": "0x10d3"}
    nic = plug(tmp_path, "0000:01:00.0", **words, subsystem_vendor="0x8086", subsystem_device="0xa01f")
    (tmp_path / "e1000e").mkdir()
    (nic / "driver").symlink_to(tmp_path / "e1000e")
    plug(tmp_path, "0000:01:00.1", **words, subsystem_vendor="0x0000", subsystem_device="0x0000")
    gpu = plug(tmp_path, "0000:02:00.0", **{"class": "0x030000", "vendor": "0x1234", "device": "0x1111"})
    part = plug(tmp_path, "0000:02:00.4", **{"class": "0x030000", "vendor": "0x1234", "device": "0x1112"})
    (gpu / "virtfn0").symlink_to(part)
    (part / "physfn").symlink_to(gpu)

    assert devices(tmp_path) == [NIC, SECOND, GPU, VIRTUAL]
    assert devices(tmp_path / "none") == []


def test_names(tmp_path: Path) -> None:
    file = tmp_path / "pci.ids"
    file.write_text(IDS)
    found = names({"8086"}, [tmp_path / "none", file])

    assert found.of_class("0200") == "Ethernet controller"
    assert found.of_class("0380") == "Display controller"
    assert found.of_class("ff00") == "Class ff00"
    assert (found.of_vendor("8086"), found.of_vendor("abcd"), found.of_vendor("")) == (
        "Intel Corporation",
        "Vendor abcd",
        "",
    )
    assert found.of_model("8086", "10d3") == "82574L Gigabit Network Connection"
    assert found.of_model("8086", "10d3", "8086", "a01f") == "Server Adapter"
    assert (found.of_model("1af4", "1000"), found.of_model("1af4", "")) == ("Device 1000", "")
    assert names({"8086"}, [tmp_path / "none"]) == Names()


def sync(api: Api, *found: Device) -> dict[str, PCIRef]:
    api.db.host.update(api.ctx.host, chipset_info={"iommu": "true"})
    pci.sync(api.db, api.ctx.host, found, read_names(IDS.splitlines(keepends=True), {"8086"}))
    return {row.pci_id: row.ref for row in api.db.pci.where(host=api.ctx.host)}


async def test_a_host_has_the_iommu_that_its_hypervisor_has(api: Api) -> None:
    machine = await host.observe(api.ctx)
    assert machine is not None
    for has in (True, False):
        host.sync(api.ctx, load(), replace(machine, iommu=has), None)
        assert api.db.host[api.ctx.host].chipset_info == {"iommu": str(has).lower()}


async def test_rows_follow_the_machine_and_keep_what_stays(api: Api) -> None:
    refs = sync(api, NIC, SECOND, GPU, VIRTUAL)
    row = api.db.pci[refs[NIC.address]]
    assert (row.class_id, row.class_name, row.vendor_name) == ("0200", "Ethernet controller", "Intel Corporation")
    assert (row.device_name, row.subsystem_device_name) == ("82574L Gigabit Network Connection", "Server Adapter")
    assert (row.driver_name, row.dependencies, row.functions) == ("e1000e", (refs[SECOND.address],), 1)
    gpu, virtual = api.db.pci[refs[GPU.address]], api.db.pci[refs[VIRTUAL.address]]
    assert (virtual.physical_function, gpu.virtual_functions, gpu.functions) == (gpu.ref, (virtual.ref,), 2)
    assert set(api.db.host[api.ctx.host].PCIs) == set(refs.values())
    api.db.pci.update(row.ref, other_config={"mine": "1"})

    again = sync(api, NIC, Device(SECOND.address, "0200", "1af4", "1000"))

    assert again[NIC.address] == refs[NIC.address]
    assert again[SECOND.address] != refs[SECOND.address]
    assert api.db.pci[again[NIC.address]].dependencies == (again[SECOND.address],)
    assert api.db.pci[again[NIC.address]].other_config == {"mine": "1"}
    assert GPU.address not in again


async def guest(api: Api, text: str, **fields: Any) -> VMRef:
    return await api.vm(**{"other_config": {"pci": text}, "domain_type": DomainType.HVM, **fields})


async def refusal(api: Api, vm: VMRef) -> list[Any]:
    with pytest.raises(WireError) as caught:
        await api("VM.start", vm=vm, start_paused=False, force=False)
    assert api.db.vm[vm].power_state is VMPowerState.HALTED
    return [caught.value.wire_code, *caught.value.params]


async def test_devices_are_given_in_the_order_of_their_numbers(api: Api) -> None:
    vm = await guest(api, "1/0000:01:00.0, 0/0000:02:00.0,nonsense")
    assert push.vm(api.db.vm[vm]).pci == ["0000:02:00.0", "0000:01:00.0"]
    assert push.vm(api.db.vm[await api.vm()]).pci == []


async def test_a_vm_has_its_devices_while_it_runs(api: Api, sr: SRRef) -> None:
    refs = sync(api, NIC, GPU)
    vm = await guest(api, f"0/{NIC.address}")
    await api("VM.start", vm=vm, start_paused=False, force=False)
    assert api.db.vm[vm].attached_PCIs == (refs[NIC.address],)
    assert api.db.pci[refs[NIC.address]].attached_VMs == (vm,)
    for message in ("VM.suspend", "VM.checkpoint"):
        with pytest.raises(WireError, match="VM_HAS_PCI_ATTACHED"):
            await api(message, vm=vm, **({"new_name": "x"} if "check" in message else {}))
    assert await refusal(api, await guest(api, f"0/{NIC.address}")) == ["DEVICE_ALREADY_ATTACHED", refs[NIC.address]]
    await api("VM.hard_shutdown", vm=vm)
    assert api.db.vm[vm].attached_PCIs == ()


async def test_xenopsd_saves_no_vm_with_devices_either(api: Api, sr: SRRef) -> None:
    vm = await guest(api, f"0/{NIC.address}")
    sync(api, NIC)
    await api("VM.start", vm=vm, start_paused=False, force=False)
    with pytest.raises(xen_errors.HasPciAttached) as caught:
        await api.ctx.services.xen.vm.assert_can_migrate("test", xen.VmId(api.db.vm[vm].uuid))
    assert translate(api.db, caught.value).params == [vm]
    api.db.vm.update(vm, attached_PCIs=())
    with pytest.raises(WireError, match="VM_HAS_PCI_ATTACHED"):
        await api("VM.suspend", vm=vm)


async def test_what_a_host_can_not_give_is_said_before_anything_is_done(api: Api) -> None:
    refs, here = sync(api, NIC), api.ctx.host
    nowhere = await guest(api, "0/0000:09:00.0")
    assert (await refusal(api, nowhere))[:3] == ["VM_INCOMPATIBLE_WITH_THIS_HOST", nowhere, here]
    assert await refusal(api, await guest(api, "01:00.0")) == ["INVALID_VALUE", "other_config:pci", "01:00.0"]
    squeezed = await guest(api, f"0/{NIC.address}", memory_dynamic_min=128 << 20)
    assert (await refusal(api, squeezed))[0] == "MEMORY_CONSTRAINT_VIOLATION_MAXPIN"

    software = api.db.host[here].software_version
    api.db.host.update(here, software_version={**software, "backend": "libxl"})
    pvh = await guest(api, f"0/{NIC.address}", domain_type=DomainType.PVH, HVM_boot_policy="")
    assert (await refusal(api, pvh))[:3] == ["VM_INCOMPATIBLE_WITH_THIS_HOST", pvh, here]

    metrics = api.db.pif_metrics.create(pci_bus_path=NIC.address).ref
    pif = api.db.pif.create(host=here, device="eth7", metrics=metrics, management=True, network=api.network()).ref
    vm = await guest(api, f"0/{NIC.address}")
    assert (await refusal(api, vm))[0] == "OPERATION_NOT_ALLOWED"
    api.db.pif.update(pif, management=False)

    api.db.host.update(here, chipset_info={"iommu": "false"})
    assert await refusal(api, vm) == ["VM_REQUIRES_IOMMU", here]
    api.db.host.update(here, chipset_info={"iommu": "true"})
    await api("VM.start", vm=vm, start_paused=False, force=False)
    assert api.db.vm[vm].attached_PCIs == (refs[NIC.address],)


async def test_what_is_kept_for_guests_is_not_dom0s(api: Api) -> None:
    row = api.db.pci[sync(api, NIC)[NIC.address]]
    assert pci.dom0_access(row, "e1000e") is PCIDom0Access.ENABLED
    assert pci.dom0_access(row, "") is PCIDom0Access.ENABLED
    assert pci.dom0_access(row, "pciback") is PCIDom0Access.DISABLED
    api.db.vm.update(await api.vm(), attached_PCIs=(row.ref,))
    assert pci.dom0_access(api.db.pci[row.ref], "pciback") is PCIDom0Access.ENABLED
    assert await api("PCI.get_dom0_access_status", self=row.ref) is PCIDom0Access.ENABLED


async def test_a_device_that_is_no_more_is_not_attached(api: Api) -> None:
    refs = sync(api, NIC)
    vm = await api.vm()
    state = xen.VmState(power_state=xen.PowerState.RUNNING, domids=[1], pci=[NIC.address, "0000:09:00.0"])
    observe.apply(api.db, api.ctx.host, vm, state)
    assert api.db.vm[vm].attached_PCIs == (refs[NIC.address],)
    sync(api)
    assert api.db.vm[vm].attached_PCIs == ()
