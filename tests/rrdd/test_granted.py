"""Metrics in pages that guests grant: whose they are, and how many. The pages are made up here; see tests/xen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from common.idl.xen import (
    GrantedMetrics,
    VmCounters,
    VmId,
)
from common.xen.libxc import PAGE, XenRefused
from rrdd.source import Source
from rrdd.sources import granted
from tests.rrdd.test_plugins import version_2

VM = VmId("11111111-2222-4333-8444-555555555555")
OTHER = "99999999-2222-4333-8444-555555555555"


def plugin_content(timestamp: float, owners: dict[str, str], values: list[float]) -> bytes:
    sources = {name: {"owner": owner, "default": "true"} for name, owner in owners.items()}
    return version_2(values, json.dumps({"datasources": sources}).encode(), timestamp)


class Guest:
    """What is in the pages now."""

    def __init__(self) -> None:
        self.content = b""

    @contextmanager
    def granted(self, domid: int, references: list[int]) -> Iterator[memoryview]:
        if references == [666]:
            raise XenRefused("map", "EINVAL")
        yield memoryview(self.content.ljust(len(references) * PAGE, b"\0"))


@pytest.fixture
def guest(monkeypatch: pytest.MonkeyPatch) -> Guest:
    made = Guest()
    monkeypatch.setattr(granted, "granted", made.granted)
    return made


def _vm(*references: int) -> VmCounters:
    return VmCounters(id=VM, domid=7, granted=[GrantedMetrics(name="app", references=list(references))])


def test_everything_is_the_guests_own(guest: Guest) -> None:
    guest.content = plugin_content(1.0, {"speed": f"vm {OTHER}", "memory": "host"}, [3.0, 4.0])
    reader = granted.Reader()
    [batch] = reader.batches([_vm(8, 9)], {VM: (Source("memory", "", "B"),)})
    assert (batch.uuid, [source.name for source in batch.sources], batch.values) == (VM, ["speed"], [3.0])
    assert list(reader.batches([_vm(8, 9)], {})) == []
    guest.content = plugin_content(2.0, {"speed": "host"}, [5.0])
    [batch] = reader.batches([_vm(8, 9)], {})
    assert batch.values == [5.0]


def test_pages_that_are_none(guest: Guest) -> None:
    reader = granted.Reader()
    assert list(reader.batches([_vm(8), _vm(666)], {})) == []


def test_names_are_not_without_end(guest: Guest) -> None:
    reader, names = granted.Reader(), set()
    for tick in range(4):
        sources = {f"s{tick}-{n}": "host" for n in range(40)}
        guest.content = plugin_content(float(tick), sources, [1.0] * 40)
        for batch in reader.batches([_vm(8, 9)], {}):
            names |= {source.name for source in batch.sources}
    assert len(names) == granted.MOST_SOURCES
