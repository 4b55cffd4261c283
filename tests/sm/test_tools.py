"""The guest agent and its xenstore client, on a machine that only looks like a guest."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sm import tools_iso

TOOLS = Path(tools_iso.__file__).parent / "tools"
SHELLS = [shell for shell in (["sh"], ["busybox", "sh"]) if shutil.which(shell[0])]


@pytest.fixture
def guest(tmp_path: Path) -> dict[str, str]:
    """A Debian guest with VIF 3 (which has two addresses by a fake `ip`) and a second CPU."""
    sys, proc, etc, tools = (tmp_path / name for name in ("sys", "proc", "etc", "bin"))
    device = sys / "devices/vif-3"
    (sys / "bus/xen/drivers/vif").mkdir(parents=True)
    device.mkdir(parents=True)
    (device / "driver").symlink_to(sys / "bus/xen/drivers/vif")
    (sys / "class/net/eth0").mkdir(parents=True)
    (sys / "class/net/eth0/device").symlink_to(device)
    (sys / "class/net/lo").mkdir()
    (sys / "devices/system/xen_memory/xen_memory0").mkdir(parents=True)
    (proc / "sys/kernel").mkdir(parents=True)
    (proc / "sys/kernel/osrelease").write_text("6.1.0-30-amd64\n")
    (proc / "sys/kernel/hostname").write_text("web\n")
    (proc / "meminfo").write_text("MemTotal:  2048 kB\nMemFree:  100 kB\nMemAvailable:    512 kB\n")
    etc.mkdir()
    (etc / "os-release").write_text('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nVERSION_ID="12"\n')
    tools.mkdir()
    program = tools / "ip"
    program.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        "*'inet addr'*dev\\ eth0) echo '2: eth0    inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0' ;;\n"
        "*'inet6 addr'*dev\\ eth0) echo '2: eth0    inet6 fe80::1/64 scope link' ;;\n"
        "esac\n"
    )
    program.chmod(0o755)
    (tools / "store").mkdir()
    for name, body in {
        "write": 'mkdir -p "$(dirname "$STORE/$1")"; printf %s "$2" >"$STORE/$1"',
        "rm": 'rm -r "$STORE/$1"',
        "list": 'ls "$STORE/$1"',
        "read": 'cat "$STORE/$1"',
    }.items():
        (tools / f"xenstore-{name}").write_text(f"#!/bin/sh\n{body}\n")
        (tools / f"xenstore-{name}").chmod(0o755)
    return os.environ | {
        "SYS": str(sys),
        "PROC": str(proc),
        "ETC": str(etc),
        "IP": str(program),
        "STORE": str(tools / "store"),
        "PATH": f"{tools}:{os.environ['PATH']}",
    }


def run(shell: list[str], guest: dict[str, str], *args: str) -> str:
    argv = [*shell, str(TOOLS / "agent.sh"), *args]
    return subprocess.run(argv, env=guest, capture_output=True, text=True, check=True, timeout=30).stdout


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_the_agent_tells_system_memory_and_addresses(shell: list[str], guest: dict[str, str]) -> None:
    told = dict(line.split(" ", 1) for line in run(shell, guest, "--print").splitlines())
    assert told["data/os_name"] == "Debian GNU/Linux 12"
    assert (told["data/os_distro"], told["data/os_majorver"]) == ("debian", "12")
    assert (told["data/os_uname"], told["data/meminfo_free"]) == ("6.1.0-30-amd64", "512")
    assert (told["attr/vif/3/ipv4/0"], told["attr/vif/3/ipv6/0"]) == ("192.0.2.7", "fe80::1")
    assert told["control/feature-balloon"] == told["control/feature-suspend"] == "1"
    assert "control/feature-vcpu-hotplug" not in told


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_the_agent_writes_to_xenstore_and_forgets_addresses_that_are_gone(
    shell: list[str], guest: dict[str, str]
) -> None:
    store = Path(guest["STORE"])
    gone = store / "attr/vif/3/ipv4/1"
    gone.parent.mkdir(parents=True)
    gone.write_text("192.0.2.8")
    run(shell, guest, "--once")
    assert not gone.exists()
    assert (store / "attr/vif/3/ipv4/0").read_text() == "192.0.2.7"
    assert (store / "data/updated").read_text().isdigit()


def test_the_xenstore_client_compiles_without_a_warning_and_knows_its_use(tmp_path: Path) -> None:
    if not shutil.which("cc"):
        pytest.skip("no C compiler")
    program = tmp_path / "xenstore"
    source = str(TOOLS / "xenstore.c")
    subprocess.run(["cc", "-Os", "-Wall", "-Wextra", "-Werror", "-o", str(program), source], check=True, timeout=60)
    assert subprocess.run([program], capture_output=True, check=False, timeout=10).returncode == 2
