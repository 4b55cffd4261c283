"""What is read from a directory, and when it is read again."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sm.driver import Format
from sm.formats import qcow2
from sm.images import catalogue, sidecar
from sm.images.catalogue import Catalogue
from sm.images.sidecar import Sidecar

A, B, C = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abc")
SIZE = 1 << 20


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / f"{A}.raw").write_bytes(bytes(SIZE))
    qcow2.write_empty(tmp_path / f"{B}.qcow2", SIZE, f"{A}.raw", "raw")
    qcow2.write_empty(tmp_path / f"{C}.qcow2", SIZE, f"{B}.qcow2", "qcow2")
    sidecar.write(tmp_path / f"{C}.json", Sidecar(name_label="top"))
    return tmp_path


def age(directory: Path) -> None:
    """As if the last change had been a while ago."""
    past = time.time_ns() - 10 * catalogue.TICK
    os.utime(directory, ns=(past, past))


def test_images_with_parents_and_names(directory: Path) -> None:
    images = Catalogue(directory).all()

    assert {uuid: (image.parent, image.about.name_label) for uuid, image in images.items()} == {
        A: ("", ""),
        B: (A, ""),
        C: (B, "top"),
    }


def test_chains_are_followed_to_the_end(directory: Path) -> None:
    found = Catalogue(directory).chain(C)

    assert [(image.uuid, image.format) for image in found] == [(C, Format.QCOW2), (B, Format.QCOW2), (A, Format.RAW)]


def test_a_chain_that_bites_its_tail_ends(directory: Path) -> None:
    (directory / f"{A}.raw").unlink()
    qcow2.write_empty(directory / f"{A}.qcow2", SIZE, f"{C}.qcow2", "qcow2")

    assert len(Catalogue(directory).chain(C)) == 3


def test_other_files_are_no_images(directory: Path) -> None:
    for name in ("sr.json", f"{A}.qcow2.bak", f"x{A}.raw", f"{A}.vhd", f".split-{A}.json", "disk.qcow2"):
        (directory / name).write_bytes(b"")

    assert Catalogue(directory).all().keys() == {A, B, C}


def test_an_unchanged_directory_is_not_read_again(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Catalogue(directory)
    age(directory)
    before = read.all()
    monkeypatch.setattr(qcow2, "read_header", None)
    monkeypatch.setattr(sidecar, "read", None)
    monkeypatch.setattr(os, "scandir", None)

    assert read.all() == before


@pytest.mark.parametrize("aged", [True, False])
def test_every_change_is_seen_at_once(directory: Path, aged: bool) -> None:
    read = Catalogue(directory)

    def now() -> dict[str, tuple[int, str]]:
        return {uuid: (image.virtual_size, image.about.name_label) for uuid, image in read.all().items()}

    if aged:
        age(directory)
    now()
    sidecar.write(directory / f"{B}.json", Sidecar(name_label="named"))
    assert now()[B] == (SIZE, "named")
    (directory / f"{C}.json").unlink()
    assert now()[C] == (SIZE, "")
    with (directory / f"{A}.raw").open("ab") as file:
        file.truncate(2 * SIZE)
    assert now()[A] == (2 * SIZE, "")
    (directory / f"{C}.qcow2").unlink()
    assert C not in now()


def test_where_a_qcow2_image_took_over_from_a_raw_one_it_counts(directory: Path) -> None:
    (directory / f"{B}.raw").write_bytes(b"")

    read = Catalogue(directory)

    assert read.all()[B].format is Format.QCOW2
    assert read.get(B) == read.all()[B]
    assert [path.name for path in read.orphans()] == [f"{B}.raw"]


def test_what_a_crash_left_is_found(directory: Path) -> None:
    gone = "dddddddd-0000-4000-8000-000000000000"
    (directory / f"{gone}.json").write_text("{}")
    (directory / f"{gone}.new").write_text("")

    assert {path.name for path in Catalogue(directory).orphans()} == {f"{gone}.json", f"{gone}.new"}


def test_a_sidecar_that_cannot_be_read_costs_only_the_names(directory: Path) -> None:
    (directory / f"{C}.json").write_text("{")

    assert Catalogue(directory).all()[C].about == Sidecar()
