"""What libvirt is told of a domain."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from common.idl.storage import BlockDevice, Implementation, NbdSocket, RawFile
from common.idl.xen import (
    Action,
    BootloaderBoot,
    DirectBoot,
    DiskType,
    HvmBoot,
    Vif,
)
from common.idl.xen_errors import Unimplemented
from tests.xenopsd.samples import VM, vbd, vif, vm
from xenopsd.backend.base import Drive, Spec
from xenopsd.backend.libvirt import observe, xml

NBD = NbdSocket(socket="/run/disk.nbd", export="x")


def drive(device: str, position: int, source: Implementation | None = NBD, **fields: Any) -> Drive:
    return Drive(vbd=vbd(device, position, None if source is None else "", **fields), source=source)


CD = drive("xvdd", 3, None)


def place(**fields: Any) -> xml.Place:
    defaults: dict[str, Any] = {"domid": 7, "kvm": False, "vt100": "/c/vt100", "rfb": "/c/rfb"}
    return xml.Place(**(defaults | fields))


def domain(*drives: Drive, vifs: list[Vif] | None = None, at: xml.Place | None = None, **fields: Any) -> ET.Element:
    spec = Spec(vm=vm(**fields), drives=list(drives), vifs=vifs or [])
    return ET.fromstring(xml.domain(spec, at or place(), now=1000.0))


def attribute(root: ET.Element, path: str, name: str) -> str | None:
    found = root.find(path)
    assert found is not None, path
    return found.get(name)


def test_what_libvirt_answers_is_read_back() -> None:
    spec = Spec(vm=vm(), drives=[drive("xvda", 0), CD], vifs=[vif(0)])

    seen = observe.parse(xml.domain(spec, place(), now=1000.0))

    assert seen is not None
    assert (seen.domid, seen.started) == (7, 1000.0)
    assert seen.disks == {"xvda": True, "xvdd": False}
    assert seen.targets == {"vda": "xvda", "hda": "xvdd"}
    assert seen.interfaces == {"0": "vif7.0"}
    assert seen.macs == {"00:16:3e:00:00:00": "0"}
    assert (seen.memory_limit, seen.vcpus) == (1 << 30, 2)


def test_a_domain_of_somebody_else_is_none_of_ours() -> None:
    assert observe.parse("<domain><name>theirs</name></domain>") is None


@pytest.mark.parametrize(("kvm", "kind", "mode"), [(True, "kvm", "host-passthrough"), (False, "qemu", "maximum")])
def test_acceleration_decides_type_and_processor(kvm: bool, kind: str, mode: str) -> None:
    root = domain(at=place(kvm=kvm))
    assert root.get("type") == kind
    assert attribute(root, "cpu", "mode") == mode


def test_a_guest_never_sees_the_death_of_a_storage_daemon() -> None:
    driver = domain(drive("xvda", 0)).find("devices/disk/driver")
    assert driver is not None
    assert (driver.get("error_policy"), driver.get("rerror_policy"), driver.get("cache")) == ("stop", "stop", "none")


@pytest.mark.parametrize(
    ("source", "kind", "name", "value"),
    [(BlockDevice(path="/dev/sdx"), "block", "dev", "/dev/sdx"), (RawFile(path="/f"), "file", "file", "/f")],
)
def test_disks_that_are_no_sockets(source: Implementation, kind: str, name: str, value: str) -> None:
    root = domain(drive("xvda", 0, source))
    assert attribute(root, "devices/disk", "type") == kind
    assert attribute(root, "devices/disk/source", name) == value


def test_disks_keep_their_positions_and_cds_share_ide_then_sata() -> None:
    drives = [drive("xvda", 0), drive("xvdc", 2), *(drive(f"cd{n}", 3 + n, None) for n in range(5))]
    targets = [found.get("dev") for found in domain(*drives).findall("devices/disk/target")]
    assert targets == ["vda", "vdc", "hda", "hdb", "hdc", "hdd", "sda"]


@pytest.mark.parametrize(("number", "name"), [(0, "a"), (25, "z"), (26, "aa"), (701, "zz"), (702, "aaa")])
def test_letters_of_drives(number: int, name: str) -> None:
    assert xml.letters(number) == name


def test_read_only_disks_are_read_only_and_not_trimmed() -> None:
    root = domain(drive("xvda", 0, read_only=True))
    assert root.find("devices/disk/readonly") is not None
    assert attribute(root, "devices/disk/driver", "discard") is None


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("cd", ["ua-vbd-xvda", "ua-vbd-xvdb", "ua-vbd-xvdd"]),
        ("dc", ["ua-vbd-xvdd", "ua-vbd-xvda", "ua-vbd-xvdb"]),
        ("n", ["ua-vif-0"]),
        ("ncd", ["ua-vif-0", "ua-vbd-xvda", "ua-vbd-xvdb", "ua-vbd-xvdd"]),
        ("", []),
    ],
)
def test_boot_order(order: str, expected: list[str]) -> None:
    spec = Spec(vm=vm(boot=HvmBoot(order=order)), drives=[drive("xvda", 0), drive("xvdb", 1), CD], vifs=[vif(0)])
    turns = xml.boot_order(spec)
    assert sorted(turns, key=lambda alias: turns[alias]) == expected


def test_a_bootloader_that_reads_the_disk_is_the_firmware() -> None:
    spec = Spec(vm=vm(boot=BootloaderBoot(bootloader="pygrub")), drives=[drive("xvda", 0)], vifs=[])
    assert xml.boot_order(spec) == {"ua-vbd-xvda": 1}


def test_a_kernel_of_the_toolstack_is_loaded() -> None:
    root = domain(boot=DirectBoot(kernel="/k", ramdisk="/r", cmdline="console=ttyS0"))
    assert [root.findtext(f"os/{tag}") for tag in ("kernel", "initrd", "cmdline")] == ["/k", "/r", "console=ttyS0"]


def test_option_roms_are_loaded_for_network_boot_only() -> None:
    assert domain(vifs=[vif()]).find("devices/interface/rom") is not None
    assert domain(vifs=[vif()], boot=HvmBoot(order="n")).find("devices/interface/rom") is None


def test_uefi_has_code_and_variables_of_its_own() -> None:
    firmware = xml.Firmware(code="/code", template="/template", variables="/vars")
    root = domain(at=place(firmware=firmware), boot=HvmBoot(firmware="uefi"))
    assert root.findtext("os/loader") == "/code"
    assert root.findtext("os/nvram") == "/vars"


def test_a_tpm_outlives_its_domain() -> None:
    assert domain().find("devices/tpm") is None
    tpm = domain(tpm=True).find("devices/tpm")
    assert tpm is not None
    assert tpm.get("model") == "tpm-crb"
    assert [backend.attrib for backend in tpm] == [{"type": "emulator", "version": "2.0", "persistent_state": "yes"}]


@pytest.mark.parametrize(("action", "expected"), [(Action.RESTART, "restart"), (Action.DESTROY, "destroy")])
def test_a_guest_reboots_in_place_if_it_may(action: Action, expected: str) -> None:
    assert domain(on_reboot=action).findtext("on_reboot") == expected


def test_memory_and_processors_start_at_what_was_asked_for() -> None:
    root = domain(memory_static_max=4 << 30, memory_dynamic_max=1 << 30, vcpus_max=8, vcpus=3)
    assert (root.findtext("memory"), root.findtext("currentMemory")) == (str(4 << 20), str(1 << 20))
    assert (root.findtext("vcpu"), attribute(root, "vcpu", "current")) == ("8", "3")


def test_an_interface_says_what_differs_from_the_usual() -> None:
    root = domain(vifs=[vif(2, mtu=9000, rate=100, carrier=False, bridge="xapi3")])
    assert attribute(root, "devices/interface/source", "bridge") == "xapi3"
    assert attribute(root, "devices/interface/target", "dev") == "vif7.2"
    assert attribute(root, "devices/interface/mtu", "size") == "9000"
    assert attribute(root, "devices/interface/link", "state") == "down"
    assert attribute(root, "devices/interface/bandwidth/inbound", "average") == "100"


def test_an_interface_without_bridge_is_refused() -> None:
    with pytest.raises(Unimplemented):
        domain(vifs=[vif(bridge="")])


def test_names_may_hold_any_character() -> None:
    assert domain(name='<&"\n>').findtext("title") == '<&" >'


def test_a_restored_domain_finds_its_disks_where_they_are_now() -> None:
    spec = Spec(vm=vm(), drives=[drive("xvda", 0), CD], vifs=[vif()])
    saved = xml.domain(spec, place(), now=1.0)
    moved = NbdSocket(socket="/run/elsewhere.nbd", export="x")

    text = xml.renumbered(xml.with_sources(saved, [drive("xvda", 0, moved), CD]), 9, 2.0, "")

    root, seen = ET.fromstring(text), observe.parse(text)
    assert seen is not None
    assert attribute(root, "devices/disk/source/host", "socket") == "/run/elsewhere.nbd"
    assert (seen.domid, seen.started, seen.interfaces) == (9, 2.0, {"0": "vif9.0"})


def test_a_guest_is_kept_on_the_cpus_of_a_node_and_on_others_when_it_is_restored() -> None:
    def kept(text: str) -> tuple[str | None, str]:
        seen = observe.parse(text)
        assert seen is not None
        return attribute(ET.fromstring(text), "vcpu", "cpuset"), seen.cpus

    anywhere = xml.domain(Spec(vm=vm(), drives=[], vifs=[]), place())
    placed = xml.domain(Spec(vm=vm(), drives=[], vifs=[]), place(cpus="2,3"))
    assert kept(anywhere) == (None, "")
    assert kept(placed) == ("2,3", "2,3")
    assert kept(xml.renumbered(placed, 9, 2.0, "0,1")) == ("0,1", "0,1")
    assert kept(xml.renumbered(placed, 9, 2.0, "")) == (None, "")
    assert kept(xml.renumbered(anywhere, 9, 2.0, "0,1")) == ("0,1", "0,1")


def test_a_medium_is_replaced_in_the_live_drive() -> None:
    live = ET.fromstring(xml.disk(CD, drives=[CD]))
    filled = ET.fromstring(xml.with_medium(live, drive("xvdd", 3, NBD, type=DiskType.CDROM)))
    emptied = ET.fromstring(xml.with_medium(filled, CD))
    assert (filled.get("type"), attribute(filled, "source", "name")) == ("network", "x")
    assert emptied.find("source") is None
    assert attribute(emptied, "target", "dev") == "hda"


def test_an_interface_moves_without_changing_otherwise() -> None:
    live = ET.fromstring(xml.interface(vif(), 7))
    moved = ET.fromstring(xml.with_network(live, vif(bridge="xenbr1", carrier=False)))
    assert attribute(moved, "source", "bridge") == "xenbr1"
    assert attribute(moved, "link", "state") == "down"
    assert attribute(moved, "target", "dev") == "vif7.0"
    assert moved.findall("source")[1:] == []


def test_the_uuid_is_the_vm() -> None:
    assert domain().findtext("uuid") == VM
