"""The same steps by plain xl: what fails here fails for reasons that aren't ours."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.bed.console import Console, Silence
from tests.bed.layout import BedFault

CREATE = 60.0  # seconds; 10 where nothing else runs
BOOT = 90.0
SHORT = 30.0
UP = r"GUEST-UP \S+"


def xl(*words: str, deadline: float = SHORT) -> str:
    """What `xl` prints. Raises `BedFault`."""
    try:
        done = subprocess.run(["xl", *words], capture_output=True, text=True, timeout=deadline)
    except subprocess.TimeoutExpired as error:
        raise BedFault(f"xl {' '.join(words)}: no end in {deadline:.0f} s") from error
    if done.returncode != 0:
        raise BedFault(f"xl {' '.join(words)}: {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout


@contextlib.contextmanager
def guest(kind: str) -> Iterator[int]:
    """A tiny guest (pv, pvh or hvm) in user space, by its domain; destroyed with the block. Raises `BedFault`."""
    name = f"baseline-{kind}"
    with contextlib.suppress(BedFault):
        xl("destroy", name)
    xl("create", f"/guests/{kind}.cfg", f'name="{name}"', deadline=CREATE)
    try:
        domid = int(xl("domid", name))
        with Console(domid, hvm=kind == "hvm") as console:
            console.expect(UP, BOOT)
        yield domid
    except Silence as error:
        raise BedFault(str(error)) from error
    finally:
        with contextlib.suppress(BedFault):
            xl("destroy", name)
    _gone(name)


def boot(kind: str) -> None:
    """Create a guest, see it up, destroy it. Raises `BedFault`."""
    with guest(kind):
        pass


def save(kind: str) -> None:
    """Suspend a guest to a file and resume it. Raises `BedFault`."""
    state = Path("/tmp") / f"baseline-{kind}.save"
    try:
        with guest(kind) as domid:
            xl("save", str(domid), str(state), deadline=BOOT)
            xl("restore", str(state), deadline=BOOT)
            with Console(int(xl("domid", f"baseline-{kind}")), hvm=kind == "hvm") as console:
                console.command("true", BOOT)
    except Silence as error:
        raise BedFault(str(error)) from error
    finally:
        state.unlink(missing_ok=True)


def _gone(name: str) -> None:
    """Raises `BedFault` if the domain is still there after a while."""
    end = time.monotonic() + SHORT
    while time.monotonic() < end:
        try:
            xl("domid", name)
        except BedFault:
            return
        time.sleep(0.2)
    raise BedFault(f"{name} is there {SHORT:.0f} s after xl destroy")


STEPS: Mapping[str, Callable[[], None]] = {
    "pv": lambda: boot("pv"),
    "pvh": lambda: boot("pvh"),
    "hvm": lambda: boot("hvm"),
    "save-pv": lambda: save("pv"),
    "save-pvh": lambda: save("pvh"),
    "save-hvm": lambda: save("hvm"),
}
"""What a test may name as its baseline."""
