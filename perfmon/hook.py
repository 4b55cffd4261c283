"""Tells a program of the administrator's of each message, as the original told its `mail-alarm`.

The program gets the message as XML, its only argument.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from common import command
from common.command import CommandFailed

log = logging.getLogger(__name__)

DEADLINE = 60.0  # seconds
FIELDS = ("name", "priority", "cls", "obj_uuid", "timestamp", "uuid", "body")
UNWRITABLE = {number: " " for number in range(32) if chr(number) not in "\t\n\r"}
"""XML has no way to say these."""
LONGEST = 20_000  # letters of a field: the kernel allows an argument of 128 KiB, escaped and encoded


def xml(message: Mapping[str, Any]) -> str:
    """The message as one element, `<message>`, with one for each field."""
    parts = (f"<{field}>{_text(str(message[field]))}</{field}>" for field in FIELDS)
    return f"<message>{''.join(parts)}</message>"


async def tell(program: Path, message: Mapping[str, Any]) -> None:
    """Run the program if it is there. What goes wrong with it is told in the log."""
    if not os.access(program, os.X_OK):
        return
    try:
        await command.run(str(program), xml(message), deadline=DEADLINE)
    except (CommandFailed, OSError) as error:
        log.warning("message %s: %s: %s", message["uuid"], program, error)


def _text(value: str) -> str:
    return escape(value[:LONGEST].translate(UNWRITABLE))
