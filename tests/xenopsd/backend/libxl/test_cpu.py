"""What libxl is told to hide of a host's CPU features."""

from __future__ import annotations

from xenopsd.backend.libxl.cpu import REGISTERS, hidden


def test_nothing_is_hidden_where_the_guest_may_have_all_of_it() -> None:
    assert hidden("ffffffff-00000001", "00000001-00000001") == []
    assert hidden("", "ffffffff") == hidden("ffffffff", "") == []


def test_registers_of_a_leaf_stand_together() -> None:
    assert hidden("00000000-00000000", "00000001-80000000") == [
        {"leaf": 1, "edx": "x" * 31 + "0", "ecx": "0" + "x" * 31},
    ]


def test_words_that_the_vm_has_not_are_hidden_whole() -> None:
    [mask] = hidden("00000000-00000000-00000000-00000000-00000000", "-".join(["00000000"] * 5 + ["00000003"]))
    assert mask == {"leaf": 7, "subleaf": 0, "ebx": "x" * 30 + "00"}


def test_words_of_a_newer_xen_are_no_registers() -> None:
    assert hidden("00000000", "-".join(["00000000"] * len(REGISTERS) + ["00000001"])) == []
