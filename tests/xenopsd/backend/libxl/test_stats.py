"""Counters of a drive: blkback's own, and the times of the device below."""

from __future__ import annotations

from pathlib import Path

import pytest

from xenopsd.backend.libxl import stats


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stats, "DEVICES", tmp_path / "dev")
    (tmp_path / "dev/43:16").mkdir(parents=True)
    (tmp_path / "dev/43:16/stat").write_text("  9 0 72 120 4 0 32 80 2 200 200 0 0 0 0 0 0\n")
    folder = tmp_path / "vbd-1-51712"
    (folder / "statistics").mkdir(parents=True)
    for name, value in {"rd_sect": 72, "wr_sect": 32, "rd_req": 9, "wr_req": 4}.items():
        (folder / "statistics" / name).write_text(f"{value}\n")
    (folder / "physical_device").write_text("2b:10\n")
    return folder


def test_bytes_requests_and_times(entry: Path) -> None:
    found = stats.disk("xvda", entry)

    assert (found.read_bytes, found.write_bytes) == (72 * 512, 32 * 512)
    assert (found.read_requests, found.write_requests) == (9, 4)
    assert (found.read_ns, found.write_ns, found.in_flight) == (120_000_000, 80_000_000, 2)


@pytest.mark.parametrize("text", ["", "garbage", "2b", "2b:11\n", "zz:10\n"])
def test_a_device_that_can_t_be_found_tells_no_times(entry: Path, text: str) -> None:
    (entry / "physical_device").write_text(text)

    found = stats.disk("xvda", entry)

    assert (found.read_bytes, found.read_ns, found.write_ns, found.in_flight) == (72 * 512, 0, 0, None)


def test_a_drive_that_is_not_blkback_s_is_all_zeros(tmp_path: Path) -> None:
    assert stats.disk("xvda", tmp_path / "nothing").read_bytes == 0
