"""Pure rules: addresses, memory, device names, what a guest says, descriptions for xenopsd."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from common.errors import WireError
from common.idl import xen
from xapi.control import devices, guest_metrics, mac, memory, push, snapshot_metadata
from xapi.control.memory import MIB, Limits
from xapi.datamodel.enums import (
    DomainType,
    NetworkDefaultLockingMode,
    VBDMode,
    VBDType,
    VIFLockingMode,
    VMPowerState,
)
from xapi.db.database import Database

SEED = "d651d03c-432c-9b64-179b-55ab7fce5418"


def test_addresses_are_those_that_the_original_derives() -> None:
    assert mac.derive(SEED, 0) == "0e:83:f6:e1:b7:11"
    assert len({mac.derive(SEED, device) for device in range(16)}) == 16


@pytest.mark.parametrize("address", ["zz", "00:11:22:33:44", "01:00:5e:00:00:01", "00-11-22-33-44-55", ""])
def test_what_is_no_address_of_an_interface_is_refused(address: str) -> None:
    with pytest.raises(WireError) as caught:
        mac.parse(address)
    assert (caught.value.wire_code, caught.value.params) == ("MAC_INVALID", [address])


@pytest.mark.parametrize(
    ("domain_type", "mib", "vcpus", "multiplier", "overhead"),
    [  # as the original answered
        (DomainType.HVM, 256, 1, 1.0, 6),
        (DomainType.HVM, 256, 4, 1.5, 12),
        (DomainType.HVM, 2048, 2, 1.0, 21),
        (DomainType.HVM, 8192, 2, 1.0, 69),
        (DomainType.PV, 2048, 2, 1.0, 20),
        (DomainType.PV_IN_PVH, 1024, 1, 1.0, 46),
    ],
)
def test_overhead(domain_type: DomainType, mib: int, vcpus: int, multiplier: float, overhead: int) -> None:
    assert memory.overhead(domain_type, mib * MIB, vcpus, multiplier) == overhead * MIB


@pytest.mark.parametrize("limits", [Limits(2, 1, 3, 4), Limits(1, 3, 2, 4), Limits(1, 2, 4, 3), Limits(-1, 1, 1, 1)])
def test_limits_have_an_order(limits: Limits) -> None:
    with pytest.raises(WireError, match="MEMORY_CONSTRAINT_VIOLATION_ORDER"):
        limits.check_order()


def test_the_dynamic_minimum_is_a_quarter_unless_the_pool_says_otherwise() -> None:
    db = Database()
    wanted = Limits(0, 24 * MIB, 100 * MIB, 100 * MIB)
    with pytest.raises(WireError, match=r"MEMORY_CONSTRAINT_VIOLATION\("):
        memory.check_limits(db, wanted, DomainType.HVM)
    db.pool.create(other_config={"memory-ratio-hvm": "0.1"})
    memory.check_limits(db, wanted, DomainType.HVM)


def test_room_counts_what_runs_and_what_is_on_its_way() -> None:
    db = Database()
    host = db.host.create(metrics=db.host_metrics.create(memory_total=1000).ref, memory_overhead=100).ref
    db.vm.create(is_control_domain=True, resident_on=host, memory_dynamic_max=200)
    db.vm.create(resident_on=host, memory_dynamic_min=300, memory_overhead=50)
    arriving = db.vm.create(scheduled_to_be_resident_on=host, memory_dynamic_min=250, memory_overhead=50)
    other = db.vm.create(memory_dynamic_min=40, memory_overhead=10)
    assert memory.free(db, host) == 50
    memory.check_room(db, other, host, 50)
    memory.check_room(db, arriving, host, 350)
    with pytest.raises(WireError) as caught:
        memory.check_room(db, other, host, 51)
    assert (caught.value.wire_code, caught.value.params) == ("HOST_NOT_ENOUGH_FREE_MEMORY", ["51", "50"])


@pytest.mark.parametrize(("position", "name"), [(0, "xvda"), (25, "xvdz"), (26, "xvdaa"), (254, "xvdiu")])
def test_disk_names(position: int, name: str) -> None:
    assert devices.disk_name(position) == name
    assert devices.disk_position(name) == devices.disk_position(str(position)) == position


@pytest.mark.parametrize("name", ["255", "-1", "xvd", "xvdA", "vda", "", "9" * 30, "٣", "xvd" + "z" * 50])
def test_what_is_no_disk_name_is_refused(name: str) -> None:
    with pytest.raises(WireError, match="INVALID_DEVICE"):
        devices.disk_position(name)


def test_emulated_names_mean_the_same_disk() -> None:
    assert devices.disk_position("hdc") == 2


def test_what_the_guest_says() -> None:
    keys = {
        "attr/vif/0/ipv4/0": "192.168.77.10",
        "attr/vif/0/ipv6/0": "fe80::1",
        "attr/PVAddons/MajorVersion": "9",
        "attr/PVAddons/MinorVersion": "3",
        "data/os_name": "Debian GNU/Linux 12 (bookworm)",
        "data/os_majorver": "12",
        "data/host_name": "web",
        "data/service/web/port": "80",
        "control/feature-suspend": "1",
        "data/cant_suspend_reason": "",
    }
    facts = guest_metrics.facts(keys, False)
    assert facts.networks == {"0/ip": "192.168.77.10", "0/ipv4/0": "192.168.77.10", "0/ipv6/0": "fe80::1"}
    assert facts.os_version == {"name": "Debian GNU/Linux 12 (bookworm)", "major": "12"}
    assert facts.PV_drivers_version == {"major": "9", "minor": "3"}
    assert facts.PV_drivers_detected
    assert facts.other["feature-suspend"] == "1"
    assert facts.services == {"web/port": "80"}


def test_the_old_keys_of_addresses_are_read_too() -> None:
    keys = {"attr/eth1/ip": "10.0.0.1", "attr/eth1/ipv6/0/addr": "fe80::2"}
    assert guest_metrics.networks(keys) == {"1/ip": "10.0.0.1", "1/ipv4/0": "10.0.0.1", "1/ipv6/0": "fe80::2"}


def test_snapshot_metadata_is_read_back() -> None:
    db = Database()
    row = db.vm.create(
        name_label="o'clock \\ (x)",
        tags=("a", "b"),
        platform={"acpi": "1"},
        snapshot_time=datetime(2026, 1, 2, tzinfo=UTC),
    )
    text = snapshot_metadata.written(row)
    values = snapshot_metadata.values(text)
    assert values["name__label"] == "o'clock \\ (x)"
    assert values["tags"] == "('a' 'b')"
    assert values["platform"] == "(('acpi' '1'))"
    assert values["snapshot_time"] == "20260102T00:00:00Z"
    assert values["_ref"] == row.ref
    assert snapshot_metadata.values("rubbish") == {}


def test_a_description_says_how_the_vm_boots() -> None:
    db = Database()
    emulated = db.vm.create(HVM_boot_policy="BIOS order", HVM_boot_params={"order": "dc", "firmware": "uefi"})
    direct = db.vm.create(domain_type=DomainType.HVM, PV_kernel="/vmlinuz", PV_ramdisk="/initrd", PV_args="quiet")
    loader = db.vm.create(domain_type=DomainType.PV, PV_bootloader="pygrub", PV_args="x")
    assert push.boot(emulated) == xen.HvmBoot(order="dc", firmware="uefi")
    assert push.domain_type(emulated) is xen.DomainType.HVM
    assert push.boot(direct) == xen.DirectBoot(kernel="/vmlinuz", ramdisk="/initrd", cmdline="quiet")
    assert push.boot(loader) == xen.BootloaderBoot(bootloader="pygrub", args="x")


def test_a_description_has_the_devices() -> None:
    db = Database()
    vm = db.vm.create(power_state=VMPowerState.SUSPENDED, VCPUs_params={"weight": "512", "cap": "x", "mask": "0,1;2"})
    vdi = db.vdi.create(SR=db.sr.create(uuid="the-sr").ref, location="place").ref
    db.vbd.create(VM=vm.ref, VDI=vdi, userdevice="1", mode=VBDMode.RO, type=VBDType.DISK, bootable=True)
    network = db.network.create(bridge="xenbr0", MTU=9000, default_locking_mode=NetworkDefaultLockingMode.DISABLED)
    db.vif.create(VM=vm.ref, network=network.ref, device="0", MAC="02:00:00:00:00:01")

    described = push.description(db, vm)

    assert described.vm.suspended
    assert (described.vm.weight, described.vm.cap, described.vm.affinity) == (512, None, [[0, 1], [2]])
    (vbd,), (vif,) = described.vbds, described.vifs
    assert (vbd.id.device, vbd.disk, vbd.read_only) == ("xvdb", xen.VdiDisk(sr="the-sr", vdi="place"), True)
    assert (vif.bridge, vif.mtu, vif.locking_mode) == ("xenbr0", 9000, xen.LockingMode.DISABLED)


def test_an_interface_of_its_own_mind_ignores_the_network() -> None:
    db = Database()
    network = db.network.create(default_locking_mode=NetworkDefaultLockingMode.DISABLED)
    locked = db.vif.create(locking_mode=VIFLockingMode.LOCKED, ipv4_allowed=("10.0.0.1",))
    unlocked = db.vif.create(locking_mode=VIFLockingMode.UNLOCKED, ipv4_allowed=("10.0.0.1",))
    assert push.filtering(locked, network) == (xen.LockingMode.LOCKED, ["10.0.0.1"], [])
    assert push.filtering(unlocked, network) == (xen.LockingMode.UNLOCKED, [], [])
