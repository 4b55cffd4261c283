from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common import command
from common.development import console, demo_disk
from common.development.layout import CACHE

BOOT_DEADLINE = 120.0  # seconds, on a machine that does other things too


def a_module(path: Path, *needs: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x7fELF\0license=GPL\0depends=" + ",".join(needs).encode() + b"\0name=x\0")


def test_modules_come_after_what_they_need(tmp_path: Path) -> None:
    a_module(tmp_path / "kernel/virtio_net.ko", "virtio", "net_failover")
    a_module(tmp_path / "kernel/net_failover.ko", "failover")
    a_module(tmp_path / "kernel/deep/failover.ko")
    a_module(tmp_path / "kernel/virtio.ko", "virtio_ring")
    a_module(tmp_path / "kernel/virtio-ring.ko")

    found = demo_disk.modules_of(tmp_path, ("virtio_net", "built_in", "virtio"))

    assert list(found) == ["virtio_ring", "virtio", "failover", "net_failover", "virtio_net"]


def test_partitions_follow_each_other_and_the_first_is_active() -> None:
    first = struct.unpack("<B3sB3sII", demo_disk._partition(0x80, 0x0C, demo_disk.FIRST, demo_disk.BOOT_SECTORS))
    assert first[0] == 0x80
    assert first[4] + first[5] == demo_disk.FIRST + demo_disk.BOOT_SECTORS
    assert (first[4] + first[5] + demo_disk.DATA_SECTORS) * 512 == demo_disk.SIZE


@pytest.fixture
async def serial(tmp_path: Path) -> AsyncIterator[socket.socket]:
    """The console of a guest that boots the disk, without acceleration and with 256 MiB."""
    image = await demo_disk.image(CACHE)
    path = tmp_path / "serial"
    process = await command.spawn(
        *("qemu-system-x86_64", "-machine", "pc,accel=tcg", "-m", "256", "-display", "none", "-no-reboot"),
        *("-nic", "none", "-monitor", "none", "-serial", f"unix:{path},server=on,wait=off"),
        *("-drive", f"file={image},format=raw,if=virtio,snapshot=on"),
    )
    stream = socket.socket(socket.AF_UNIX)
    try:
        async with asyncio.timeout(BOOT_DEADLINE):
            await _connected(stream, path)
        yield stream
    finally:
        stream.close()
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
        await process.wait()


async def _connected(stream: socket.socket, path: Path) -> None:
    while stream.connect_ex(str(path)):
        await asyncio.sleep(0.05)


@pytest.mark.integration
async def test_the_disk_boots_to_its_prompt_and_lets_root_in(serial: socket.socket) -> None:
    shown: list[str] = []

    async def expect(words: bytes) -> None:
        assert await asyncio.to_thread(console.show_until, serial, words, BOOT_DEADLINE, shown.append), shown

    await expect(demo_disk.PROMPT)
    serial.sendall(b"root\r")
    await expect(b"Password:")
    serial.sendall(f"{demo_disk.PASSWORD}\r".encode())
    await expect(b"~ #")
    serial.sendall(b"printf 'mounted=%s.' $(grep -c '/data ext4' /proc/mounts)\r")
    await expect(b"mounted=1.")
