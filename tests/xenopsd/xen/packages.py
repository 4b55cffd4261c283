"""Debian packages of any suite and architecture, unpacked to a folder: none is installed, and apt stays as it was."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ARCHITECTURES = ("amd64", "arm64")
DEADLINE = 60.0  # seconds for one command
CONFIGURATION = """\
Dir::State "{folder}/state";
Dir::State::status "/dev/null";
Dir::Cache "{folder}/cache";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "-";
APT::Sandbox::User "";
APT::Architectures {{ {architectures} }};
Acquire::Languages "none";
Acquire::http::Timeout "15";
Acquire::Retries "1";
"""


class Suite:
    """A suite of the Debian mirror that this machine's apt uses. Skips the test where it is out of reach."""

    def __init__(self, folder: Path, name: str) -> None:
        self._name = name
        self._archives, self.root = folder / "archives", folder / "root"
        for path in (folder / "state/lists/partial", folder / "cache/archives/partial", self._archives, self.root):
            path.mkdir(parents=True)
        signed = f"[signed-by={KEYS}] " if KEYS.exists() else ""
        (folder / "sources.list").write_text(f"deb {signed}{_mirror()} {name} main\n")
        architectures = " ".join(f'"{each}";' for each in ARCHITECTURES)
        (folder / "apt.conf").write_text(CONFIGURATION.format(folder=folder, architectures=architectures))
        self._settings = os.environ | {"APT_CONFIG": str(folder / "apt.conf")}
        self._apt("apt-get", "-qq", "update")

    def unpack(self, *packages: str) -> Path:
        """Fetch the packages and lay their files below one root, which is answered."""
        self._apt("apt-get", "-qq", "download", *packages)
        for archive in self._archives.glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", str(archive), str(self.root)], check=True, timeout=DEADLINE)
            archive.unlink()
        return self.root

    def dependency(self, package: str, pattern: str) -> str:
        """The first dependency of `package` that matches. Skips the test if there is none."""
        found = re.search(rf"Depends: ({pattern})\n", self._apt("apt-cache", "depends", package))
        if found is None:
            pytest.skip(f"{self._name}: {package} depends on nothing like {pattern}")
        return found[1]

    def _apt(self, *words: str) -> str:
        try:
            done = subprocess.run(
                words, env=self._settings, cwd=self._archives, capture_output=True, text=True, timeout=DEADLINE
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"Debian's {self._name} is out of reach: {error}")
        if done.returncode != 0:
            pytest.skip(f"Debian's {self._name} is out of reach: {' '.join(words)}: {done.stderr.strip()[-300:]}")
        return done.stdout


def own_suite() -> str:
    """The suite of this machine. Skips the test where it has no codename."""
    try:
        text = Path("/etc/os-release").read_text()
    except OSError:
        text = ""
    found = re.search(r"^VERSION_CODENAME=(\w+)$", text, re.MULTILINE)
    if found is None or "ID=debian" not in text.split("\n"):
        pytest.skip("this machine is no Debian")
    return found[1]


def _mirror() -> str:
    shape = "$(ORIGIN) $(REPO_URI) $(COMPONENT)"
    words: Sequence[str] = ("apt-get", "indextargets", "--format", shape, "Created-By: Packages")
    try:
        listed = subprocess.run(words, capture_output=True, text=True, timeout=DEADLINE, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"no apt: {error}")
    for line in listed.splitlines():
        match line.split():
            case ["Debian", uri, "main"] if "security" not in uri:
                return uri
    pytest.skip("apt on this machine has no Debian mirror")
