"""Unix sockets whose path may be longer than the kernel's 107 bytes: a short link to the directory stands in."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

LIMIT = 100  # bytes; sun_path holds 108 with its NUL
BACKLOG = 512
LINKS = Path("/run/xapi-links") if os.access("/run", os.W_OK) else Path(f"/tmp/xapi-links-{os.getuid()}")  # noqa: S108


def short(path: str) -> str:
    """A path of at most `LIMIT` bytes for the socket at `path`; the same for the same path, and safe to repeat."""
    if len(path.encode()) <= LIMIT:
        return path
    directory, name = os.path.split(path)
    LINKS.mkdir(mode=0o700, exist_ok=True)
    link = LINKS / hashlib.sha256(directory.encode()).hexdigest()[:12]
    if not link.is_symlink() or str(link.readlink()) != directory:
        fresh = link.with_suffix(f".{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(directory)
        fresh.rename(link)
    return str(link / name)


def listen(path: str, mode: int = 0o600) -> socket.socket:
    """A listening socket at `path`, made with `mode`; a stale one is replaced."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o777 & ~mode)
    try:
        listener.bind(short(path))
    finally:
        os.umask(old)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener
