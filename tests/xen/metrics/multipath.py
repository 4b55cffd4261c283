"""A LUN of dom0's own iSCSI target through two portals, and multipathd over both paths."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import time
from pathlib import Path

from tests.xen.metrics.stack import MIB, run, until

TARGET = "iqn.2026-01.test:alerts"
PORTALS = ("127.0.0.2", "127.0.0.3")
CONFIGURATION = """\
defaults {
    find_multipaths no
    user_friendly_names no
    polling_interval 1
    max_polling_interval 2
}
blacklist {
    devnode "^(vd|loop|nbd|dm|xvd)"
}
"""
SESSION = {
    "node.session.timeo.replacement_timeout": "3",
    "node.conn[0].timeo.noop_out_interval": "1",
    "node.conn[0].timeo.noop_out_timeout": "2",
    "node.conn[0].timeo.login_timeout": "3",
    "node.conn[0].timeo.logout_timeout": "3",
}
"""So that a lost path is seen in seconds; by default it takes minutes."""


class Lun:
    """One LUN, two paths. `scsi_id` names it."""

    def __init__(self, folder: Path) -> None:
        self._image = folder / "lun"
        self._multipathd: subprocess.Popen[bytes] | None = None
        self._others: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Back when the map has both paths."""
        run("modprobe", "-a", "iscsi_tcp", "sd_mod", "dm_multipath")
        with self._image.open("wb") as file:
            file.truncate(128 * MIB)
        for folder in ("/run/lock/iscsi", "/run/multipath"):
            Path(folder).mkdir(parents=True, exist_ok=True)
        Path("/etc/iscsi/initiatorname.iscsi").write_text("InitiatorName=iqn.2026-01.test:dom0\n")
        Path("/etc/multipath.conf").write_text(CONFIGURATION)
        self._others.append(subprocess.Popen(["tgtd", "--foreground"]))
        words = ("tgtadm", "--lld", "iscsi", "--mode")
        until(lambda: subprocess.run([*words, "system", "--op", "show"], capture_output=True).returncode == 0, "tgtd")
        run(*words, "target", "--op", "new", "--tid", "1", "--targetname", TARGET)
        run(*words, "logicalunit", "--op", "new", "--tid", "1", "--lun", "1", "--backing-store", str(self._image))
        run(*words, "target", "--op", "bind", "--tid", "1", "--initiator-address", "ALL")
        self._others.append(subprocess.Popen(["iscsid", "--foreground", "--no-pid-file"]))
        for portal in PORTALS:
            until(functools.partial(iscsi, "--op", "new", portal=portal), "iscsid")
            for name, value in SESSION.items():
                assert iscsi("--op", "update", "--name", name, "--value", value, portal=portal)
            self.login(portal)
        self.start_multipathd()
        until(lambda: self.scsi_id, "a map")
        until(lambda: self.paths() == 2, "two paths")

    def stop(self) -> None:
        """End all of it."""
        subprocess.run(["multipath", "-F"], timeout=60.0)
        self.kill_multipathd()
        subprocess.run(["iscsiadm", "--mode", "node", "--logoutall=all"], timeout=60.0)
        for process in reversed(self._others):
            process.kill()
            process.wait()

    @property
    def scsi_id(self) -> str:
        """As the map is named; empty while there is none."""
        found = run("dmsetup", "ls", "--target", "multipath").split()
        return found[0] if found and found[0] != "No" else ""

    def paths(self) -> int:
        """Those that the kernel uses."""
        return run("dmsetup", "status", "--target", "multipath").split().count("A")

    def login(self, portal: str) -> None:
        """A path more."""
        assert iscsi("--login", portal=portal)

    def logout(self, portal: str) -> None:
        """A path less, in order."""
        assert iscsi("--logout", portal=portal)

    def cut(self, portal: str) -> None:
        """Nothing reaches the portal any more."""
        run("iptables", "-I", "OUTPUT", "-d", portal, "-j", "DROP")
        run("iptables", "-I", "OUTPUT", "-s", portal, "-j", "DROP")

    def mend(self, portal: str) -> None:
        """Undo `cut`."""
        run("iptables", "-D", "OUTPUT", "-d", portal, "-j", "DROP")
        run("iptables", "-D", "OUTPUT", "-s", portal, "-j", "DROP")

    def start_multipathd(self) -> None:
        """Back when it answers."""
        self._multipathd = subprocess.Popen(["multipathd", "-d"])
        until(lambda: "dm" in run("sh", "-c", "multipathd show maps || true"), "multipathd")

    def kill_multipathd(self) -> None:
        """As hard as can be; the kernel keeps the map."""
        if self._multipathd is not None:
            os.kill(self._multipathd.pid, signal.SIGKILL)
            self._multipathd.wait()
            self._multipathd = None
            time.sleep(0.5)


def iscsi(*words: str, portal: str) -> bool:
    """Whether iscsiadm did it to the record of a portal."""
    node = ("iscsiadm", "--mode", "node", "--targetname", TARGET, "--portal", f"{portal}:3260")
    return subprocess.run([*node, *words], timeout=60.0).returncode == 0
