"""Who this host is: `/etc/xensource-inventory`, lines of `KEY='value'` that scripts source too."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from common.config import under_root
from common.files import write_atomically

PATH = "/etc/xensource-inventory"
HOST, CONTROL_DOMAIN = "INSTALLATION_UUID", "CONTROL_DOMAIN_UUID"


@dataclass(frozen=True, slots=True)
class Inventory:
    """The identities that must never change while the host lives."""

    host: str
    """uuid of the host."""
    control_domain: str
    """uuid of its control domain."""


def parse(text: str) -> dict[str, str]:
    """The keys in `text`; comments, empty lines and what is no assignment are skipped."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith("#"):
            words = shlex.split(value)
            found[name] = words[0] if words else ""
    return found


def render(values: dict[str, str]) -> str:
    """The opposite of `parse`."""
    return "".join(f"{name}='{value}'\n" for name, value in values.items())


def load(path: Path | None = None) -> Inventory:
    """This host's inventory; what is missing gets fresh uuids, kept for ever."""
    path = path or under_root(PATH)
    try:
        values = parse(path.read_text())
    except FileNotFoundError:
        values = {}
    known = dict(values)
    for name in (HOST, CONTROL_DOMAIN):
        if not _is_uuid(values.get(name, "")):
            values[name] = str(uuid4())
    if values != known:
        write_atomically(path, render(values).encode(), mode=0o644)
    return Inventory(host=values[HOST], control_domain=values[CONTROL_DOMAIN])


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
