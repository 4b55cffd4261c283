"""Builds the demo guest's bootable disk from Debian packages: kernel, busybox, the QEMU guest agent.

A raw image with two partitions: a small FAT one from which SYSLINUX boots the kernel with everything in its first
root, and an ext4 one that the guest mounts at /data, so that a test can see what a disk keeps. Guests of Xen without
firmware boot it by pygrub, which reads the same from a file of its own. Nothing is mounted and no root is needed.
`python -m common.development.demo_disk IMAGE` builds it by hand.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import lzma
import os
import re
import shutil
import struct
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from common import command
from common.development import cpio, debian

GUEST = Path(__file__).with_name("guest")
PASSWORD = "demo"  # noqa: S105 - of a throw-away guest; /etc/issue shows it
PROMPT = b"demo login:"

SECTOR = 512
FIRST = 2048  # sector of the first partition
BOOT_SECTORS = 80 * 2048  # 80 MiB
DATA_SECTORS = 32 * 2048
SIZE = (FIRST + BOOT_SECTORS + DATA_SECTORS) * SECTOR

MODULES = (
    "virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "virtio_scsi", "virtio_balloon", "virtio-rng",
    "xen-blkfront", "xen-netfront", "ata_piix", "sd_mod", "sr_mod", "isofs", "button", "evdev",
)  # fmt: skip
BOOT_CONFIG = """\
SERIAL 0 115200
DEFAULT linux
PROMPT 0
TIMEOUT 1
LABEL linux
  KERNEL vmlinuz
  INITRD initrd
  APPEND console=tty0 console=ttyS0,115200 quiet mitigations=off
"""
PYGRUB_CONFIG = """\
DEFAULT linux
LABEL linux
  KERNEL /vmlinuz
  APPEND initrd=/initrd console=hvc0 quiet mitigations=off
"""


async def image(cache: Path) -> Path:
    """The disk image, built if it isn't in `cache` in the form this code makes."""
    path = cache / f"demo-disk-{_fingerprint()}.raw"
    if not path.exists():
        await build(path, cache)
    return path


async def build(path: Path, cache: Path) -> None:
    """Make the image at `path`; packages are unpacked in `cache`. Raises `CommandFailed`."""
    kernel, kernel_tree = await kernel_of(cache)
    libraries = await debian.dependencies("qemu-guest-agent", recurse=True)
    trees = await debian.unpack(["busybox-static", *libraries], cache / "packages")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".demo-disk-") as name:
        folder = Path(name)
        (folder / "initrd").write_bytes(await _initrd(trees, kernel_tree))
        (folder / "syslinux.cfg").write_text(BOOT_CONFIG)
        (folder / "extlinux.conf").write_text(PYGRUB_CONFIG)
        shutil.copyfile(kernel, folder / "vmlinuz")
        await _assemble(folder / "image", folder)
        os.sync()
        (folder / "image").rename(path)


async def kernel_of(cache: Path) -> tuple[Path, Path]:
    """Debian's cloud kernel and the folder its package is unpacked in, which holds the modules."""
    package = next(
        name for name in await debian.dependencies("linux-image-cloud-amd64") if name.startswith("linux-image-")
    )
    tree = (await debian.unpack([package], cache / "packages"))[package]
    [kernel] = (tree / "boot").glob("vmlinuz-*")
    return kernel, tree


def _fingerprint() -> str:
    sources = [*GUEST.rglob("*"), Path(__file__), Path(cpio.__file__), Path(debian.__file__)]
    digest = hashlib.sha256()
    for source in sorted(source for source in sources if source.is_file()):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


async def _initrd(trees: Mapping[str, Path], kernel: Path) -> bytes:
    stream = io.BytesIO()
    archive = cpio.Archive(stream)
    archive.directory("dev")
    archive.character_device("dev/console", 5, 1)
    for folder in ("proc", "sys", "run", "tmp", "root", "data", "usr/bin", "usr/sbin"):
        archive.directory(folder)
    cpio.add_tree(archive, GUEST)
    await _add_busybox(archive, trees["busybox-static"])
    await _add_agent(archive, trees)
    modules = modules_of(kernel, MODULES)
    for module, content in modules.items():
        archive.file(f"lib/modules/{module}.ko", content)
    archive.file("etc/modules", "".join(f"{module}.ko\n" for module in modules).encode())
    archive.close()
    return stream.getvalue()


