"""Loop devices, by the kernel's own calls: a program for each would cost a guest that stands still meanwhile."""

from __future__ import annotations

import errno
import fcntl
import os
import struct

CONTROL = "/dev/loop-control"
GET_FREE, CONFIGURE, CLEAR = 0x4C82, 0x4C0A, 0x4C01
CONFIGURATION = struct.Struct("@II 5Q 4I 64s 64s 32s 2Q 8Q")
"""`struct loop_config` of linux/loop.h: file, block size (0: as it is), `struct loop_info64`, reserved."""
READ_ONLY = 1
ATTEMPTS = 20
"""Others may take the free device that we were told of."""


def attach(path: str, *, read_only: bool) -> str:
    """A block device with the content of the file; its path. Raises `OSError`."""
    file = os.open(path, (os.O_RDONLY if read_only else os.O_RDWR) | os.O_CLOEXEC)
    try:
        control = os.open(CONTROL, os.O_RDWR | os.O_CLOEXEC)
        try:
            for _ in range(ATTEMPTS):
                number = fcntl.ioctl(control, GET_FREE)
                if _configure(f"/dev/loop{number}", file, path, read_only=read_only):
                    return f"/dev/loop{number}"
        finally:
            os.close(control)
    finally:
        os.close(file)
    raise OSError(errno.EBUSY, "others take every free loop device", path)


def detach(device: str) -> None:
    """Let go of the file; while somebody has the device open, when he closes it. Raises `OSError`."""
    descriptor = os.open(device, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.ioctl(descriptor, CLEAR)
    finally:
        os.close(descriptor)


def _configure(device: str, file: int, path: str, *, read_only: bool) -> bool:
    """Whether it was free indeed."""
    flags = READ_ONLY if read_only else 0
    name = os.fsencode(path)[:63]
    wanted = CONFIGURATION.pack(file, 0, *[0] * 5, 0, 0, 0, flags, name, b"", b"", *[0] * 10)
    descriptor = os.open(device, (os.O_RDONLY if read_only else os.O_RDWR) | os.O_CLOEXEC)
    try:
        fcntl.ioctl(descriptor, CONFIGURE, wanted)
    except OSError as error:
        if error.errno == errno.EBUSY:
            return False
        raise
    finally:
        os.close(descriptor)
    return True
