"""Which images go."""

from __future__ import annotations

from sm.driver import Format
from sm.gc.plan import garbage
from sm.images.catalogue import Image
from sm.images.sidecar import Sidecar


def image(uuid: str, parent: str = "", *, hidden: bool = False, damaged: bool = False) -> Image:
    return Image(uuid, Format.QCOW2, 0, 0, parent, Sidecar(hidden=hidden), damaged)


def tree(*images: Image) -> dict[str, Image]:
    return {each.uuid: each for each in images}


def test_bases_with_a_disk_above_them_stay() -> None:
    assert garbage(tree(image("a", hidden=True), image("b", "a", hidden=True), image("c", "b"), image("d", "a"))) == []


def test_a_chain_of_bases_goes_from_the_top_down() -> None:
    images = tree(image("a", hidden=True), image("b", "a", hidden=True), image("c", "b", hidden=True))

    assert garbage(images) == ["c", "b", "a"]


def test_a_base_stays_as_long_as_one_of_its_children() -> None:
    images = tree(image("a", hidden=True), image("b", "a", hidden=True), image("c", "a"))

    assert garbage(images) == ["b"]


def test_visible_disks_are_never_garbage() -> None:
    assert garbage(tree(image("a"), image("b", "a", hidden=True))) == ["b"]


def test_nothing_goes_while_a_damaged_image_may_need_it() -> None:
    assert garbage(tree(image("a", hidden=True), image("b", damaged=True))) == []
