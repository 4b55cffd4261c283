from __future__ import annotations

from pathlib import Path

from common.idl.xen import VmId
from xenopsd.backend.libxl.places import Places

VM = VmId("11111111-0000-4000-8000-000000000001")


def test_a_path_stays_the_same_while_what_it_leads_to_changes(tmp_path: Path) -> None:
    places = Places(tmp_path / "places")

    first = places.point(VM, "xvda", "/dev/loop0")
    second = places.point(VM, "xvda", "/dev/loop1")

    assert first == second
    assert str(Path(first).readlink()) == "/dev/loop1"


def test_nothing_is_left_of_a_vm(tmp_path: Path) -> None:
    places = Places(tmp_path / "places")
    places.point(VM, "xvda", "/dev/loop0")
    places.point(VM, "xvdb", "/dev/loop1")

    places.forget(VM)
    places.forget(VM)

    assert [*(tmp_path / "places").iterdir()] == []
