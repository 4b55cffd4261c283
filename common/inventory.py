"""The host's inventory file: `KEY='value'` lines that xapi writes at its first start."""

from __future__ import annotations

from pathlib import Path

from common.config import under_root

PATH = "/etc/xensource-inventory"


def host_uuid(path: Path | None = None) -> str:
    """The uuid of this host; empty before the first start of xapi."""
    try:
        lines = (path or under_root(PATH)).read_text().splitlines()
    except FileNotFoundError:
        return ""
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values.get("INSTALLATION_UUID", "").strip().strip("'")
