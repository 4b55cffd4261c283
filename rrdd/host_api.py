"""A host's API for programs that stand beside the daemon: over its local socket, else with TLS and a password.

Only the standard library is imported.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

SOCKET = "var/lib/xcp/xapi"
DEADLINE = 60.0  # seconds for an answer
CLASSES = {"host": "host", "vm": "VM", "sr": "SR"}


class Unanswered(Exception):
    """The host did not answer as it should; the text says how."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One column: `AVERAGE:vm:<uuid>:cpu0`."""

    consolidation: str
    owner: str
    uuid: str
    metric: str

    def __str__(self) -> str:
        return f"{self.consolidation}:{self.owner}:{self.uuid}:{self.metric}"


class Unix(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=DEADLINE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        # A relative name escapes the kernel's limit of 107 bytes.
        with chdir(self._path.parent):
            self.sock.connect(self._path.name)


class Host:
    """A host to ask: the local one if `server` is empty."""

    def __init__(self, server: str = "", username: str = "", password: str = "", certificate: str = "") -> None:
        self._server, self._username, self._password = server, username, password
        self._certificate = certificate

    def updates(self, start: int, interval: int) -> tuple[list[Entry], list[tuple[int, list[float]]]]:
        """The columns, and the rows after `start` as time and values, oldest first. Raises `Unanswered`."""
        query = {"start": start, "interval": interval, "host": "true", "json": "true"}
        query |= {"vm_uuid": "all", "sr_uuid": "all"}
        told = self._ask("GET", f"/rrd_updates?{urlencode(query)}")
        try:
            entries = [Entry(*entry.split(":", 3)) for entry in told["meta"]["legend"]]
            rows = [(int(row["t"]), [float(value) for value in row["values"]]) for row in told["data"]]
        except (KeyError, TypeError, ValueError) as error:
            raise Unanswered(f"not metrics: {error}") from error
        return entries, sorted(rows)

    def names(self, owner: str) -> dict[str, str]:
        """Names by uuid of the hosts, VMs or SRs. Raises `Unanswered`."""
        records = self.call(f"{CLASSES[owner]}.get_all_records")
        return {record["uuid"]: record["name_label"] for record in records.values()}

    def units(self, owner: str, uuid: str) -> dict[str, str]:
        """Units of the sources of one object. Raises `Unanswered`."""
        cls = CLASSES[owner]
        (sources,) = self.call_all((f"{cls}.get_data_sources", self.call(f"{cls}.get_by_uuid", uuid)))
        return {source["name_label"]: source["units"] for source in sources}

    def call(self, method: str, *params: object) -> Any:
        """One call of the API. Raises `Unanswered`."""
        (answer,) = self.call_all((method, *params))
        return answer

    def call_all(self, *calls: tuple[object, ...]) -> list[Any]:
        """Some calls in one session. Raises `Unanswered`."""
        session = self._call("session.login_with_password", self._username, self._password)
        try:
            return [self._call(str(method), session, *params) for method, *params in calls]
        finally:
            self._call("session.logout", session)

    def _call(self, method: str, *params: object) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        answer = self._ask("POST", "/jsonrpc", body)
        if not isinstance(answer, dict) or "result" not in answer:
            error = answer.get("error", {}) if isinstance(answer, dict) else {}
            raise Unanswered(f"{method}: {error.get('message')} {error.get('data')}")
        return answer["result"]

    def _ask(self, method: str, path: str, body: str | None = None) -> Any:
        connection = self._connection()
        headers = {}
        if self._server:
            token = base64.b64encode(f"{self._username}:{self._password}".encode()).decode()
            headers["Authorization"] = f"Basic {token}"
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise Unanswered(f"HTTP {response.status}")
        try:
            return json.loads(content)
        except ValueError as error:
            raise Unanswered(f"no JSON: {error}") from error

    def _connection(self) -> http.client.HTTPConnection:
        if self._server:
            server, _, port = self._server.partition(":")
            return http.client.HTTPSConnection(server, int(port or 443), timeout=DEADLINE, context=self._context())
        return Unix(Path(os.environ.get("XAPI_ROOT", "/")) / SOCKET)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._certificate or None)
        if not self._certificate:
            # Hosts sign their certificates themselves.
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context
