"""Keeps the daemons of one development host running; what systemd does on a real one.

It has no event loop and no thread, so that a daemon can be forked from it with all common imports done: eight daemons
then take a fifth of the memory, and a daemon is back a fraction of a second after its death. Should the supervisor
itself be killed, its daemons go on; the next `make run` ends them and starts anew.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from common.development import network, state
from common.development.children import Child, Service, preload
from common.development.layout import Host
from common.development.services import COMMON, services
from common.development.state import Daemon, HostState

log = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds the daemons have to stop
SLEEP = 1.0  # seconds between looks when nothing happens
PR_SET_CHILD_SUBREAPER = 36


class Supervisor:
    """Starts, watches and stops the services of one host."""

    def __init__(self, host: HostState, state_file: Path, wanted: Sequence[Service], log_folder: Path) -> None:
        self._host, self._state_file = host, state_file
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        environment = {**os.environ, "XAPI_ROOT": host.root, "XAPI_BACKEND": host.backend}
        self._children = [Child(service, log_folder / f"{service.name}.log", environment) for service in wanted]
        for child in self._children:
            self._selector.register(child.notify, selectors.EVENT_READ, child.notified)

    def run(self) -> None:
        """Until SIGTERM or SIGINT: keep everything running; then stop it in reverse order."""
        self._listen_to_signals()
        for child in self._children:
            self._start(child)
        self._write()
        while not self._stopping:
            self._wait()
            due = [child for child in self._children if not child.running and time.monotonic() >= child.restart_at]
            for child in due:
                self._start(child)
            if due:
                self._write()
        self._stop()

    def _start(self, child: Child) -> None:
        child.start()
        self._selector.register(child.descriptor, selectors.EVENT_READ, lambda: self._ended(child))

    def _ended(self, child: Child) -> None:
        self._selector.unregister(child.descriptor)
        child.ended()

    def _wait(self) -> None:
        now = time.monotonic()
        restarts = [child.restart_at - now for child in self._children if not child.running]
        for key, _ in self._selector.select(max(0.0, min([SLEEP, *restarts]))):
            key.data()
        self._reap_orphans()

    def _reap_orphans(self) -> None:
        """Take leave of programs that a daemon started and that outlived it: they come to us, as to init on a host."""
        mine = {child.process.pid for child in self._children if child.process}
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and ended.si_pid not in mine:
                os.waitpid(ended.si_pid, 0)

    def _write(self) -> None:
        root = self._host.root
        daemons = {
            child.service.name: Daemon(child.process, root + child.service.socket if child.service.socket else None)
            for child in self._children
            if child.process is not None
        }
        replace(self._host, daemons=daemons).write(self._state_file)

    def _listen_to_signals(self) -> None:
        receiver, sender = socket.socketpair()
        for end in (receiver, sender):
            end.setblocking(False)
        signal.set_wakeup_fd(sender.fileno())
        self._wakeup = sender
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)
        self._selector.register(receiver, selectors.EVENT_READ, lambda: self._signalled(receiver))

    def _signalled(self, receiver: socket.socket) -> None:
        receiver.recv(64)
        self._stopping = True

    def _stop(self) -> None:
        log.info("stopping")
        # The daemons first: they still talk through stunnel and libvirtd while they stop.
        for programs in (False, True):
            wave = [
                child.process
                for child in self._children
                if child.running and child.process and bool(child.service.argv) is programs
            ]
            for killed in state.end(wave, PATIENCE):
                log.warning("pid %d had to be killed", killed.pid)
            for child in wave:
                os.waitpid(child.pid, os.WNOHANG)
        self._state_file.unlink(missing_ok=True)


def main(argv: Sequence[str] | None = None) -> None:
    """Supervise the host that the flags describe, inside its namespaces, until SIGTERM."""
    os.closerange(3, 4096)  # whatever the caller had open is not ours to keep
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--backend", required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--http", type=int, default=80)
    parser.add_argument("--https", type=int, default=443)
    parser.add_argument("--stunnel", type=Path, required=True)
    parser.add_argument("--namespace", action="store_true", help="run in the host's network namespace")
    flags = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    host = Host(flags.folder, flags.number)
    if flags.namespace:
        network.enter(host)
    described = HostState(
        name=host.name,
        root=str(host.root),
        netns=host.netns if flags.namespace else None,
        address=flags.address,
        http=_url("http", flags.address, flags.http, 80),
        https=_url("https", flags.address, flags.https, 443),
        username="root",
        password_file=str(host.password_file),
        backend=flags.backend,
        coordinator=host.number == 1,
        supervisor=state.process(os.getpid()),
    )
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    preload(COMMON)
    wanted = services(flags.backend, flags.stunnel, "0.0.0.0" if flags.namespace else flags.address, flags.http)  # noqa: S104
    Supervisor(described, host.state_file, wanted, host.log_folder).run()


def _url(scheme: str, address: str, port: int, default: int) -> str:
    return f"{scheme}://{address}" if port == default else f"{scheme}://{address}:{port}"


if __name__ == "__main__":
    main()
