"""A folder that both hosts see at the same path: this host serves it by NFS."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.xen.pool.peer import on

EXPORTED = Path("/data/shared")
FOLDER = Path("/shared")
SERVER = "192.0.2.1"
SCRIPT = f"""
mkdir -p /run/rpcbind {EXPORTED} {FOLDER}
modprobe nfsd
mountpoint -q /proc/fs/nfsd || mount -t nfsd nfsd /proc/fs/nfsd
pidof rpcbind >/dev/null || rpcbind -w
echo '{EXPORTED} 192.0.2.0/24(rw,no_root_squash,insecure,fsid=1)' >/etc/exports
exportfs -ra
rpc.nfsd 4
pidof rpc.mountd >/dev/null || rpc.mountd
"""
MOUNT = f"mkdir -p {FOLDER} && mount -t nfs -o vers=4.2 {SERVER}:{EXPORTED} {FOLDER}"


@contextlib.contextmanager
def shared_folder() -> Iterator[Path]:
    """Mounted on both hosts while the block lasts."""
    subprocess.run(["sh", "-ec", SCRIPT], timeout=120.0, check=True)
    subprocess.run(["sh", "-ec", MOUNT], timeout=120.0, check=True)
    on(MOUNT, deadline=120.0)
    try:
        yield FOLDER
    finally:
        on(f"umount -l {FOLDER}")
        subprocess.run(["umount", "-l", str(FOLDER)], timeout=60.0, check=False)
