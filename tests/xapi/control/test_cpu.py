"""CPU features: words, levels and who may run where."""

from __future__ import annotations

import pytest

from xapi.control import cpu
from xapi.datamodel.enums import DomainType

HOST = {"vendor": "AuthenticAMD", "features_hvm": "0000000f-00000001", "features_hvm_host": "00000007-00000001"}


def test_flags_become_words_in_xens_order() -> None:
    words = cpu.parse(cpu.from_flags("fpu sse2 pni avx lm svm xsaveopt avx2 umip nonstop_tsc unheard_of"))
    assert words == (1 | 1 << 26, 1 | 1 << 28, 1 << 29, 1 << 2, 1, 1 << 5, 1 << 2, 1 << 8)
    assert cpu.from_flags("fp asimd evtstrm") == ""


def test_text_and_words_are_the_same_thing() -> None:
    assert cpu.text(cpu.parse("1789cbf5-f7fa3223")) == "1789cbf5-f7fa3223"
    assert cpu.parse("") == ()
    with pytest.raises(ValueError, match="CPU features"):
        cpu.parse("12-34")


def test_a_pool_has_what_all_have_and_the_shorter_lacks_the_rest() -> None:
    assert cpu.common(["0000000f-00000003", "00000006"]) == "00000006-00000000"
    assert cpu.common(["0000000f", ""]) == "0000000f"
    level = cpu.pool_level([HOST | {"cpu_count": "4"}, HOST | {"features_hvm": "00000003", "cpu_count": "2"}])
    assert (level["features_hvm"], level["cpu_count"]) == ("00000003-00000000", "6")


@pytest.mark.parametrize(
    ("features", "lacking"),
    [("0000000f-00000001", ""), ("0000001f", "00000010"), ("00000001-00000001-80000000", "00000000-00000000-80000000")],
)
def test_a_host_must_have_every_feature_a_vm_was_booted_with(features: str, lacking: str) -> None:
    assert cpu.missing(features, HOST["features_hvm"]) == lacking
    reason = cpu.incompatible({"vendor": "AuthenticAMD", "features": features}, HOST, DomainType.HVM)
    assert (reason is None) == (not lacking)


def test_another_vendor_is_refused_and_the_unknown_is_not() -> None:
    reason = cpu.incompatible({"vendor": "GenuineIntel", "features": ""}, HOST, DomainType.PVH)
    assert reason is not None
    assert "GenuineIntel" in reason
    assert cpu.incompatible({}, HOST, DomainType.HVM) is None
    assert cpu.incompatible(cpu.boot_flags(HOST, {}, DomainType.HVM), {}, DomainType.HVM) is None


def test_what_a_vm_boots_with_is_what_its_type_is_given() -> None:
    assert cpu.boot_flags(HOST, {}, DomainType.HVM) == {"vendor": "AuthenticAMD", "features": "00000007-00000001"}
    assert cpu.boot_flags(HOST, {"features_hvm_host": "00000003"}, DomainType.PVH)["features"] == "00000003"
    assert cpu.boot_flags(HOST, {}, DomainType.PV) == {"vendor": "AuthenticAMD", "features": ""}
