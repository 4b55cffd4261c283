"""An HVM guest with UEFI firmware and nothing to boot from comes to the firmware's own shell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.idl.xen import (
    DomainType,
    HvmBoot,
)
from tests.xen.guests.xenopsd_host import MIB, daemon, domids, guest, terminal
from tests.xenopsd.conftest import Host

pytestmark = pytest.mark.xen(deadline=600)

SIZE = 256 * MIB
BOOT = 400.0  # seconds; firmware alone takes minutes under emulation


@pytest.fixture
async def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Host]:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    async with daemon(tmp_path) as (_, found):
        yield found


async def test_uefi_comes_to_its_shell(host: Host) -> None:
    vm = guest(
        DomainType.HVM,
        boot=HvmBoot(order="c", firmware="uefi"),
        **dict.fromkeys(("memory_static_max", "memory_dynamic_max", "memory_dynamic_min"), SIZE),
    )
    await host.vm.add("test", vm)
    await host.ok(await host.vm.start("test", vm.id))
    await host.ok(await host.vm.unpause("test", vm.id))
    async with terminal(host, vm.id) as console:
        await console.expect("UEFI Interactive Shell", BOOT)
        await console.expect("Shell>", BOOT)
    await host.ok(await host.vm.shutdown("test", vm.id))
    assert domids() == []
