"""The official Python SDK over TLS as a client that lives a VM's life."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import XenAPI

from tests.integration.host import DevelopmentHost
from tests.integration.life import ApiError
from tests.integration.rpc import ByReference

LOGIN = ("2.23", "python sdk")
WAIT = 30.0  # seconds for an event


class Sdk(ByReference):
    """A session of the SDK; what takes long is asked for as a task, and its end is awaited through events."""

    LONG = frozenset({"VM.start", "VM.snapshot", "VM.copy", "VM.clean_shutdown", "VM.suspend", "VM.resume"})

    PATIENCE = WAIT
    """Seconds without an event after which a task is given up."""

    def __init__(self, host: DevelopmentHost) -> None:
        self._session: Any = XenAPI.Session(host.state.https, ignore_ssl=True)
        self._credentials = (host.state.username, host.password, *LOGIN)

    def __enter__(self) -> Self:
        self._session.xenapi.login_with_password(*self._credentials)
        return self

    def __exit__(self, _k: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._session.xenapi.session.logout()

    def call(self, method: str, *arguments: Any) -> Any:
        cls, _, name = method.partition(".")
        try:
            return getattr(getattr(self._session.xenapi, cls), name)(*arguments)
        except XenAPI.Failure as failure:
            raise ApiError(*failure.details) from failure

    def perform(self, message: str, *arguments: Any) -> str | None:
        if message not in self.LONG:
            return super().perform(message, *arguments)
        task = self.call(f"Async.{message}", *arguments)
        try:
            record = self._finished(task)
            if record["status"] != "success":
                raise ApiError(*record["error_info"])
            result = str(record["result"])
            return result.removeprefix("<value>").removesuffix("</value>") or None
        finally:
            self.call("task.destroy", task)

    def _finished(self, task: str) -> Any:
        token = ""
        while True:
            events = self.call("event.from", ["task"], token, self.PATIENCE)
            for event in events["events"]:
                if event["ref"] == task and event["operation"] != "del" and event["snapshot"]["status"] != "pending":
                    return event["snapshot"]
            assert events["events"], f"no event in {self.PATIENCE} s"
            token = events["token"]
