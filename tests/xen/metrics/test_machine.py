"""What rrdd says of the machine and of dom0 is what xl says."""

from __future__ import annotations

import math

import pytest

from tests.xen.metrics.stack import MIB, Stack, run, until

pytestmark = pytest.mark.xen(deadline=240)

STEP = 5  # seconds


def newest(stack: Stack, kind: str, uuid: str) -> dict[str, float]:
    """The newest known value of each source."""
    found: dict[str, float] = {}
    for _, owners in sorted(stack.rows(12 * STEP).rows, reverse=True):
        for name, value in owners.get((kind, uuid), {}).items():
            if not math.isnan(value):
                found.setdefault(name, value)
    return found


def test_sources_of_the_machine_agree_with_xl(stack: Stack) -> None:
    host = stack.api.host.get_uuid(stack.host)
    facts = dict(line.split(":", 1) for line in run("xl", "info").splitlines() if ":" in line)
    cpus = int({key.strip(): value for key, value in facts.items()}["nr_cpus"])

    found = until(lambda: "cpu_avg" in (read := newest(stack, "host", host)) and read, "rrdd measures the machine")

    assert {name for name in found if name.startswith("cpu") and name[3:].isdigit()} == {f"cpu{n}" for n in range(cpus)}
    assert 0 <= found["cpu_avg"] <= 1
    assert found["running_domains"] >= 1
    assert 0 <= found["hostload"] <= found["running_vcpus"]
    assert found["xenopsd-xc_rss"] > 10 * MIB
    assert found["xapi_memory_usage_kib"] > 10 * 1024


def test_dom0_is_measured_as_a_vm(stack: Stack) -> None:
    [control] = stack.api.VM.get_all_records_where('field "is_control_domain" = "true"').values()

    found = until(lambda: "cpu_usage" in (read := newest(stack, "vm", control["uuid"])) and read, "rrdd measures dom0")

    [line] = [line.split() for line in run("xl", "list", "0").splitlines() if line.startswith("Domain-0")]
    assert found["memory"] == pytest.approx(int(line[2]) * MIB, abs=16 * MIB)
    assert len([name for name in found if name.startswith("cpu") and name[3:].isdigit()]) == int(line[3])
    assert 0 < found["memory_internal_free"] * 1024 < found["memory"]
