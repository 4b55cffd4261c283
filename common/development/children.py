"""A process that the supervisor keeps running: forked from it or a program, watched, started again when it dies."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import logging
import os
import resource
import signal
import socket
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from common import daemon
from common.development.state import Process, process

log = logging.getLogger(__name__)

FIRST_DELAY = 0.2  # seconds before a process that died is started again
LONGEST_DELAY = 1.0  # as RestartSec in the units
SETTLED = 10.0  # seconds after which an earlier death no longer counts
FILES = 65536  # as LimitNOFILE in the units
LOG_LIMIT = 16 * 1024 * 1024  # bytes; a larger log is moved aside when its process starts
PR_SET_NAME = 15


@dataclass(frozen=True)
class Service:
    """What is to run: the function `main` of the module `main`, in a fork, with the flags; or the program `argv`."""

    name: str
    main: str = ""
    flags: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    socket: str | None = None
    """Path on a real host of the socket that answers /health."""


@dataclass
class Child:
    """One service and the process that is it now, if any."""

    service: Service
    log_file: Path
    environment: Mapping[str, str]
    process: Process | None = None
    """The present process, or the last one while the next is due."""
    descriptor: int = -1
    """A pidfd, readable when the process has ended; -1 while there is none."""
    ready: bool = False
    restart_at: float = 0.0
    delay: float = FIRST_DELAY
    started: float = 0.0
    notify: socket.socket = field(default_factory=lambda: _notify_socket())

    @property
    def running(self) -> bool:
        """Whether there is a process now."""
        return self.descriptor >= 0

    def start(self) -> None:
        """Start the process. Afterwards `descriptor` and `notify` are to be watched."""
        _rotate(self.log_file)
        environment = {**self.environment, "NOTIFY_SOCKET": "@" + self.notify.getsockname()[1:].decode()}
        pid = os.fork()
        if pid == 0:
            self._become(environment)
        self.process = process(pid)
        self.descriptor = os.pidfd_open(pid)
        self.ready = False
        self.started = time.monotonic()
        log.info("%s: started, pid %d", self.service.name, pid)

    def notified(self) -> None:
        """Read what the process says of itself."""
        with contextlib.suppress(BlockingIOError):
            while message := self.notify.recv(4096):
                if b"READY=1" in message.split(b"\n") and not self.ready:
                    self.ready = True
                    log.info("%s: ready after %.2f s", self.service.name, time.monotonic() - self.started)

    def ended(self) -> None:
        """Take note of the process's end and choose when to start it again."""
        assert self.process is not None  # noqa: S101 - only a started child has a descriptor to watch
        status = os.waitstatus_to_exitcode(os.waitpid(self.process.pid, 0)[1])
        os.close(self.descriptor)
        lived = time.monotonic() - self.started
        delay = FIRST_DELAY if lived > SETTLED else self.delay
        self.delay = min(delay * 2, LONGEST_DELAY)
        self.restart_at = time.monotonic() + delay
        log.warning("%s: pid %d ended with %d after %.1f s", self.service.name, self.process.pid, status, lived)
        self.descriptor, self.ready = -1, False

    def _become(self, environment: Mapping[str, str]) -> None:
        """In the forked child: be the service. Never returns."""
        status = 1
        try:
            _detach(self.log_file)
            os.environ.clear()
            os.environ.update(environment)
            if self.service.argv:
                signal.signal(signal.SIGPIPE, signal.SIG_DFL)
                os.execvpe(self.service.argv[0], self.service.argv, dict(environment))  # noqa: S606
            ctypes.CDLL(None).prctl(PR_SET_NAME, self.service.name.encode()[:15], 0, 0, 0)
            sys.argv = [self.service.name]
            importlib.import_module(self.service.main).main(list(self.service.flags))
            status = 0
        except SystemExit as leaving:
            status = leaving.code if isinstance(leaving.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)


def preload(modules: tuple[str, ...]) -> None:
    """Import what the forked services have in common, and keep the garbage collector from touching it again.

    Nothing is collected meanwhile: a child's objects would fill the gaps, on pages that it has to copy for that.
    """
    gc.disable()
    for name in modules:
        importlib.import_module(name)
    daemon.version()  # is kept: each child would read all of the package's metadata for it
    gc.freeze()
    gc.enable()


def _detach(log_file: Path) -> None:
    """A session of its own, plain signals, the log as output, and nothing else of the parent's."""
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    output = os.open(log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.closerange(3, 4096)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    logging.getLogger().handlers.clear()


def _rotate(log_file: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if log_file.stat().st_size > LOG_LIMIT:
            log_file.rename(log_file.with_suffix(".log.1"))


def _notify_socket() -> socket.socket:
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    receiver.bind("")  # the kernel picks a free abstract name
    receiver.setblocking(False)
    return receiver
