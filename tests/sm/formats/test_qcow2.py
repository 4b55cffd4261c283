"""Our qcow2 headers against QEMU's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from sm.formats import qcow2

MIB = 1 << 20


def made_by_qemu(path: Path, size: str, *options: str) -> None:
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *options, str(path), size], check=True, timeout=30)


def seen_by_qemu(path: Path) -> dict[str, object]:
    command = ["qemu-img", "info", "--output=json", str(path)]
    answer: dict[str, object] = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=30).stdout)
    return answer


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-o", "compat=0.10"),
        ("-o", "cluster_size=4k"),
        ("-o", "cluster_size=2M"),
        ("-o", "extended_l2=on"),
        ("-o", "lazy_refcounts=on"),
        ("-o", "preallocation=metadata"),
    ],
    ids=" ".join,
)
def test_headers_of_images_that_qemu_made(tmp_path: Path, options: tuple[str, ...]) -> None:
    path = tmp_path / "disk.qcow2"
    made_by_qemu(path, "3G", *options)

    header = qcow2.read_header(path)

    assert (header.virtual_size, header.backing) == (3 << 30, "")
    assert qcow2.is_empty(path, header) is ("preallocation=metadata" not in options)


@pytest.mark.parametrize("name", ["base.qcow2", "with space,comma.qcow2", "ä" * 60])
def test_backing_names_of_images_that_qemu_made(tmp_path: Path, name: str) -> None:
    made_by_qemu(tmp_path / name, "1M")
    made_by_qemu(tmp_path / "top.qcow2", "1M", "-b", name, "-F", "qcow2")

    assert qcow2.read_header(tmp_path / "top.qcow2").backing == name


@pytest.mark.parametrize("size", [64 * 1024, 512 * MIB, 512 * MIB + 65536, 3 << 40, qcow2.MAX_SIZE])
def test_our_images_are_sound_to_qemu(tmp_path: Path, size: int) -> None:
    path = tmp_path / "disk.qcow2"

    qcow2.write_empty(path, size)

    subprocess.run(["qemu-img", "check", "-q", str(path)], check=True, timeout=30)
    assert seen_by_qemu(path)["virtual-size"] == size
    assert qcow2.is_empty(path, qcow2.read_header(path))


def test_our_overlays_show_what_is_below(tmp_path: Path) -> None:
    base, top = tmp_path / "base.raw", tmp_path / "top.qcow2"
    base.write_bytes(b"\7" * MIB)

    qcow2.write_empty(top, MIB, "base.raw", "raw")

    command = ["qemu-io", "-c", "read -P 7 0 1M", "-c", "write -P 8 64k 64k", str(top)]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout
    assert "failed" not in output
    subprocess.run(["qemu-img", "check", "-q", str(top)], check=True, timeout=30)
    assert seen_by_qemu(top)["backing-filename-format"] == "raw"
    assert not qcow2.is_empty(top, qcow2.read_header(top))


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "disk.qcow2"
    qcow2.write_empty(path, MIB)

    with pytest.raises(FileExistsError):
        qcow2.write_empty(path, MIB)


GOOD = qcow2._empty(MIB, b"base", b"raw")[0][1]


BROKEN = {
    "nothing": b"",
    "only magic": b"QFI\xfb",
    "cut": GOOD[:71],
    "vhd": b"conectix" + GOOD[8:],
    "version": GOOD[:4] + b"\0\0\0\x09" + GOOD[8:],
    "backing offset": GOOD[:8] + b"\xff" * 8 + GOOD[16:],
    "backing length": GOOD[:16] + b"\xff" * 4 + GOOD[20:],
    "clusters": GOOD[:20] + b"\xff" * 4 + GOOD[24:],
    "encrypted": GOOD[:32] + b"\0\0\0\1" + GOOD[36:],
}


@pytest.mark.parametrize("start", BROKEN.values(), ids=BROKEN)
def test_what_is_no_header_is_refused(start: bytes) -> None:
    assert qcow2.parse_header(GOOD).backing == "base"
    with pytest.raises(qcow2.FormatError):
        qcow2.parse_header(start)
