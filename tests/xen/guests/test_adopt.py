"""`xe vm-adopt` on real Xen: guests that xl made, running or only configured, become VMs with their disks in place."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from common import command
from common.idl.xen import VmId
from common.rpc.client import Client
from common.xenapi import XenApi
from tests.bed.baseline import UP, xl
from tests.bed.console import Console
from tests.bed.daemons import Daemons
from tests.bed.project import PREFIX
from tests.xen.guests.stack import Stack
from tests.xen.guests.xenopsd_host import MIB, Terminal, domids, terminal
from tests.xenopsd.conftest import CountingStorage, Host

pytestmark = pytest.mark.xen(deadline=600)

PATIENCE = 90.0  # seconds


@pytest.fixture
def daemons(stack: Stack) -> Iterator[Daemons]:
    yield stack.daemons
    for domid in domids():
        subprocess.run(["xl", "destroy", str(domid)], timeout=60.0, check=False)


@pytest.fixture
def disks(stack: Stack, tmp_path: Path) -> Path:
    """A directory of disks as an administrator of xl has it, on a file system that outlives the host's root."""
    folder = stack.daemons.root / "srv" / tmp_path.name
    folder.mkdir(parents=True)
    return folder


def disk(folder: Path, name: str, content: str) -> str:
    """A raw disk, and how xl's configuration calls it."""
    path = folder / name
    path.write_text(content)
    with path.open("r+b") as stream:
        stream.truncate(16 * MIB)
    return f'disk=["{path},raw,xvda,rw"]'


def created(kind: str, name: str, *words: str) -> int:
    """A guest that xl made, up, by its domain."""
    xl("create", f"/guests/{kind}.cfg", f'name="{name}"', *words, deadline=120.0)
    domid = int(xl("domid", name))
    with Console(domid) as console:
        console.expect(UP, PATIENCE)
    return domid


async def xe(daemons: Daemons, *words: str, status: int = 0) -> str:
    """What our own xe prints, run as root on the host."""
    settings = os.environ | {"XAPI_ROOT": str(daemons.root)}
    argv = [str(PREFIX / "bin/xe"), *words]
    done = await asyncio.to_thread(subprocess.run, argv, env=settings, capture_output=True, text=True, timeout=300.0)
    printed = str(done.stdout)
    assert done.returncode == status, printed + done.stderr
    return printed


@contextlib.asynccontextmanager
async def console_of(daemons: Daemons, uuid: str) -> AsyncIterator[Terminal]:
    """The console of an adopted guest: xenopsd reads what xenconsoled has of it, so nobody else can."""
    host = Host(Client(str(daemons.socket("xenopsd"))), CountingStorage())  # type: ignore[abstract]
    try:
        async with terminal(host, VmId(uuid)) as console:
            yield console
    finally:
        await host.client.close()


async def vm_of(api: XenApi, name: str) -> tuple[str, dict[str, Any]]:
    [vm] = await api.call("VM.get_by_name_label", name)
    return vm, await api.call("VM.get_record", vm)


