"""kill -9 loses nothing acknowledged, and acknowledgements of many share one sync. Real processes and disks."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from xapi.db.database import Database

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]

WRITER = """
import asyncio, sys
from pathlib import Path
from xapi.db.database import Database

async def write(db, name, rounds):
    vm = db.vm.create(name_label=name)
    for number in range(1, rounds + 1):
        db.vm.update(vm.ref, order=number)
        db.vm.delete(db.vm.create(name_label=f"brief {name} {number}").ref)
        kept = db.vbd.create(VM=vm.ref, userdevice=str(number))
        await db.durable()
        print(vm.ref, kept.ref, number, flush=True)

async def main():
    db = Database(Path(sys.argv[1]))
    async with asyncio.TaskGroup() as group:
        for writer in range(int(sys.argv[2])):
            group.create_task(write(db, str(writer), int(sys.argv[3])))
    print("commits", db.commits, flush=True)

asyncio.run(main())
"""


def writer(path: Path, writers: int, rounds: int) -> list[str]:
    return [sys.executable, "-c", WRITER, str(path), str(writers), str(rounds)]


@pytest.mark.parametrize("lines", [1, 40, 400])
def test_kill_9_loses_nothing_acknowledged(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "xapi.db"
    process = subprocess.Popen(writer(path, 8, 1_000_000), stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout
    acknowledged = [process.stdout.readline() for _ in range(lines)]
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().splitlines(keepends=True)
    process.wait(10)
    acknowledged += [line for line in rest if line.endswith("\n")]

    db = Database(path)
    assert len(acknowledged) >= lines
    orders: dict[str, int] = {}
    for line in acknowledged:
        vm, vbd, number = line.split()
        orders[vm] = max(orders.get(vm, 0), int(number))
        assert vm == db.vbd[vbd].VM
        assert vbd in db.vm[vm].VBDs
    for vm, order in orders.items():
        assert db.vm[vm].order >= order
    assert not [row for row in db.vm.rows() if row.name_label.startswith("brief")], "half a transaction"
    db.close()


def test_syncs_are_counted_per_acknowledged_batch(tmp_path: Path) -> None:
    """The kernel sees about one sync per commit, and sixteen writers share each."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: syncs cannot be counted")
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-e", "trace=fsync,fdatasync", "-o", str(trace), *writer(tmp_path / "xapi.db", 16, 60)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    if "ptrace" in result.stderr:
        pytest.skip(f"strace may not trace here: {result.stderr[:100]}")
    assert result.returncode == 0, result.stderr
    *acknowledged, counted = result.stdout.splitlines()
    commits = int(counted.split()[1])
    syncs = len(re.findall(r"(?:fsync|fdatasync)\(\d+\) += 0", trace.read_text("utf-8")))

    assert len(acknowledged) == 16 * 60
    assert commits <= len(acknowledged) / 4
    assert commits <= syncs <= commits + 40  # opening the file and folding the write-ahead log sync too


def test_each_acknowledgement_of_one_writer_has_its_own_sync(tmp_path: Path) -> None:
    result = subprocess.run(
        writer(tmp_path / "xapi.db", 1, 50), capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    assert result.stdout.splitlines()[-1] == "commits 50"
