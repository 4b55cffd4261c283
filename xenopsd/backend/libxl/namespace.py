"""A host in a network namespace of its own: what Xen's and the kernel's drivers do happens in the machine's."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import xenopsd.xen

SCRIPT = Path(xenopsd.xen.__file__).with_name("vif-in-namespace")
MACHINE = "/proc/1/ns/net"


@cache
def is_own() -> bool:
    """Whether this process is in another network namespace than the machine's first program."""
    return not os.path.samefile("/proc/self/ns/net", MACHINE)  # noqa: PTH121


def outside(*argv: str) -> tuple[str, ...]:
    """The command line that runs a program in the machine's namespace."""
    return ("nsenter", f"--net={MACHINE}", *argv) if is_own() else argv
