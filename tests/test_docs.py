"""The pages name files, links, targets and libraries that exist."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/DESIGN.md")])
FOLDERS = (
    "common",
    "docs",
    "mpathalert",
    "networkd",
    "perfmon",
    "rrdd",
    "sm",
    "snapwatchd",
    "tests",
    "xapi",
    "xenopsd",
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PROGRAMS = {"xe", "rrd2csv"}
"""Scripts that are no daemons."""
UNITS = sorted(ROOT.glob("*/service/*.service"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_leads_nowhere_that_is_not(page: Path) -> None:
    text = page.read_text()
    links = [link for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text) if "://" not in link]
    named = [name for name in re.findall(r"`([a-z][\w./-]*)`", text) if name.split("/")[0] in FOLDERS and "/" in name]

    assert [link for link in links if not (page.parent / link).exists()] == []
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_targets_of_the_makefile(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", page.read_text(), re.MULTILINE))

    assert named - targets == set()


def test_every_dependency_says_why_it_is_there() -> None:
    page = (ROOT / "docs/dependencies.md").read_text()
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]

    names = [re.split(r"[<>=\[]", requirement)[0] for requirement in wanted]

    assert [name for name in names if not re.search(rf"\b{re.escape(name)}\b", page)] == []


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_locks_name_no_host_and_pin_all_by_hash(lock: str) -> None:
    text = (ROOT / lock).read_text()
    blocks = re.findall(r"^([\w.-]+)==\S+ \\\n((?:    .*\n)+)", text, re.MULTILINE)

    assert "://" not in text
    assert len(blocks) == len(re.findall(r"^[\w.-]+==", text, re.MULTILINE))
    assert all("--hash=sha256:" in block for _, block in blocks)
    wanted = {re.split(r"[<>=\[]", each)[0].lower() for each in PROJECT["dependencies"]}
    assert wanted - {name for name, _ in blocks} == set()


def test_the_javascript_lock_names_no_place_to_download_from() -> None:
    assert '"resolved"' not in (ROOT / "tests/clients/package-lock.json").read_text()


def test_every_daemon_has_a_unit() -> None:
    assert {unit.stem for unit in UNITS} == set(PROJECT["scripts"]) - PROGRAMS


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_its_daemon_and_starts_it_again(unit: Path) -> None:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(unit)

    assert parsed["Service"]["ExecStart"] == f"/usr/sbin/{unit.stem}"
    assert PROJECT["scripts"][unit.stem].split(".")[0] == unit.parts[-3]
    assert parsed["Service"]["Type"] == "notify"
    assert (parsed["Service"]["Restart"], parsed["Service"]["RestartSec"]) == ("always", "1")
    assert parsed["Unit"]["StartLimitIntervalSec"] == "0"
    assert f"{unit.stem}.service" in (ROOT / "xapi/service/toolstack.target").read_text()
