"""`make run` on a Xen host: it takes libxl by itself and boots the demo VM as PVH; `make stop` leaves nothing."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from tests.bed import bed, project
from tests.bed.dom0 import Dom0
from tests.bed.layout import CHECKOUT
from tests.bed.project import PREFIX

THERE = "/root/checkout"
PACKAGES = f"{PREFIX}/lib/python3*/site-packages"
RUN_DEADLINE = 900.0  # seconds; Debian packages are installed and unpacked by an emulated machine
SHORT = 240.0


async def checkout(host: Dom0, folder: Path) -> None:
    """The project's sources as from git, with the environment that pip would make of them: no index is in reach."""
    archive = folder / "checkout.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for name in await project.sources():
            tar.add(CHECKOUT / name, arcname=f"{THERE[1:]}/{name}")
    await host.put(archive)
    compiled = " && ".join(
        f"cp {PACKAGES}/{package}/*.so {THERE}/{package}/" for package in ("common/xen", "xenopsd/xen")
    )
    await host.run(f"{compiled} && ln -s {PREFIX} {THERE}/.venv && touch {PREFIX}/.ready")
    await host.run("apt-get -qq update && apt-get -qq install --yes make </dev/null >/dev/null", SHORT)


@pytest.mark.xen(hosts=0, deadline=1300)
async def test_make_run(tmp_path: Path) -> None:
    async with bed.parts(print) as made, Dom0(made.image, made.environment) as host:
        await host.put(made.project)
        await checkout(host, tmp_path)
        output = await host.run(f"make -C {THERE} run 2>&1", RUN_DEADLINE)
        print(output)
        assert "demo login:" in output
        assert "host1 is up, with libxl." in output

        [found] = json.loads(await host.run(f"make -s -C {THERE} status", SHORT))["hosts"]
        assert found["backend"] == "libxl"
        assert all(daemon["healthy"] for daemon in found["daemons"].values())
        [listed] = json.loads(await host.run("xl list -l"))[1:]
        assert listed["config"]["b_info"]["type.pvh"] is not None

        xe = f"{PREFIX}/bin/xe -s {found['address']} -u root -pwf {found['password_file']}"
        seen = await host.run(f"{xe} vm-list name-label=demo params=power-state,domain-type,dom-id", SHORT)
        assert "running" in seen
        assert f": {listed['domid']}" in seen

        await host.run(f"make -C {THERE} stop", SHORT)
        assert len((await host.run("xl list")).splitlines()) == 2
        assert "/dev/nbd" not in await host.run("cat /proc/partitions | sed -n 's,.* 0 nbd,/dev/nbd,p'")
