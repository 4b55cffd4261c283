"""Each daemon runs with only itself and `common`: seen in a fresh interpreter, where a static check can't look."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DAEMONS = ("xapi", "xenopsd", "rrdd", "networkd", "sm", "perfmon", "mpathalert", "snapwatchd")

IMPORT_ALL = """
import importlib, json, pkgutil, sys, threading
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, sys.argv[1] + "."):
    if not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
loaded = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps({"modules": loaded, "threads": threading.active_count()}))
"""


@pytest.mark.parametrize("daemon", DAEMONS)
def test_a_daemon_loads_no_other_and_importing_it_starts_nothing(daemon: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IMPORT_ALL, daemon],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert set(found["modules"]) & set(DAEMONS) == {daemon}
    assert found["threads"] == 1


@pytest.mark.parametrize("library", ["sqlalchemy", "numpy", "libvirt", "cffi"])
def test_a_small_daemon_does_not_load_what_it_has_no_use_for(library: str) -> None:
    code = "import sys, perfmon.main; print(sys.argv[1] in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code, library], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
