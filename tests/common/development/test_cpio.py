from __future__ import annotations

import io
import os
import stat
import subprocess
from pathlib import Path

import pytest

from common.development import cpio


def test_what_is_written_can_be_unpacked(tmp_path: Path) -> None:
    stream = io.BytesIO()
    archive = cpio.Archive(stream)
    archive.file("etc/deep/name", b"content", 0o640)
    archive.file("init", b"odd", 0o755)
    archive.link("bin/sh", "/bin/busybox")
    archive.close()

    subprocess.run(["busybox", "cpio", "-idm"], cwd=tmp_path, input=stream.getvalue(), check=True, capture_output=True)

    assert (tmp_path / "etc/deep/name").read_bytes() == b"content"
    assert stat.S_IMODE((tmp_path / "etc/deep/name").stat().st_mode) == 0o640
    assert os.access(tmp_path / "init", os.X_OK)
    assert (tmp_path / "bin/sh").readlink() == Path("/bin/busybox")


@pytest.mark.root
def test_a_device_is_written_without_making_one(tmp_path: Path) -> None:
    stream = io.BytesIO()
    archive = cpio.Archive(stream)
    archive.character_device("dev/console", 5, 1)
    archive.close()

    subprocess.run(["busybox", "cpio", "-idm"], cwd=tmp_path, input=stream.getvalue(), check=True, capture_output=True)

    found = (tmp_path / "dev/console").stat()
    assert stat.S_ISCHR(found.st_mode)
    assert found.st_rdev == os.makedev(5, 1)


def test_a_tree_keeps_what_may_be_executed(tmp_path: Path) -> None:
    (tmp_path / "sbin").mkdir()
    (tmp_path / "sbin/tool").write_text("#!/bin/sh\n")
    (tmp_path / "sbin/tool").chmod(0o744)
    (tmp_path / "plain").write_text("text")
    stream = io.BytesIO()

    cpio.add_tree(cpio.Archive(stream), tmp_path, "usr/")

    written = stream.getvalue()
    assert _mode(written, b"usr/sbin/tool") == stat.S_IFREG | 0o755
    assert _mode(written, b"usr/plain") == stat.S_IFREG | 0o644


def _mode(archive: bytes, name: bytes) -> int:
    header = archive.index(name + b"\0") - 110
    return int(archive[header + 14 : header + 22], 16)
