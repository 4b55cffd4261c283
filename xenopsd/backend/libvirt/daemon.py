"""Becomes this host's private libvirtd: prepares its files, hides the machine's libvirt from it, and execs it.

Run as `python -m xenopsd.backend.libvirt.daemon` inside the host's network namespace. Its mount namespace is its own
and its guests'; killing it touches no guest, and the next one finds them again.
"""

from __future__ import annotations

import ctypes
import os
import sys
import uuid
from pathlib import Path

from common.config import load
from common.files import write_atomically
from xenopsd.backend.libvirt.layout import INSIDE, SOCKET_NAME, outside
from xenopsd.backend.libvirt.sweep import sweep, sweep_tpms
from xenopsd.config import Config

LIBVIRTD = "/usr/sbin/libvirtd"
CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000

LIBVIRTD_CONF = """\
unix_sock_dir = "{run}"
unix_sock_rw_perms = "0700"
unix_sock_ro_perms = "0700"
auth_unix_ro = "none"
auth_unix_rw = "none"
host_uuid = "{uuid}"
max_clients = 100
"""

# Root, because disks are sockets of root's storage daemons; no cgroups, because a container has none to give away.
QEMU_CONF = """\
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = [ ]
namespaces = [ ]
stdio_handler = "file"
swtpm_user = "root"
swtpm_group = "root"
max_processes = 0
"""

USER, USER_ID = "libvirt-qemu", 64055
GROUPS = {"kvm": 64056, "libvirt-qemu": 64055}


def main() -> None:
    """Never returns."""
    directories = outside(load(Config, "xenopsd", ()).libvirt_socket)
    for directory in directories.values():
        directory.mkdir(parents=True, exist_ok=True)
    for name in sweep(directories["run"] / "qemu"):
        print(f"libvirtd: domain {name} was half-built; cleared away", file=sys.stderr, flush=True)
    for program in sweep_tpms(directories["lib"] / "swtpm"):
        print(f"libvirtd: {program} was left over; killed", file=sys.stderr, flush=True)
    configuration = _configure(directories)
    _enter_mount_namespace()
    for name, directory in directories.items():
        INSIDE[name].mkdir(parents=True, exist_ok=True)
        _bind(directory, INSIDE[name])
    for private, seen in ((directories["etc"] / "passwd", "/etc/passwd"), (directories["etc"] / "group", "/etc/group")):
        _bind(private, Path(seen))
    pid_file = INSIDE["run"] / "libvirtd.pid"
    os.execv(LIBVIRTD, [LIBVIRTD, "--config", str(configuration), "--pid-file", str(pid_file)])  # noqa: S606


def accounts(passwd: str, group: str) -> tuple[str, str]:
    """Both files with the user that libvirt insists on, even though its settings name another."""
    if not any(line.startswith(f"{USER}:") for line in passwd.splitlines()):
        passwd += f"{USER}:x:{USER_ID}:{USER_ID}::/var/lib/libvirt:/usr/sbin/nologin\n"
    known = {line.split(":")[0] for line in group.splitlines()}
    return passwd, group + "".join(f"{name}:x:{number}:\n" for name, number in GROUPS.items() if name not in known)


def _configure(directories: dict[str, Path]) -> Path:
    etc = directories["etc"]
    identity = etc / "host_uuid"
    if not identity.exists():
        # Two libvirtds of the same identity refuse to migrate to each other.
        write_atomically(identity, str(uuid.uuid4()).encode())
    settings = LIBVIRTD_CONF.format(run=INSIDE["run"], uuid=identity.read_text().strip())
    write_atomically(etc / "libvirtd.conf", settings.encode())
    write_atomically(etc / "qemu.conf", QEMU_CONF.encode())
    passwd, group = accounts(Path("/etc/passwd").read_text(), Path("/etc/group").read_text())
    write_atomically(etc / "passwd", passwd.encode(), mode=0o644)
    write_atomically(etc / "group", group.encode(), mode=0o644)
    (directories["run"] / SOCKET_NAME).unlink(missing_ok=True)
    return INSIDE["etc"] / "libvirtd.conf"


def _enter_mount_namespace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.unshare(CLONE_NEWNS), "unshare")
    _check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount --make-rprivate /")


def _bind(source: Path, target: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.mount(os.fsencode(source), os.fsencode(target), None, MS_BIND, None), f"mount --bind {source} {target}")


def _check(result: int, what: str) -> None:
    if result != 0:
        sys.exit(f"libvirtd: {what}: {os.strerror(ctypes.get_errno())} (it needs root)")


if __name__ == "__main__":
    main()
