"""Mail about messages, to a server of our own."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from perfmon import mail

MESSAGE: dict[str, Any] = {
    "name": "ALARM",
    "priority": "3",
    "cls": "VM",
    "obj_uuid": "u",
    "timestamp": "20260101T10:00:00Z",
    "body": "value: 1\n.\nconfig:\n<variable/>",
    "uuid": "m",
}


class Hub:
    """Takes one mail."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.lines: list[str] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rwb", buffering=0) as stream:
            stream.write(b"220 hub\r\n")
            data = False
            for line in stream:
                text = line.decode().rstrip("\r\n")
                self.lines.append(text)
                if data and text != ".":
                    continue
                data = text.upper() == "DATA"
                stream.write(b"354 go on\r\n" if data else b"221 bye\r\n" if text.upper() == "QUIT" else b"250 ok\r\n")
                if text.upper() == "QUIT":
                    return

    def finish(self) -> list[str]:
        self._thread.join(5)
        self._listener.close()
        return self.lines


def test_a_mail_arrives_whole() -> None:
    hub = Hub()
    given = mail.settings(
        {"mail-destination": "a@example.com, b@example.com", "ssmtp-mailhub": f"127.0.0.1:{hub.port}"}, "host1"
    )
    assert given is not None
    mail.send(given, mail.compose(given, MESSAGE, "web\r\nBcc: x@example.com", "pool"))
    lines = hub.finish()
    assert [line.lower() for line in lines if line.lower().startswith("rcpt")] == [
        "rcpt to:<a@example.com>",
        "rcpt to:<b@example.com>",
    ]
    assert "Subject: [pool] ALARM: web Bcc: x@example.com" in lines
    assert "From: noreply@host1" in lines
    head = lines[: lines.index("")]
    assert not any(line.startswith("Bcc:") for line in head)
    assert "<variable/>" in lines


@pytest.mark.parametrize(
    ("other_config", "used"),
    [
        ({}, False),
        ({"ssmtp-mailhub": "hub"}, False),
        ({"mail-destination": "nobody", "ssmtp-mailhub": "hub"}, False),
        ({"mail-destination": "a@b", "ssmtp-mailhub": "hub:99999"}, False),
        ({"mail-destination": "a@b", "ssmtp-mailhub": "hub:x"}, False),
        ({"mail-destination": "a@b"}, True),
        ({"mail-destination": "a@b", "ssmtp-mailhub": "hub:2525"}, True),
        ({"mail-destination": "a@b", "ssmtp-mailhub": "hub", "mail-sender": "x\ny@z"}, True),
    ],
)
def test_settings_that_can_t_be_used_send_nothing(other_config: dict[str, str], used: bool) -> None:
    assert (mail.settings(other_config, "host") is not None) is used


def test_less_urgent_messages_stay_at_home() -> None:
    given = mail.settings({"mail-destination": "a@b", "mail-min-priority": "3"}, "host")
    assert given is not None
    assert given.wants({"priority": "3"})
    assert not given.wants({"priority": "4"})
