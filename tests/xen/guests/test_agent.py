"""A guest with our agent through the whole stack: its metrics, memory, VCPUs and xenstore keys over the XenAPI."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from common.xen.libxc import Libxc
from tests.integration.life import ApiError
from tests.xen.guests import extras
from tests.xen.guests.clients import SdkInBed
from tests.xen.guests.stack import MIB, Stack
from tests.xen.guests.visible import PVH, Guest
from xenopsd.memory.policy import HOST_RESERVE

pytestmark = pytest.mark.xen(deadline=400)

SEEN_IN = 60.0  # seconds
NEAR = 8 * MIB
LEAST, MOST = 96 * MIB, 192 * MIB


@pytest.fixture
def guest(stack: Stack, tmp_path: Path) -> Iterator[Guest]:
    with stack.sdk() as look:
        made = Guest(stack, look, look, PVH)
        try:
            content = extras.make(tmp_path / "extras")
            disk = made.new_disk("extras", content.stat().st_size)
            stack.write_disk(look.call("SR.get_uuid", made.sr), look.call("VDI.get_location", disk), content)
            made.new_drive("Disk", "2", disk)
            look.call("VM.set_VCPUs_max", made.vm, "2")
            look.call("VM.set_memory_limits", made.vm, *map(str, (32 * MIB, MOST, LEAST, MOST)))
            look.call("VM.set_xenstore_data", made.vm, {"vm-data/site": "here", "vm-data/a key": "x", "other": "y"})
            yield made
        finally:
            made.perishes()


def test_agent_memory_and_vcpus(guest: Guest, stack: Stack) -> None:
    with stack.sdk() as look:
        [host] = look.call("host.get_all")
        free = _free(look, host)
        assert abs(free - (_xen_free() - HOST_RESERVE)) <= NEAR
        _cpu(look, host)
        guest.does("VM.start", False, False, then="Running")
        guest.boots()
        cost = LEAST + int(guest.record["memory_overhead"])
        assert abs(_free(look, host) - free + cost) <= MIB
        # Beyond its minimum it can be asked to give back; what Xen calls free is without that.
        assert abs(_free(look, host) - (_xen_free() - HOST_RESERVE) - (MOST - LEAST)) <= NEAR

        guest.says(
            "mount -t ext4 -o ro /dev/xvdc /disk; hostname tiny; echo 'PRETTY_NAME=\"Tiny 1.2\"' >/etc/os-release"
        )
        guest.says("ip link set eth0 up; ip address add 198.51.100.9/24 dev eth0")
        assert guest.says("/disk/xenstore list vm-data; /disk/xenstore read vm-data/site").split() == ["site", "here"]
        guest.says(f"({extras.AGENT} &)")
        _metrics(guest, look)
        _memory(guest, look)
        _vcpus(guest, look)
        guest.does("VM.add_to_xenstore_data", "vm-data/later", "1")
        guest.says("[ $(/disk/xenstore read vm-data/later) = 1 ] && /disk/xenstore write vm-data/mine 2")
        _comes(lambda: guest.record["xenstore_data"], lambda data: data.get("vm-data/mine") == "2")
        assert guest.record["xenstore_data"]["vm-data/a key"] == "x"
        guest.does("VM.clean_shutdown", then="Halted")
        assert abs(_free(look, host) - free) <= MIB
        _too_much(guest, look)


def _free(look: SdkInBed, host: str) -> int:
    return int(look.call("host.compute_free_memory", host))


def _xen_free() -> int:
    told = subprocess.run(["xl", "info", "free_memory"], capture_output=True, text=True, timeout=30.0, check=True)
    return int(told.stdout) * MIB


def _cpu(look: SdkInBed, host: str) -> None:
    """What Xen's own tool says of the CPUs' features, in its order of the words."""
    shown = look.call("host.get_cpu_info", host)
    with Libxc() as xc:
        levels = {"features": 1, "features_pv_host": 2, "features_hvm_host": 3, "features_pv": 4, "features_hvm": 5}
        for name, which in levels.items():
            assert shown[name] == xc.features(which)
            assert set(shown[name]) - set("0-")
        assert shown["nr_nodes"] == str(xc.machine().nodes)
    [pool] = look.call("pool.get_all")
    assert look.call("pool.get_cpu_info", pool)["features_hvm_host"] == shown["features_hvm_host"]


def _metrics(guest: Guest, look: SdkInBed) -> None:
    look_at = guest.record["guest_metrics"]
    found: dict[str, Any] = _comes(
        lambda: look.call("VM_guest_metrics.get_record", look_at), lambda told: "0/ip" in told["networks"]
    )
    assert found["os_version"]["name"] == "Tiny 1.2"
    assert found["os_version"]["uname"]
    assert found["netbios_name"]["host_name"] == "tiny"
    assert found["networks"]["0/ip"] == found["networks"]["0/ipv4/0"] == "198.51.100.9"
    assert found["PV_drivers_version"]["major"] == "1"
    assert found["PV_drivers_detected"]
    assert found["live"]
    assert 0 < int(found["memory"]["free"]) <= int(found["memory"]["total"])
    assert found["other"]["feature-balloon"] == "1"
    assert guest.record["last_boot_CPU_flags"]["features"]


def _memory(guest: Guest, look: SdkInBed) -> None:
    metrics = guest.record["metrics"]
    size = 128 * MIB
    guest.does("VM.set_memory_dynamic_range", str(size), str(size), then="Running")
    _comes(
        lambda: int(look.call("VM_metrics.get_memory_actual", metrics)), lambda actual: abs(actual - size) <= NEAR // 2
    )
    assert int(guest.record["memory_target"]) == size
    guest.does("VM.set_memory_dynamic_range", str(LEAST), str(MOST), then="Running")
    _comes(
        lambda: int(look.call("VM_metrics.get_memory_actual", metrics)), lambda actual: abs(actual - MOST) <= NEAR // 2
    )


def _vcpus(guest: Guest, look: SdkInBed) -> None:
    for count, online in ((2, "0-1"), (1, "0")):
        look.call("VM.set_VCPUs_number_live", guest.vm, str(count))
        guest.says(f'while [ "$(cat /sys/devices/system/cpu/online)" != {online} ]; do sleep 0.2; done')
        assert look.call("VM_metrics.get_VCPUs_number", guest.record["metrics"]) == str(count)


def _too_much(guest: Guest, look: SdkInBed) -> None:
    size = str(1 << 40)
    look.call("VM.set_memory_limits", guest.vm, str(32 * MIB), size, size, size)
    with pytest.raises(ApiError) as raised:
        guest.does("VM.start", False, False)
    assert raised.value.code == "HOST_NOT_ENOUGH_FREE_MEMORY"
    needed, available = map(int, raised.value.params)
    assert needed >= int(size) > available > 0
    assert guest.state == "Halted"


def _comes(ask: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    """The first answer that holds."""
    give_up = time.monotonic() + SEEN_IN
    while not holds(found := ask()):
        assert time.monotonic() < give_up, found
        time.sleep(0.3)
    return found
