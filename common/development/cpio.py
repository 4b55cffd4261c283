"""Writes a cpio archive in the format a Linux kernel unpacks as its first root (newc), without being root."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import BinaryIO


class Archive:
    """A newc archive being written to `stream`. Every entry is root's."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._inode = 0
        self._known: set[str] = set()

    def directory(self, name: str, mode: int = 0o755) -> None:
        """A directory and, if need be, its parents. Safe to repeat."""
        parent = name.rpartition("/")[0]
        if parent:
            self.directory(parent)
        if name and name not in self._known:
            self._known.add(name)
            self._entry(name, stat.S_IFDIR | mode)

    def file(self, name: str, content: bytes, mode: int = 0o644) -> None:
        """A regular file."""
        self.directory(name.rpartition("/")[0])
        self._entry(name, stat.S_IFREG | mode, content)

    def link(self, name: str, target: str) -> None:
        """A symbolic link."""
        self.directory(name.rpartition("/")[0])
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def character_device(self, name: str, major: int, minor: int) -> None:
        """A character device, which only an archive can hold without privilege."""
        self.directory(name.rpartition("/")[0])
        self._entry(name, stat.S_IFCHR | 0o600, device=(major, minor))

    def close(self) -> None:
        """Write the end mark. The stream stays open."""
        self._entry("TRAILER!!!", 0)

    def _entry(self, name: str, mode: int, content: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
        self._inode += 1
        encoded = name.encode() + b"\0"
        # Inode, mode, uid, gid, links, mtime, size, the file's device, the node's own device, name size, checksum.
        numbers = (self._inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(encoded), 0)
        self._write(b"070701" + b"".join(b"%08X" % number for number in numbers) + encoded)
        self._write(content)

    def _write(self, data: bytes) -> None:
        self._stream.write(data + b"\0" * (-len(data) % 4))


def add_tree(archive: Archive, folder: Path, prefix: str = "") -> None:
    """Every file below `folder`, under `prefix`, executable where it is so there."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = f"{prefix}{path.relative_to(folder)}"
            archive.file(name, path.read_bytes(), 0o755 if path.stat().st_mode & 0o100 else 0o644)
