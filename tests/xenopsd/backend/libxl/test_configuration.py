"""Domains as libxl wants them described."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.idl.xen import (
    BootloaderBoot,
    DirectBoot,
    DiskType,
    DomainType,
    HvmBoot,
    NumaPolicy,
)
from common.idl.xen_errors import NoBootableDevice
from tests.xenopsd.samples import VM, vbd, vif, vm
from xenopsd.backend.libxl import configuration
from xenopsd.backend.libxl.blocks import Blocks
from xenopsd.backend.libxl.machine import capabilities
from xenopsd.xen.normal import difference

GIVEN = configuration.Given(memory=64 << 20, rfb="/x", features="00000003-00000001")


def test_a_direct_kernel(tmp_path: Path) -> None:
    kernel = tmp_path / "vmlinuz"
    kernel.touch()
    described = configuration.domain(
        vm(type=DomainType.PV, boot=DirectBoot(kernel=str(kernel), cmdline="quiet"), weight=512), GIVEN, [], []
    )
    assert described["c_info"] == {"type": "pv", "name": VM, "uuid": VM}
    build = described["b_info"]
    assert build["type.pv"] == {}
    assert (build["kernel"], build["cmdline"], "ramdisk" in build) == (str(kernel), "quiet", False)
    assert (build["max_memkb"], build["target_memkb"]) == (1 << 20, 64 << 10)
    assert (build["max_vcpus"], build["avail_vcpus"]) == (2, [0, 1])
    assert build["sched_params"] == {"weight": 512}
    assert {described[f"on_{end}"] for end in ("poweroff", "reboot", "crash")} == {"preserve"}


def test_a_kernel_that_is_not_there() -> None:
    with pytest.raises(NoBootableDevice):
        configuration.domain(vm(boot=DirectBoot(kernel="/nowhere")), GIVEN, [], [])


def test_firmware_is_only_for_hvm() -> None:
    with pytest.raises(NoBootableDevice):
        configuration.domain(vm(type=DomainType.PVH, boot=HvmBoot()), GIVEN, [], [])
    hvm = configuration.domain(vm(boot=HvmBoot(firmware="uefi", order="dc")), GIVEN, [], [])["b_info"]["type.hvm"]
    assert (hvm["bios"], hvm["boot"], hvm["vnc"]["listen"]) == ("ovmf", "dc", "unix:/x")


def test_a_bootloader() -> None:
    boot = BootloaderBoot(bootloader="pygrub", args="--offset 1", bootloader_args="-q", legacy_args="ro")
    build = configuration.domain(vm(type=DomainType.PV, boot=boot), GIVEN, [], [])["b_info"]
    assert (build["bootloader"], build["bootloader_args"], build["cmdline"]) == (
        "pygrub",
        ["--offset", "1", "-q"],
        "ro",
    )


def test_affinity_is_repeated_for_all_vcpus(tmp_path: Path) -> None:
    build = configuration.domain(vm(boot=HvmBoot(), affinity=[[0]], vcpus_max=3), GIVEN, [], [])["b_info"]
    assert build["vcpu_hard_affinity"] == [[0], [0], [0]]


def test_placement_on_nodes_is_left_to_libxl_or_forbidden_but_where_cpus_are_named() -> None:
    def placement(**fields: Any) -> str:
        build = configuration.domain(vm(boot=HvmBoot(), **fields), GIVEN, [], [])["b_info"]
        return str(build["numa_placement"])

    assert placement(numa=NumaPolicy.BEST_EFFORT) == "True"
    assert placement(numa=NumaPolicy.DEFAULT) == "True"
    assert placement(numa=NumaPolicy.ANY) == "False"
    assert placement(numa=NumaPolicy.BEST_EFFORT, affinity=[[0]]) == "False"


def test_features_that_the_vm_may_not_have_are_hidden() -> None:
    build = configuration.domain(vm(boot=HvmBoot(), cpu_features="00000001-00000001"), GIVEN, [], [])["b_info"]
    assert build["cpuid"] == [{"leaf": 1, "edx": "x" * 30 + "0x"}]
    build = configuration.domain(vm(boot=HvmBoot(), cpu_features=GIVEN.features), GIVEN, [], [])["b_info"]
    assert "cpuid" not in build


def test_disks() -> None:
    assert configuration.disk(vbd("xvda", 0, read_only=True), "/dev/loop0", hvm=False)["readwrite"] == 0
    cd = vbd("xvdd", 3, type=DiskType.CDROM)
    assert configuration.disk(cd, "/x.iso", hvm=True)["is_cdrom"] == 1
    assert configuration.disk(cd, "/x.iso", hvm=False)["is_cdrom"] == 0
    assert configuration.disk(cd, "/x.iso", hvm=False)["readwrite"] == 0


def test_interfaces() -> None:
    described = configuration.nic(vif(2, rate=1000), hvm=False, script="/a/script")
    assert (described["devid"], described["nictype"], described["script"]) == (2, "vif", "/a/script")
    assert described["rate_bytes_per_interval"] * 20 == 1000 * 1024
    assert configuration.nic(vif(), hvm=True, script="/a/script", model="e1000")["model"] == "e1000"


def test_overhead_grows_with_memory_and_vcpus() -> None:
    pv = configuration.overhead(vm(type=DomainType.PV))
    hvm = configuration.overhead(vm())
    assert pv < hvm < configuration.overhead(vm(memory_static_max=1 << 36)) < 1 << 30


def test_what_libxl_drops_is_found() -> None:
    wanted = {"a": 1, "b": {"c": [1, {"d": "x"}], "none": 0}, "e": True}
    assert difference(wanted, {"a": 1, "b": {"c": [1, {"d": "x", "more": 1}]}, "e": True}) == []
    assert difference(wanted, {"b": {"c": [1, {}]}}) == ["a", "b.c[1].d", "e"]
    masks = {"b_info": {"cpuid": [{"leaf": 1, "edx": "x"}]}}
    assert difference(masks, {"b_info": {"cpuid": {"cpuid": [{"leaf": 1, "edx": "x"}], "msr": []}}}) == []
    assert difference(masks, {"b_info": {"cpuid": {"msr": []}}}) == ["b_info.cpuid"]


def test_capabilities() -> None:
    assert capabilities("xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_64") == ["hvm", "pv", "pvh"]
    assert capabilities("xen-3.0-x86_64") == ["pv"]
    assert capabilities("") == []


async def test_devices_that_nobody_made(tmp_path: Path) -> None:
    blocks = Blocks(tmp_path)
    await blocks.detach(VM, "xvda")
    await blocks.detach_all(VM)


def test_devices_say_which_domain_serves_them() -> None:
    assert configuration.disk(vbd("xvda", 0), "/dev/xvdb", hvm=False, backend=5)["backend_domid"] == 5
    assert configuration.nic(vif(), hvm=False, script="/a/script", backend=5)["backend_domid"] == 5
    assert configuration.nic(vif(), hvm=False, script="/a/script")["backend_domid"] == 0
