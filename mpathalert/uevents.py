"""Events of the kernel about block devices: device-mapper tells here which path failed and which came back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

KOBJECT_UEVENT = 15  # netlink(7)
KERNEL = 1  # the group of events as the kernel sends them
ROOM = 4 * 1024 * 1024  # bytes; a storm of events shall not be lost
LARGEST = 64 * 1024


def interesting(event: bytes) -> bool:
    """Whether paths may have changed: a multipath device or a disk came, went or changed."""
    words = event.split(b"\0")
    return b"SUBSYSTEM=block" in words and (
        any(word.startswith(b"DM_") for word in words)
        or (b"DEVTYPE=disk" in words and any(word.startswith((b"DEVNAME=dm-", b"DEVNAME=sd")) for word in words))
    )


@contextlib.contextmanager
def watch(changed: Callable[[], None]) -> Iterator[None]:
    """Call `changed` at every event that matters. Without the right to listen it is never called."""
    loop = asyncio.get_running_loop()
    try:
        listener = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, KOBJECT_UEVENT)
        listener.bind((0, KERNEL))
    except OSError as error:
        log.warning("no events of the kernel: %s; paths are looked at now and then", error)
        yield
        return
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)

    def read() -> None:
        try:
            while True:
                # Only the kernel's own events count: any program may send to us.
                event, sender = listener.recvfrom(LARGEST)
                if sender[0] == 0 and interesting(event):
                    changed()
        except BlockingIOError:
            return
        except OSError as error:  # events were lost
            log.info("events of the kernel: %s", error)
            changed()

    loop.add_reader(listener, read)
    try:
        yield
    finally:
        loop.remove_reader(listener)
        listener.close()