async def _add_busybox(archive: cpio.Archive, tree: Path) -> None:
    [busybox] = (path for path in (tree / "bin/busybox", tree / "usr/bin/busybox") if path.exists())
    archive.file("bin/busybox", busybox.read_bytes(), 0o755)
    archive.link("sbin/init", "/bin/busybox")
    archive.link("bin/sh", "/bin/busybox")
    hashed = await command.run(str(busybox), "mkpasswd", "-m", "sha512", PASSWORD)
    archive.file("etc/shadow", f"root:{hashed.strip()}:19000:0:99999:7:::\n".encode(), 0o600)


async def _add_agent(archive: cpio.Archive, trees: Mapping[str, Path]) -> None:
    """The guest agent, and the libraries that its own loader says it needs."""
    program = trees["qemu-guest-agent"] / "usr/sbin/qemu-ga"
    libraries = [
        str(folder)
        for tree in trees.values()
        for folder in (tree / "lib/x86_64-linux-gnu", tree / "usr/lib/x86_64-linux-gnu")
        if folder.is_dir()
    ]
    loader = trees["libc6"] / "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
    if not loader.exists():
        loader = trees["libc6"] / "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
    listing = await command.run(str(loader), "--library-path", ":".join(libraries), "--list", str(program))
    archive.file("usr/sbin/qemu-ga", program.read_bytes(), 0o755)
    archive.file("lib64/ld-linux-x86-64.so.2", loader.read_bytes(), 0o755)
    for name, found in re.findall(r"(\S+) => (/\S+)", listing):
        archive.file(f"lib/{Path(name).name}", Path(found).read_bytes(), 0o755)


def modules_of(kernel: Path, wanted: Sequence[str]) -> dict[str, bytes]:
    """The modules named, each after those it needs. What the kernel has built in is skipped."""
    files = {path.name.split(".")[0].replace("-", "_"): path for path in kernel.rglob("*.ko*")}
    ordered: dict[str, bytes] = {}

    def add(name: str) -> None:
        name = name.replace("-", "_")
        if name in ordered or name not in files:
            return
        content = files[name].read_bytes()
        if files[name].suffix == ".xz":
            content = lzma.decompress(content)
        found = re.search(rb"\0depends=([^\0]*)\0", content)
        for needed in filter(None, found[1].decode().split(",") if found else []):
            add(needed)
        ordered[name] = content

    for name in wanted:
        add(name)
    return ordered


async def _assemble(path: Path, content: Path) -> None:
    """Boot sector, partition table and both file systems in the sparse file `path`."""
    with path.open("wb") as stream:
        stream.truncate(SIZE)
        stream.write(Path("/usr/lib/SYSLINUX/mbr.bin").read_bytes()[:440].ljust(446, b"\0"))
        stream.write(
            _partition(0x80, 0x0C, FIRST, BOOT_SECTORS) + _partition(0, 0x83, FIRST + BOOT_SECTORS, DATA_SECTORS)
        )
        stream.write(bytes(32) + b"\x55\xaa")
    offset = FIRST * SECTOR
    drive = f"{path}@@{offset}"
    await command.run(
        "mformat", "-i", drive, "-T", str(BOOT_SECTORS), "-h", "255", "-s", "63", "-H", str(FIRST), "-v", "DEMO", "::"
    )
    for name in ("vmlinuz", "initrd", "syslinux.cfg", "extlinux.conf"):
        await command.run("mcopy", "-i", drive, str(content / name), f"::{name}")
    await command.run("syslinux", "--install", "--offset", str(offset), str(path))
    data = str((FIRST + BOOT_SECTORS) * SECTOR)
    await command.run(
        "/sbin/mke2fs", "-q", "-t", "ext4", "-L", "data", "-E", f"offset={data}", str(path), f"{DATA_SECTORS // 2}k"
    )


def _partition(flag: int, kind: int, start: int, length: int) -> bytes:
    # Cylinders, heads and sectors are past their end: readers take the sector numbers that follow.
    beyond = b"\xfe\xff\xff"
    return struct.pack("<B3sB3sII", flag, beyond, kind, beyond, start, length)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    asyncio.run(build(target, target.parent))
