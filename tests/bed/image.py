"""The image dom0 boots from: Xen, kernel, a small first root, the disk, and the tiny guests on it."""

from __future__ import annotations

import asyncio
import gzip
import io
import lzma
import shutil
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from common import command
from common.development import cpio
from tests.bed.layout import BED, CACHE, key_of, newest_only
from tests.bed.rootfs import rootfs

DISK_SIZE = "8G"  # sparse
MAKE_DISK = (
    *("mke2fs", "-q", "-t", "ext4", "-F", "-m", "0", "-O", "^metadata_csum", "-J", "size=16"),
    *("-E", "lazy_itable_init=1,lazy_journal_init=1"),
)
FIRST_MODULES = ("virtio_pci", "virtio_blk", "ext4", "crc32c_generic")
GUEST_MODULES = ("xen-blkfront", "xen-netfront", "ext4", "crc32c_generic", "ata_piix", "sd_mod", "sr_mod", "isofs")
XZ_MAGIC = b"\xfd7zXZ\x00"
SSHD = """\
PermitRootLogin yes
UsePAM no
UseDNS no
GSSAPIAuthentication no
MaxSessions 64
MaxStartups 64
PrintMotd no
AcceptEnv *
"""
SSH = """\
Host *
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
"""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/xen-4.17/bin"


@dataclass(frozen=True)
class Image:
    """What QEMU is given, and what else was made on the way."""

    folder: Path
    root: Path
    """Dom0's root as packages made it, to run its programs outside."""

    @property
    def xen(self) -> Path:
        return self.folder / "xen"

    @property
    def kernel(self) -> Path:
        return self.folder / "vmlinuz"

    @property
    def first_root(self) -> Path:
        return self.folder / "initrd"

    @property
    def disk(self) -> Path:
        return self.folder / "dom0.ext4"

    @property
    def key(self) -> Path:
        """The private key that opens dom0's sshd."""
        return self.folder / "key"


async def image() -> Image:
    """The image, made if it isn't in the cache. Raises `BedUnavailable`, `CommandFailed`."""
    root = await rootfs()
    sources = [Path(__file__), *sorted(path for name in ("dom0", "guest") for path in (BED / name).iterdir())]
    folder = CACHE / f"image-{key_of([root.name.encode(), *(path.read_bytes() for path in sources)])}"
    if not folder.is_dir():
        await _make(root, folder)
    for old in [*newest_only("image-*", folder), *newest_only("rootfs-*", root)]:
        shutil.rmtree(old, ignore_errors=True)
    return Image(folder, root)


async def _make(root: Path, folder: Path) -> None:
    fresh = folder.with_suffix(".part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    [kernel] = (root / "boot").glob("vmlinuz-*")
    version = kernel.name.removeprefix("vmlinuz-")
    packed = kernel.read_bytes()
    (fresh / "vmlinuz").write_bytes(packed)
    # QEMU's -kernel takes Xen only as the ELF file inside.
    (fresh / "xen").write_bytes(zlib.decompress((root / "boot/xen-4.17-amd64.gz").read_bytes(), wbits=31))
    await command.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bed", "-f", str(fresh / "key"))
    (fresh / "initrd").write_bytes(await _first_root(root, version, BED / "dom0/first", FIRST_MODULES))
    guest = await _first_root(root, version, BED / "guest/init", GUEST_MODULES)
    # A copy by hard links: whatever is laid over it is written beside and renamed, so the original stays as it was.
    tree = fresh / "tree"
    await command.run("cp", "--archive", "--link", str(root), str(tree), deadline=120.0)
    await asyncio.to_thread(_lay_over, tree, fresh, packed, guest)
    await command.run(
        *MAKE_DISK,
        *("-d", str(tree), str(fresh / "dom0.ext4"), DISK_SIZE),
        deadline=300.0,
    )
    await asyncio.to_thread(shutil.rmtree, tree)
    fresh.rename(folder)


def _lay_over(tree: Path, fresh: Path, kernel: bytes, guest: bytes) -> None:
    """What makes a Debian the bed's dom0."""
    public = (fresh / "key.pub").read_bytes()
    _put(tree / "sbin/bed-init", (BED / "dom0/init").read_bytes(), 0o755)
    _put(tree / "root/.ssh/authorized_keys", public, 0o600)
    _put(tree / "root/.ssh/id_ed25519", (fresh / "key").read_bytes(), 0o600)  # for the other host
    _put(tree / "root/.ssh/config", SSH.encode(), 0o600)
    _put(tree / "etc/ssh/sshd_config.d/bed.conf", SSHD.encode())
    _put(tree / "etc/profile.d/bed.sh", f"export PATH={PATH}\n".encode())
    _put(tree / "etc/environment", f"PATH={PATH}\n".encode())
    _put(tree / "etc/hostname", b"bed\n")
    _put(tree / "etc/resolv.conf", b"")
    shutil.rmtree(tree / "opt/xcp", ignore_errors=True)
    (tree / "opt/xcp").mkdir(parents=True)
    # Xen hides SEP on AMD, and libvirt's driver then finds no base model that fits: none of them may ask for it.
    for model in (tree / "usr/share/libvirt/cpu_map").glob("x86_*.xml"):
        lines = model.read_text().splitlines(keepends=True)
        _put(model, "".join(line for line in lines if "<feature name='sep'/>" not in line).encode())
    # Guests: /guests/*.cfg for xl; the kernel unpacked for PV, which may not unpack itself quickly, and as it is.
    _put(tree / "guests/vmlinuz", kernel)
    _put(tree / "guests/vmlinux", lzma.LZMADecompressor().decompress(kernel[kernel.index(XZ_MAGIC) :]))
    _put(tree / "guests/initrd", guest)
    for config in (BED / "guest").glob("*.cfg"):
        _put(tree / "guests" / config.name, config.read_bytes())


def _put(path: Path, content: bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


async def _first_root(root: Path, version: str, init: Path, modules: Iterable[str]) -> bytes:
    """A compressed first root of busybox, `init`, and the kernel's `modules` with what they need, in order."""
    shown = ""
    for module in modules:
        shown += await command.run("chroot", str(root), "modprobe", "-S", version, "--show-depends", module)
    files = dict.fromkeys(line.split()[1] for line in shown.splitlines() if line.startswith("insmod "))
    stream = io.BytesIO()
    archive = cpio.Archive(stream)
    for folder in ("bin", "sbin", "proc", "sys", "dev", "tmp", "etc", "root", "disk"):
        archive.directory(folder)
    archive.character_device("dev/console", 5, 1)
    archive.file("bin/busybox", (root / "bin/busybox").read_bytes(), 0o755)
    archive.file("init", init.read_bytes(), 0o755)
    for file in files:
        archive.file(f"modules/{Path(file).name}", (root / file.lstrip("/")).read_bytes())
    archive.file("modules/order", "".join(f"{Path(file).name}\n" for file in files).encode())
    archive.close()
    # Level 1: what is packed small takes longer to unpack in an emulated machine than to read.
    return await asyncio.to_thread(gzip.compress, stream.getvalue(), 1, mtime=0)
