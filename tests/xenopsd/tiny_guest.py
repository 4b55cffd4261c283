"""A guest of a few megabytes: Debian's cloud kernel and busybox, ending when its power button is pressed."""

from __future__ import annotations

import asyncio
import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path

from common.development import demo_disk
from common.development.layout import CACHE

MODULES = (
    "virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "virtio_balloon", "virtio_rng",
    "ata_piix", "sr_mod", "button", "evdev", "pvpanic-mmio", "af_packet",
)  # fmt: skip

INIT = """\
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
while read module; do insmod "$module"; done < /modules
for name in /sys/class/input/event*/device/name; do
  grep -q "Power Button" "$name" || continue
  event=${name%/device/name}
  (head -c 24 "/dev/input/${event##*/}" >/dev/null && poweroff -f) &
done
echo GUEST-UP > /dev/ttyS0
while true; do setsid cttyhack sh </dev/ttyS0 >/dev/ttyS0 2>&1; done
"""


@dataclass(frozen=True)
class Guest:
    """Paths of a kernel and its root."""

    kernel: str
    ramdisk: str
    cmdline: str = "console=ttyS0 quiet panic=-1"


def build(directory: Path) -> Guest:
    """Raises `CommandFailed` where the kernel's package can't be had."""
    busybox = shutil.which("busybox")
    assert busybox is not None, "busybox is not installed"
    kernel, tree = asyncio.run(demo_disk.kernel_of(CACHE))
    modules = demo_disk.modules_of(tree, MODULES)
    files: dict[str, tuple[int, bytes]] = {
        "init": (0o100755, INIT.encode()),
        "bin/busybox": (0o100755, Path(busybox).read_bytes()),
        "modules": (0o100644, "".join(f"/lib/{name}.ko\n" for name in modules).encode()),
    }
    files |= {f"lib/{name}.ko": (0o100644, content) for name, content in modules.items()}
    ramdisk = directory / "tiny.gz"
    ramdisk.write_bytes(gzip.compress(_archive(files), 1))
    return Guest(str(kernel), str(ramdisk))


def _archive(files: dict[str, tuple[int, bytes]]) -> bytes:
    """A cpio archive of the newc kind, as the kernel unpacks it."""
    entries = {directory: (0o40755, b"") for directory in sorted({str(Path(name).parent) for name in files} - {"."})}
    parts = []
    for number, (name, (mode, content)) in enumerate([*(entries | files).items(), ("TRAILER!!!", (0, b""))], 1):
        fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        parts += [_padded(head), _padded(content)]
    return b"".join(parts)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
