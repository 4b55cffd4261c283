"""What a power cut may leave of files that are never synced."""

from __future__ import annotations

from pathlib import Path

import pytest

from sm.datapath import states


@pytest.mark.parametrize("content", [b"", b'{"boot": "x", "sta', b"\0" * 64])
def test_half_a_file_of_datapaths_counts_as_of_an_earlier_boot(tmp_path: Path, content: bytes) -> None:
    (tmp_path / states.NAME).write_bytes(content)
    assert states.read(tmp_path) == []
