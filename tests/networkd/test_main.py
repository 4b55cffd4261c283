from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from networkd import main
from networkd.config import Config

ROOT = Path(__file__).parents[2]
ASK = "from networkd import main; from networkd.config import Config; print(main._may_change(Config()))"


def answer(root: Path | str, *prefix: str) -> str:
    done = subprocess.run(
        [*prefix, sys.executable, "-c", ASK],
        env={**os.environ, "XAPI_ROOT": str(root)},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def namespace() -> Iterator[str]:
    name = f"xt-main-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    yield name
    subprocess.run(["ip", "netns", "del", name], check=True)


def test_a_development_root_never_changes_the_machines_own_network(tmp_path: Path) -> None:
    assert answer(tmp_path) == "False"


def test_a_real_host_changes_its_network() -> None:
    assert answer("/") == "True"


@pytest.mark.root
@pytest.mark.integration
def test_a_development_root_changes_the_network_of_its_namespace(tmp_path: Path, namespace: str) -> None:
    assert answer(tmp_path, "ip", "netns", "exec", namespace) == "True"


@pytest.mark.parametrize(("setting", "expected"), [("yes", True), ("no", False)])
def test_the_administrator_has_the_last_word(setting: str, expected: bool) -> None:
    assert main._may_change(Config(change=setting)) is expected
