"""What Prometheus reads, by Prometheus's own parser."""

from __future__ import annotations

import math

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from common.idl.rrd import Owner
from rrdd import openmetrics
from rrdd.source import Source

NAMES = {
    "cpu0": 0.5,
    "cpu1": 0.25,
    "cpu_usage": 0.375,
    "vbd_xvda_read": 10.0,
    "vbd_xvdb_read": 1e-9,
    "vif_0_tx_errors": 0.0,
    "memory": float(1 << 40),
    'odd "name"\\': 1.0,
    "unknown": math.nan,
}


def parsed(owner: Owner, values: dict[str, float]) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    sources = {name: Source(name, 'A "text"\nin two \\ lines', "B/s") for name in values}
    body = openmetrics.text([(owner, "u1", sources, values), (owner, "u2", sources, values)]) + "# EOF\n"
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(body)  # type: ignore[no-untyped-call]
        for sample in family.samples
    }


def test_indices_become_labels() -> None:
    found = parsed(Owner.VM, NAMES)
    assert found["xapi_vm_cpu", frozenset({("uuid", "u1"), ("cpu", "1")})] == 0.25
    assert found["xapi_vm_cpu_usage", frozenset({("uuid", "u2")})] == 0.375
    assert found["xapi_vm_vbd_read", frozenset({("uuid", "u1"), ("device", "xvdb")})] == 1e-9
    assert found["xapi_vm_vif_tx_errors", frozenset({("uuid", "u1"), ("vif", "0")})] == 0.0
    assert found["xapi_vm_memory", frozenset({("uuid", "u1")})] == float(1 << 40)
    assert len(found) == 2 * (len(NAMES) - 1)


def test_a_host_s_indices() -> None:
    values = {
        "cpu0-C1": 0.1,
        "cpu3-P2": 0.2,
        "CPU3-avg-freq": 2000.0,
        "pif_eth0_rx": 3.0,
        "pif_aggr_tx": 4.0,
        "io_throughput_total_0123abcd": 5.0,
        "memory_free_kib": 6.0,
    }
    found = parsed(Owner.HOST, values)
    assert found["xapi_host_cpu_idle_state", frozenset({("uuid", "u1"), ("cpu", "0"), ("state", "1")})] == 0.1
    assert found["xapi_host_pif_rx", frozenset({("uuid", "u1"), ("interface", "eth0")})] == 3.0
    assert found["xapi_host_pif_tx", frozenset({("uuid", "u1"), ("interface", "aggr")})] == 4.0
    assert found["xapi_host_sr_io_throughput_total", frozenset({("uuid", "u1"), ("sr", "0123abcd")})] == 5.0
    assert found["xapi_host_memory_free_kib", frozenset({("uuid", "u1")})] == 6.0
