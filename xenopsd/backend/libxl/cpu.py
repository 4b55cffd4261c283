"""The CPU features that a guest is to see, as what libxl is told to hide of those it would show. Pure."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

REGISTERS: tuple[tuple[int, int | None, str], ...] = (
    (0x1, None, "edx"),
    (0x1, None, "ecx"),
    (0x80000001, None, "edx"),
    (0x80000001, None, "ecx"),
    (0xD, 1, "eax"),
    (0x7, 0, "ebx"),
    (0x7, 0, "ecx"),
    (0x80000007, None, "edx"),
    (0x80000008, None, "ebx"),
    (0x7, 0, "edx"),
    (0x7, 1, "eax"),
    (0x80000021, None, "eax"),
    (0x7, 1, "ebx"),
    (0x7, 2, "edx"),
    (0x7, 1, "ecx"),
    (0x7, 1, "edx"),
)
"""Leaf, subleaf and register of each word of a feature set, in Xen's order."""


def hidden(wanted: str, shown: str) -> list[dict[str, Any]]:
    """libxl's `cpuid` for a guest that is to see `wanted` where Xen would show `shown`; nothing when it knows neither.

    A feature beyond `shown` can't be had this way: such a guest must not start here, and xapi sees to it.
    """
    if not wanted or not shown:
        return []
    masks: dict[tuple[int, int | None], dict[str, str]] = {}
    pairs = zip_longest(_words(wanted), _words(shown), fillvalue=0)
    # Words that Xen may add behind are no registers that a guest reads.
    for (leaf, subleaf, register), (want, have) in zip(REGISTERS, pairs, strict=False):
        if surplus := have & ~want:
            bits = "".join("0" if surplus >> bit & 1 else "x" for bit in reversed(range(32)))
            masks.setdefault((leaf, subleaf), {})[register] = bits
    return [
        {"leaf": leaf, **({} if subleaf is None else {"subleaf": subleaf}), **registers}
        for (leaf, subleaf), registers in masks.items()
    ]


def _words(features: str) -> list[int]:
    return [int(word, 16) for word in features.split("-")]
