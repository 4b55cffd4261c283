"""SIGKILL of a daemon in the middle of a call, and the VM on which the call works."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

from common.errors import WireError
from tests.integration.guinea_pig import HALTED, LOST, RUNNING, GuineaPig
from tests.integration.host import DevelopmentHost, wait_for
from tests.integration.leftovers import inventory

CALL_ENDS = 45.0  # seconds in which a call ends, however it ends, when a daemon dies under it
LOOKED_AFTER = 90.0  # seconds in which xapi looks for what it could not delete
WORK: dict[str, tuple[str, tuple[Any, ...], str]] = {
    "start": ("VM.start", (False, False), HALTED),
    "snapshot": ("VM.snapshot", ("killed",), RUNNING),
    "shutdown": ("VM.clean_shutdown", (), RUNNING),
}
"""Message, arguments after the VM, and the state in which it may begin."""


class Call:
    """One call over TLS in a thread; a daemon dies under it, so it may end in any way, but end it must."""

    def __init__(self, host: DevelopmentHost, message: str, *arguments: Any) -> None:
        self._client = host.client()
        self._client.__enter__()
        self.outcome = ""
        self._thread = threading.Thread(target=self._run, args=(message, *arguments), daemon=True)
        self._thread.start()

    def _run(self, message: str, *arguments: Any) -> None:
        try:
            self._client.call(message, *arguments)
            self.outcome = "done"
        except WireError as error:
            self.outcome = error.wire_code
        except LOST:
            self.outcome = "connection lost"

    def end(self) -> str:
        """How it ended."""
        self._thread.join(CALL_ENDS)
        assert self.outcome, f"the call did not end in {CALL_ENDS:.0f} s"
        return self.outcome


def kill_at_work(host: DevelopmentHost, pig: GuineaPig, daemon: str, work: str, moment: float) -> str:
    """Kill `daemon` so many seconds into the work, and wait until nothing is under way; how the call ended."""
    message, arguments, _ = WORK[work]
    call = Call(host, message, pig.vm, *arguments)
    time.sleep(moment)
    killed = host.kill(daemon)
    outcome = call.end()
    host.wait_back(daemon, killed)
    pig.settle()
    return outcome


@contextlib.contextmanager
def nothing_is_left(host: DevelopmentHost) -> Iterator[None]:
    """After the block the host holds what it held before; what could not be deleted at once may take its time."""
    before = inventory(host)
    yield
    with contextlib.suppress(AssertionError):
        wait_for(lambda: inventory(host) == before, LOOKED_AFTER, "what could not be deleted to go")
    assert inventory(host) == before
