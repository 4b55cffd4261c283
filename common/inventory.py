"""The host's inventory file: `KEY='value'` lines that xapi writes at its first start."""

from __future__ import annotations

from pathlib import Path

from common.config import under_root

PATH = "/etc/xensource-inventory"


def host_uuid(path: Path | None = None) -> str:
    """The uuid of this host; empty before the first start of xapi."""
    return _value("INSTALLATION_UUID", path)


def control_domain_uuid(path: Path | None = None) -> str:
    """The uuid of this host's control domain; empty before the first start of xapi."""
    return _value("CONTROL_DOMAIN_UUID", path)


def _value(key: str, path: Path | None) -> str:
    try:
        lines = (path or under_root(PATH)).read_text().splitlines()
    except FileNotFoundError:
        return ""
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values.get(key, "").strip().strip("'")
