"""Where the test bed keeps its things, and the one error that means the bed, not the project, is at fault."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
BED = CHECKOUT / "tests" / "bed"
CACHE = CHECKOUT / "var" / "cache" / "bed"

GUESTS_CPU = 1
"""Where the tests' guests run: on the first they die of the emulation (tests/bed/dom0.py)."""


class BedFault(Exception):
    """Xen, QEMU, dom0 or the way to it failed; a fresh boot may do better."""


class BedUnavailable(Exception):
    """This machine can't run the bed; the text says what is missing."""


def key_of(parts: Iterable[bytes]) -> str:
    """A short name for what was made of `parts`."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]


def newest_only(pattern: str, keep: Path) -> Iterable[Path]:
    """What an earlier state of the inputs left in the cache under `pattern`: everything but `keep`."""
    return [path for path in CACHE.glob(pattern) if path != keep]
