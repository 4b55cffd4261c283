"""Pages that a guest granted, and event channels to it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from common.xen.libxc import PAGE, XenRefused, binding


@contextmanager
def granted(domid: int, references: list[int]) -> Iterator[memoryview]:
    """The pages of `references`, one behind the other, for reading. Raises `XenRefused`."""
    module = binding()
    ffi, lib = module.ffi, module.lib
    table = lib.xengnttab_open(ffi.NULL, 0)
    if table == ffi.NULL:
        raise XenRefused("xengnttab_open", errno.errorcode.get(ffi.errno, "?"))
    try:
        pages = lib.map_pages(table, len(references), domid, ffi.new("uint32_t[]", references))
        if pages == ffi.NULL:
            raise XenRefused("xengnttab_map_domain_grant_refs", errno.errorcode.get(ffi.errno, "?"))
        try:
            with memoryview(ffi.buffer(pages, len(references) * PAGE)) as view:
                yield view
        finally:
            lib.xengnttab_unmap(table, pages, len(references))
    finally:
        lib.xengnttab_close(table)


class EventChannels:
    """Event channels of this domain. `fd` becomes readable when one of them has news."""

    def __init__(self) -> None:
        module = binding()
        self._lib, ffi = module.lib, module.ffi
        self._handle = self._lib.xenevtchn_open(ffi.NULL, 0)
        if self._handle == ffi.NULL:
            raise XenRefused("xenevtchn_open", errno.errorcode.get(ffi.errno, "?"))
        self._ffi = ffi

    @property
    def fd(self) -> int:
        """For `loop.add_reader`."""
        return int(self._lib.xenevtchn_fd(self._handle))

    def offer(self, domid: int) -> int:
        """A new port that `domid` may connect to."""
        return self._checked("bind_unbound_port", self._lib.xenevtchn_bind_unbound_port(self._handle, domid))

    def connect(self, domid: int, port: int) -> int:
        """A port of ours, connected to `port` of `domid`."""
        return self._checked("bind_interdomain", self._lib.xenevtchn_bind_interdomain(self._handle, domid, port))

    def notify(self, port: int) -> None:
        """Tell the other end."""
        self._checked("notify", self._lib.xenevtchn_notify(self._handle, port))

    def pending(self) -> int:
        """The next port with news; it may have news again from then on. Blocks when there is none."""
        port = self._checked("pending", self._lib.xenevtchn_pending(self._handle))
        self._checked("unmask", self._lib.xenevtchn_unmask(self._handle, port))
        return port

    def unbind(self, port: int) -> None:
        """Give a port back."""
        self._checked("unbind", self._lib.xenevtchn_unbind(self._handle, port))

    def close(self) -> None:
        """Give all ports back."""
        self._lib.xenevtchn_close(self._handle)

    def _checked(self, call: str, result: int) -> int:
        if result < 0:
            raise XenRefused(call, errno.errorcode.get(self._ffi.errno, "?"))
        return result
