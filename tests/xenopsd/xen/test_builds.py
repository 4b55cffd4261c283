"""The bindings compile against Debian's newest Xen and for arm64; against this machine's Xen the package does it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from common.xen import build as libxc
from tests.xenopsd.xen.packages import Suite, own_suite
from xenopsd.xen import build as libxl

pytestmark = pytest.mark.integration

NEWEST = "sid"
STRICT = (
    "-c",
    "-O1",
    "-Werror=implicit-function-declaration",
    "-Werror=incompatible-pointer-types",
    "-Werror=int-conversion",
)
AARCH64 = 183  # e_machine
X86_64 = 62
COMPILE_DEADLINE = 60.0  # seconds


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    """The C of both bindings, as cffi writes it."""
    written = []
    for name, module in (("libxl", libxl), ("libxc", libxc)):
        path = tmp_path / f"{name}.c"
        module.builder().emit_c_code(str(path))
        written.append(path)
    return written


def compiled(source: Path, *words: str, settings: dict[str, str] | None = None) -> int:
    """Compile; the machine that the object is for. Fails with what the compiler says."""
    target = source.with_suffix(".o")
    argv = [*words, *STRICT, "-o", str(target), str(source)]
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=COMPILE_DEADLINE, env=os.environ | (settings or {})
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return int.from_bytes(target.read_bytes()[18:20], "little")


def test_against_the_newest_xen(sources: list[Path], tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("no gcc")
    root = Suite(tmp_path / "newest", NEWEST).unpack("libxen-dev")
    assert (root / "usr/include/libxl.h").is_file()
    include = sysconfig.get_paths()["include"]
    for source in sources:
        assert compiled(source, "gcc", "-isystem", str(root / "usr/include"), f"-I{include}") == X86_64


def test_for_arm64(sources: list[Path], tmp_path: Path) -> None:
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    suite = Suite(tmp_path / "own", own_suite())
    compiler = suite.dependency("gcc-aarch64-linux-gnu", r"gcc-\d+-aarch64-linux-gnu")
    number = compiler.split("-")[1]
    root = suite.unpack(
        *(compiler, f"cpp-{number}-aarch64-linux-gnu", "binutils-aarch64-linux-gnu"),
        *(f"libgcc-{number}-dev-arm64-cross", "libc6-dev-arm64-cross", "linux-libc-dev-arm64-cross"),
        *(f"lib{python}-dev:arm64", "libxen-dev:arm64"),
    )
    usr = root / "usr"
    includes = [
        usr / f"lib/gcc-cross/aarch64-linux-gnu/{number}/include",
        usr / "include/aarch64-linux-gnu",
        usr / "aarch64-linux-gnu/include",
        usr / "include",
        usr / f"include/{python}",
    ]
    words = [f"{usr}/bin/aarch64-linux-gnu-{compiler.removesuffix('-aarch64-linux-gnu')}"]
    words += [f"-B{usr}/bin/aarch64-linux-gnu-", "-nostdinc"]
    for include in includes:
        words += ["-isystem", str(include)]
    # The assembler's own libraries are not installed either.
    settings = {"LD_LIBRARY_PATH": f"{usr}/lib/x86_64-linux-gnu"}
    for source in sources:
        assert compiled(source, *words, settings=settings) == AARCH64
