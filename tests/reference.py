"""The facts recorded of the original, for tests that compare with them; they are not part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("XAPI_REFERENCE") or Path(__file__).parents[2] / "shared" / "reference")
RECORDED = FOLDER / "recorded"
MISSING = f"the facts recorded of the original are not at {FOLDER}: set XAPI_REFERENCE"


def needed(path: Path) -> Path:
    """`path`, a part of the reference; the test is skipped without it."""
    if not path.exists():
        pytest.skip(MISSING)
    return path