@pytest.mark.parametrize("kind", ["pv", "pvh"])
async def test_a_running_guest_goes_on_running(daemons: Daemons, disks: Path, kind: str) -> None:
    domid = created(kind, f"an old {kind}", disk(disks, "root.img", "from xl\n"), "vcpus=2")
    with Console(domid) as console:
        before = int(console.command("cat /tmp/count"))
    printed = await xe(daemons, "vm-adopt", f"name=an old {kind}")
    assert "runs on" in printed

    async with XenApi("test", str(daemons.socket("xapi"))) as api:
        vm, record = await vm_of(api, f"an old {kind}")
        assert record["power_state"] == "Running"
        assert int(record["domid"]) == domid
        assert (record["domain_type"], int(record["VCPUs_max"])) == (kind, 2)
        assert [await api.call("console.get_protocol", each) for each in record["consoles"]] == ["vt100"]
        [vbd] = record["VBDs"]
        [vif] = record["VIFs"]
        assert await api.call("VBD.get_currently_attached", vbd)
        assert await api.call("VIF.get_currently_attached", vif)
        vdi = await api.call("VBD.get_VDI", vbd)
        assert "snapshot" not in await api.call("VDI.get_allowed_operations", vdi)
        assert "snapshot" not in record["allowed_operations"]
        second_name = disks / f"{await api.call('VDI.get_location', vdi)}.raw"
        assert second_name.samefile(disks / "root.img")
        async with console_of(daemons, record["uuid"]) as console:
            assert int(await console.command("cat /tmp/count")) >= before
            assert await console.command("head -n 1 /dev/xvda") == "from xl"
            await console.command("echo to be kept >/dev/xvda; sync")
        assert subprocess.run(["pgrep", "-x", "xl"], check=False, capture_output=True).returncode == 1

        # From here on it is a VM like any other: suspended, its disk becomes sm's.
        await api.call("VM.suspend", vm)
        await api.call("VM.resume", vm, False, False)
        _, record = await vm_of(api, f"an old {kind}")
        assert int(record["domid"]) != domid
        assert "snapshot" in record["allowed_operations"]
        async with console_of(daemons, record["uuid"]) as console:
            assert int(await console.command("cat /tmp/count", PATIENCE)) >= before
            assert await console.command("head -n 1 /dev/xvda") == "to be kept"
        await api.call("VM.clean_shutdown", vm)
        assert await api.call("VM.get_power_state", vm) == "Halted"
        assert domids() == []


async def test_a_configured_guest_and_what_is_refused(daemons: Daemons, disks: Path) -> None:
    configured = disks / "web.cfg"
    lines = Path("/guests/pvh.cfg").read_text().replace('name = "pvh"', 'name = "web"')
    configured.write_text(f"{lines}\n{disk(disks, 'web.img', 'of web')}\n")
    uuid = (await xe(daemons, "vm-adopt", f"config={configured}", "--minimal")).strip()

    device = (await command.run("losetup", "--find", "--show", str(disks / "web.img"))).strip()
    block = disks / "device"
    block.symlink_to(device)
    try:
        configured.write_text(f'{lines}\ndisk=["phy:{block},xvda,w"]\n'.replace('"web"', '"block"'))
        assert f"{block} is a block device" in await xe(daemons, "vm-adopt", f"config={configured}", status=1)
    finally:
        await command.run("losetup", "--detach", device)

    domid = created("pvh", "paused")
    xl("pause", str(domid))
    assert "it is paused" in await xe(daemons, "vm-adopt", "name=paused", status=1)
    assert domids() == [domid]
    xl("destroy", str(domid))

    async with XenApi("test", str(daemons.socket("xapi"))) as api:
        vm = await api.call("VM.get_by_uuid", uuid)
        await api.call("VM.start", vm, False, False)
        async with console_of(daemons, uuid) as console:
            await console.expect(UP, PATIENCE)
            assert await console.command("head -c 6 /dev/xvda", PATIENCE) == "of web"
        await api.call("VM.hard_shutdown", vm)


async def test_an_emulated_guest_is_shut_down_first(daemons: Daemons, disks: Path) -> None:
    xl("create", "/guests/hvm.cfg", 'name="screen"', disk(disks, "screen.img", "x"), deadline=120.0)
    domid = int(xl("domid", "screen"))
    with Console(domid, hvm=True) as console:
        console.expect(UP, 180.0)
    assert "shutdown=true" in await xe(daemons, "vm-adopt", "name=screen", status=1)
    assert domids() == [domid]
    assert "was shut down" in await xe(daemons, "vm-adopt", "name=screen", "shutdown=true")
    async with XenApi("test", str(daemons.socket("xapi"))) as api:
        _, record = await vm_of(api, "screen")
    assert (record["power_state"], record["domain_type"]) == ("Halted", "hvm")
    assert domids() == []
