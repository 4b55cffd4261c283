"""Sources of the host: what Xen tells, what the kernel does, and the daemons' own."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from common.idl.xen import (
    VmCounters,
    VmId,
)
from common.xen.libxc import DomainInfo, Libxc, XenRefused
from rrdd.machine import Machine
from rrdd.sources import host, processes
from rrdd.sources.hypervisor import Hypervisor

UUID = "00000000-0000-0000-0000-0000000000dd"
PAUSED, DYING, SHUT = 8, 1, 4


class Told(Libxc):
    """A hypervisor with a control domain and four others, of which two run."""

    def __init__(self) -> None:
        self.refuses = False

    def domains(self) -> list[DomainInfo]:
        if self.refuses:
            raise XenRefused("domains", "EPERM")
        flags = {0: 0, 1: 0, 2: PAUSED, 3: DYING, 4: SHUT}
        return [DomainInfo(number, UUID, flag, 1 << 28, 1 << 28, 1.0, 2, 1) for number, flag in flags.items()]

    def vcpu_seconds(self, domain: DomainInfo) -> list[float]:
        return [10.0, 20.0]

    def busy_vcpus(self, domain: DomainInfo) -> int:
        return domain.domid + 1

    def idle_seconds(self) -> list[float]:
        return [100.0, 200.0]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Told:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    inventory = tmp_path / "etc/xensource-inventory"
    inventory.parent.mkdir()
    inventory.write_text(f"CONTROL_DOMAIN_UUID='{UUID}'\n")
    found = Told()
    monkeypatch.setattr("rrdd.sources.hypervisor.opened", lambda: Hypervisor(found))
    return found


def values(read: Machine, counters: list[VmCounters] | None = None) -> dict[str, float]:
    read.look()
    return {source.name: value for source, value in read.readings(counters, (1 << 30, 1 << 29))}


def test_on_xen_the_machine_s_processors_and_domains_are_told_by_it(told: Told) -> None:
    found = values(Machine(), [])

    assert {name: found[name] for name in ("cpu0", "cpu1", "cpu_avg")} == {
        "cpu0": 100.0,
        "cpu1": 200.0,
        "cpu_avg": 150.0,
    }
    assert (found["running_domains"], found["running_vcpus"], found["hostload"]) == (2.0, 3.0, 1.5)
    assert "cpu2" not in found


def test_the_control_domain_is_measured_as_a_vm(told: Told) -> None:
    read = Machine()
    read.look()
    (batch,) = read.control_domain()

    found = dict(zip([source.name for source in batch.sources], batch.values, strict=True))
    assert batch.uuid == UUID
    assert found["memory_internal_free"] > 0
    assert {**found, "memory_internal_free": 0} == {
        "cpu0": 10.0, "cpu1": 20.0, "cpu_usage": 15.0,
        "memory": 1 << 28, "memory_target": 1 << 28, "memory_internal_free": 0,
    }  # fmt: skip


def test_where_xen_does_not_answer_the_kernel_does(told: Told) -> None:
    told.refuses = True
    read = Machine()

    found = values(read, [VmCounters(id=VmId(UUID), domid=1)])

    assert found["cpu0"] != 100.0
    assert found["running_domains"] == 1.0
    assert "hostload" not in found
    assert list(read.control_domain()) == []


def test_memory_that_the_balancer_took_and_could_take() -> None:
    ranged = VmCounters(id=VmId("a"), domid=1, memory_target=300, memory_dynamic_min=100, memory_dynamic_max=1000)
    above = VmCounters(id=VmId("b"), domid=2, memory_target=1100, memory_dynamic_min=1000, memory_dynamic_max=1000)
    unknown = VmCounters(id=VmId("c"), domid=3, memory_target=5000)

    found = {source.name: value for source, value in host.reclaimed([ranged, above, unknown])}

    assert found == {"memory_reclaimed": 700.0, "memory_reclaimed_max": 300.0}


def test_the_daemons_own_use(told: Told, tmp_path: Path) -> None:
    directory = tmp_path / "var/lib/xcp"
    directory.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as one, socket.socket(socket.AF_UNIX) as other:
        for listening, name in ((one, "xenopsd"), (other, "xapi")):
            listening.bind(str(directory / name))
            listening.listen()
        found = values(Machine())

    assert found["xenopsd-xc_rss"] >= 1 << 20
    assert found["xenopsd-xc_vmdata"] >= 1 << 20
    assert found["xenopsd-xc_threads"] >= 1
    assert found["xapi_memory_usage_kib"] == pytest.approx(found["xenopsd-xc_rss"] / 1024, rel=0.5)
    assert found["xapi_open_fds"] >= 3
    assert list(processes.xapi(tmp_path / "1")) == []
    assert processes.listener(directory / "nobody") == 0
    assert processes.listener(directory / "xapi") == 0
