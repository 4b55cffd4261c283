"""mpathalert and a real multipath device: paths that are lost and found, told once; multipathd that dies."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator

import pytest

from common.idl.control import CONTROL
from common.rpc.client import Client
from tests.xen.metrics.multipath import PORTALS, Lun
from tests.xen.metrics.stack import Listener, Stack, run, until

pytestmark = pytest.mark.xen(deadline=420)

ALERT = "MULTIPATH_PERIODIC_ALERT"
STAMP = r"\[\d{8}T\d\d:\d\d:\d\dZ\]"


@pytest.fixture(scope="module")
def lun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lun]:
    made = Lun(tmp_path_factory.mktemp("lun"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


class Watched:
    """An SR on the device, and what its PBD says."""

    def __init__(self, stack: Stack, lun: Lun) -> None:
        self.stack, self.scsi_id = stack, lun.scsi_id
        api = stack.api
        api.host.set_multipathing(stack.host, True)
        config = {"device": f"/dev/mapper/{self.scsi_id}", "SCSIid": self.scsi_id}
        self.sr: str = api.SR.create(stack.host, config, "0", "lun", "", "ext", "user", True, {})
        [self.pbd] = api.SR.get_PBDs(self.sr)
        self.uuid: str = api.PBD.get_uuid(self.pbd)

    def says(self) -> str:
        """The count."""
        return str(self.stack.api.PBD.get_other_config(self.pbd).get(f"mpath-{self.scsi_id}"))

    def wait(self, count: str) -> None:
        until(lambda: self.says() == count, f"{count} in place of {self.says()}", 90.0)

    def alert(self, listener: Listener, current: int) -> str:
        """The body of the next message, which tells of that many paths in the end."""
        message = listener.message(ALERT)
        assert message["priority"] == "3"
        assert message["cls"] == "Pool"
        [pool] = self.stack.api.pool.get_all_records().values()
        assert message["obj_uuid"] == pool["uuid"]
        body: str = message["body"]
        *_, last = body.splitlines()
        assert re.fullmatch(self.line(current), last), body
        return body

    def line(self, current: int) -> str:
        """A line of a message."""
        host = self.stack.api.host.get_record(self.stack.host)
        rest = f'host={host["uuid"]}; host-name="{host["name_label"]}"; pbd={self.uuid}; scsi_id={self.scsi_id}'
        return f"{STAMP} {re.escape(rest)}; current={current}; max=2"


@pytest.fixture(scope="module")
def watched(stack: Stack, lun: Lun) -> Iterator[Watched]:
    made = Watched(stack, lun)
    yield made
    stack.api.PBD.unplug(made.pbd)
    run("vgchange", "--activate", "n")


def test_a_cut_path_and_its_recovery(lun: Lun, watched: Watched) -> None:
    watched.wait("[2, 2]")
    assert watched.stack.api.PBD.get_other_config(watched.pbd)["multipathed"] == "true"
    listener = watched.stack.listen()
    lun.cut(PORTALS[1])
    body = watched.alert(listener, 1)
    lines = body.splitlines()
    assert lines[0] == "Unhealthy paths:"
    assert re.fullmatch(watched.line(1), lines[1])
    assert lines[2] == "Events received during the last 5 seconds:"
    assert watched.says() == "[1, 2]"
    # The other path serves the SR meanwhile.
    vdi = watched.stack.api.VDI.create({"name_label": "", "SR": watched.sr, "virtual_size": "1048576", "type": "user",
                                        "sharable": False, "read_only": False, "other_config": {}})  # fmt: skip
    watched.stack.api.VDI.destroy(vdi)

    lun.mend(PORTALS[1])
    body = watched.alert(listener, 2)
    assert "Unhealthy" not in body
    assert watched.says() == "[2, 2]"


def test_a_path_that_is_taken_away(lun: Lun, watched: Watched) -> None:
    listener = watched.stack.listen()
    lun.logout(PORTALS[0])
    watched.alert(listener, 1)
    lun.login(PORTALS[0])
    watched.alert(listener, 2)


def test_a_multipathd_that_dies_alarms_nobody(lun: Lun, watched: Watched) -> None:
    listener = watched.stack.listen()
    lun.kill_multipathd()
    status = until(lambda: (found := _status(watched.stack)).get("multipathd") and found, "mpathalert says so")
    assert status["multipathed_pbds"] == "1"
    lun.start_multipathd()
    until(lambda: "multipathd" not in _status(watched.stack), "mpathalert counts again")
    assert watched.says() == "[2, 2]"
    with pytest.raises(AssertionError, match="no MULTIPATH"):
        listener.message(ALERT, deadline=8.0)

    # Lost while nobody looks: told once somebody does.
    lun.kill_multipathd()
    lun.cut(PORTALS[1])
    time.sleep(5.0)
    lun.start_multipathd()
    watched.alert(listener, 1)
    lun.mend(PORTALS[1])
    watched.alert(listener, 2)


def test_a_loss_while_mpathalert_is_away(lun: Lun, watched: Watched) -> None:
    listener = watched.stack.listen()
    watched.stack.daemons.kill("mpathalert")
    lun.logout(PORTALS[0])
    until(lambda: lun.paths() == 1, "one path")
    asyncio.run(watched.stack.daemons.start(["mpathalert"]))
    watched.alert(listener, 1)
    lun.login(PORTALS[0])
    watched.alert(listener, 2)


def test_a_map_that_is_removed(lun: Lun, watched: Watched) -> None:
    listener = watched.stack.listen()
    mounted = watched.stack.root / "var/run/sr-mount" / watched.stack.api.SR.get_uuid(watched.sr)
    run("umount", str(mounted))
    run("vgchange", "--activate", "n")
    run("multipath", "-f", watched.scsi_id)
    watched.alert(listener, 0)
    assert watched.says() == "[0, 2]"
    run("multipathd", "reconfigure")
    watched.alert(listener, 2)


def _status(stack: Stack) -> dict[str, str]:
    """What mpathalert says of itself."""

    async def ask() -> dict[str, str]:
        client = Client(str(stack.daemons.socket("mpathalert")))
        try:
            proxy = client.proxy(CONTROL)
            await proxy.refresh("test")
            return await proxy.status("test")
        finally:
            await client.close()

    return asyncio.run(ask())
