from __future__ import annotations

from pathlib import Path

import pytest

from xenopsd.backend.libxl import loops

pytestmark = pytest.mark.root


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / ("disk" + "-of-a-long-name" * 6)
    made.write_bytes(b"its disk".ljust(1 << 16, b"\0"))
    return made


@pytest.mark.parametrize("read_only", [True, False])
def test_a_device_has_the_files_content_until_it_is_detached(file: Path, read_only: bool) -> None:
    device = loops.attach(str(file), read_only=read_only)
    entry = Path("/sys/block") / Path(device).name
    try:
        with Path(device).open("rb") as disk:
            assert disk.read(8) == b"its disk"
        assert (entry / "ro").read_text().strip() == str(int(read_only))
        assert (entry / "size").read_text().strip() == "128"
        assert (entry / "loop/backing_file").read_text().strip() == str(file)
    finally:
        loops.detach(device)
    assert not (entry / "loop").exists()


def test_what_is_written_reaches_the_file(file: Path) -> None:
    device = loops.attach(str(file), read_only=False)
    try:
        with Path(device).open("r+b") as disk:
            disk.write(b"changed")
    finally:
        loops.detach(device)
    assert file.read_bytes()[:8] == b"changedk"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        loops.attach(str(tmp_path / "none"), read_only=True)
