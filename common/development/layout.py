"""Names, paths and addresses of the development hosts of one checkout. All derive from the folder they live in.

Standard library only: `make status` reads it without the virtual environment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
VAR = CHECKOUT / "var"
"""Everything a development host writes is below it, and git ignores it."""

CACHE = VAR / "cache"
"""Downloads and what is built from them; all hosts share it."""

FIRST_HOST = 11
"""The last number of the first host's address; the machine's own end of the bridge has 1."""


@dataclass(frozen=True)
class Host:
    """One development host. `number` starts at 1."""

    folder: Path
    number: int

    @property
    def name(self) -> str:
        """Its hostname."""
        return f"host{self.number}"

    @property
    def root(self) -> Path:
        """Its XAPI_ROOT."""
        return self.folder / "hosts" / self.name

    @property
    def state_file(self) -> Path:
        """Where its supervisor tells what runs."""
        return self.root / "var/run/supervisor.json"

    @property
    def log_folder(self) -> Path:
        """Where each daemon's output goes."""
        return self.root / "var/log"

    @property
    def password_file(self) -> Path:
        """The plain password of its user root, for the person at the keyboard only."""
        return self.root / "etc/xapi-toolstack/development-password"

    @property
    def settings_folder(self) -> Path:
        """Where the daemons' settings are."""
        return self.root / "etc/xapi-toolstack"

    @property
    def netns(self) -> str:
        """Its network namespace, under /run/netns."""
        return f"xapi-{digest(self.folder)}-{self.number}"

    @property
    def link(self) -> str:
        """The machine's end of the cable to it; at most 15 characters."""
        return f"xv{digest(self.folder)}-{self.number}"

    @property
    def mac(self) -> str:
        """The address of its NIC: locally administered, the same at each start."""
        raw = hashlib.sha256(str(self.root).encode()).digest()[:5]
        return ":".join(f"{byte:02x}" for byte in (0x02, *raw))

    def address(self, subnet: IPv4Network) -> str:
        """Its IP address in `subnet`."""
        return str(subnet[FIRST_HOST + self.number - 1])


def digest(folder: Path) -> str:
    """Six hexadecimal digits that stand for `folder`."""
    return hashlib.sha256(str(folder).encode()).hexdigest()[:6]


def bridge(folder: Path) -> str:
    """The bridge on the machine to which all hosts of `folder` are connected."""
    return f"xapi-{digest(folder)}"


def subnet(folder: Path, taken: Sequence[IPv4Network]) -> IPv4Network:
    """A /24 for the hosts of `folder`: the same each time, unless the machine routes it elsewhere."""
    start = int(digest(folder), 16)
    for step in range(1 << 14):
        number = (start + step) % (1 << 14)
        candidate = IPv4Network((0x0A000000 | (0xC0 << 16) + (number << 8), 24))
        if not any(candidate.overlaps(other) for other in taken):
            return candidate
    raise LookupError("no subnet of 10.192.0.0/10 is free")


def hosts(folder: Path = VAR) -> list[Host]:
    """The hosts that were set up below `folder`, the coordinator first."""
    found = (path.name.removeprefix("host") for path in (folder / "hosts").glob("host*") if path.is_dir())
    return [Host(folder, int(number)) for number in sorted(filter(str.isdigit, found), key=int)]
