"""Mail about messages, to whom the pool's settings name. Pure but for `send`.

`pool.other_config`: `mail-destination` (addresses with commas between), `ssmtp-mailhub` (`host` or `host:port`),
`mail-sender`, `mail-min-priority` (only messages as urgent or more, 5 by default: all of 1 to 5).
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

DEADLINE = 20.0  # seconds
ADDRESS = re.compile(r"[^@\s,<>\x00-\x1f]+@[^@\s,<>\x00-\x1f]+")
LEAST_URGENT = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """Where mail goes."""

    hub: str
    port: int
    sender: str
    to: tuple[str, ...]
    priority: int

    def wants(self, message: Mapping[str, Any]) -> bool:
        """Whether a message is urgent enough."""
        return int(message["priority"]) <= self.priority


def settings(other_config: Mapping[str, str], host: str) -> Settings | None:
    """The pool's settings; None when it has none that can be used."""
    to = tuple(ADDRESS.findall(other_config.get("mail-destination", "")))
    hub, _, port = other_config.get("ssmtp-mailhub", "localhost").strip().rpartition(":")
    if not hub:
        hub, port = port, "25"
    if not to or not port.isdecimal() or not 0 < int(port) < 65536:
        return None
    sender = other_config.get("mail-sender", "")
    least = other_config.get("mail-min-priority", "")
    return Settings(
        hub=hub.strip("[]"),
        port=int(port),
        sender=sender if ADDRESS.fullmatch(sender) else f"noreply@{host or 'localhost'}",
        to=to,
        priority=int(least) if least.isdecimal() else LEAST_URGENT,
    )


def compose(given: Settings, message: Mapping[str, Any], about: str, pool: str) -> EmailMessage:
    """The mail about a message; `about` names its object. Line breaks in names are not let into the head."""
    mail = EmailMessage()
    mail["From"], mail["To"] = given.sender, ", ".join(given.to)
    mail["Subject"] = " ".join(f"[{pool}] {message['name']}: {about}".split())
    mail["X-Priority"] = str(message["priority"])
    mail.set_content(
        f"Message: {message['name']}\nPriority: {message['priority']}\nTime: {message['timestamp']}\n"
        f"About: {message['cls']} {about} ({message['obj_uuid']})\n\n{message['body']}\n"
    )
    return mail


def send(given: Settings, mail: EmailMessage) -> None:
    """Hand it to the hub, encrypted if the hub can. Raises `OSError` and `smtplib.SMTPException`; it blocks."""
    with smtplib.SMTP(given.hub, given.port, timeout=DEADLINE) as smtp:
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls()
        smtp.send_message(mail)
