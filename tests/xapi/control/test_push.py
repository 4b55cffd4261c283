"""Rows as descriptions for xenopsd."""

from __future__ import annotations

import pytest

from common.idl import xen
from xapi.control import push
from xapi.datamodel.enums import (
    DomainType,
    HostNumaAffinityPolicy,
    NetworkDefaultLockingMode,
    VBDMode,
    VBDType,
    VIFLockingMode,
    VMPowerState,
)
from xapi.db.database import Database


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

    described = push.description(db, vm, db.host.create().ref)

    assert described.vm.suspended
    assert (described.vm.weight, described.vm.cap, described.vm.affinity) == (512, None, [[0, 1], [2]])
    (vbd,), (vif,) = described.vbds, described.vifs
    assert (vbd.id.device, vbd.disk, vbd.read_only) == ("xvdb", xen.VdiDisk(sr="the-sr", vdi="place"), True)
    assert (vif.bridge, vif.mtu, vif.locking_mode) == ("xenbr0", 9000, xen.LockingMode.DISABLED)


@pytest.mark.parametrize(
    ("policy", "numa"),
    [
        (HostNumaAffinityPolicy.ANY, xen.NumaPolicy.ANY),
        (HostNumaAffinityPolicy.BEST_EFFORT, xen.NumaPolicy.BEST_EFFORT),
        (HostNumaAffinityPolicy.DEFAULT_POLICY, xen.NumaPolicy.DEFAULT),
    ],
)
def test_the_host_says_how_its_vms_are_placed(policy: HostNumaAffinityPolicy, numa: xen.NumaPolicy) -> None:
    db = Database()
    host = db.host.create(numa_affinity_policy=policy)
    assert push.description(db, db.vm.create(), host.ref).vm.numa is numa


def test_an_interface_of_its_own_mind_ignores_the_network() -> None:
    db = Database()
    network = db.network.create(default_locking_mode=NetworkDefaultLockingMode.DISABLED)
    locked = db.vif.create(locking_mode=VIFLockingMode.LOCKED, ipv4_allowed=("10.0.0.1",))
    unlocked = db.vif.create(locking_mode=VIFLockingMode.UNLOCKED, ipv4_allowed=("10.0.0.1",))
    assert push.filtering(locked, network) == (xen.LockingMode.LOCKED, ["10.0.0.1"], [])
    assert push.filtering(unlocked, network) == (xen.LockingMode.UNLOCKED, [], [])


def test_a_network_on_a_driver_domain_is_served_by_it() -> None:
    db = Database()
    driver, vm = db.vm.create(), db.vm.create()
    network = db.network.create(bridge="br0", other_config={push.BACKEND_VM: driver.ref})
    vif = db.vif.create(VM=vm.ref, network=network.ref, device="0")
    assert push.vif(db, vif).backend == driver.uuid
    db.vm.delete(driver.ref)
    assert push.vif(db, vif).backend == ""
