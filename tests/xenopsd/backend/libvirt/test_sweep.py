"""What a libvirtd that was killed while it built a domain leaves."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from xenopsd.backend.libvirt.sweep import sweep

NAME = "11111111-0000-4000-8000-000000000001"


def leave(directory: Path, reason: str, pid: int) -> None:
    (directory / f"{NAME}.xml").write_text(f"<!-- generated -->\n<domstatus state='paused' reason='{reason}' pid='0'/>")
    (directory / f"{NAME}.pid").write_text(str(pid))


def test_a_domain_that_was_being_built_is_cleared_away(tmp_path: Path) -> None:
    emulator = subprocess.Popen(["sh", "-c", "sleep 60; :", f"guest={NAME},debug-threads=on"])
    while NAME not in Path(f"/proc/{emulator.pid}/cmdline").read_text():
        time.sleep(0.01)
    leave(tmp_path, "starting up", emulator.pid)

    assert sweep(tmp_path) == [NAME]

    assert emulator.wait(5) == -9
    assert not list(tmp_path.iterdir())


def test_a_stranger_with_its_number_lives(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    leave(tmp_path, "starting up", stranger.pid)

    assert sweep(tmp_path) == [NAME]

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_whole_domains_are_left_alone(tmp_path: Path) -> None:
    leave(tmp_path, "user", 1)
    assert sweep(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 2
