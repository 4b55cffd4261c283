"""CPU features as clients see them: words of eight hexadecimal digits joined by dashes. Pure.

The words stand in the order of Xen's feature sets, each a register of a CPUID leaf. A guest may run where the host has
every feature it was booted with; a pool offers what all its hosts have.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from xapi.datamodel.enums import DomainType

WORDS = 8
_NONE = "-"  # a bit without a name in /proc/cpuinfo

_NAMES = (
    # leaf 1, edx and ecx
    "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2"
    " ss ht tm ia64 pbe",
    "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2"
    " x2apic movbe popcnt tsc_deadline_timer aes xsave - avx f16c rdrand hypervisor",
    # leaf 0x80000001, edx and ecx
    "- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow",
    "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp fma4"
    " tce - nodeid_msr - tbm topoext perfctr_core perfctr_nb - bpext ptsc perfctr_llc mwaitx",
    # leaf 0xd, subleaf 1, eax
    "xsaveopt xsavec xgetbv1 xsaves",
    # leaf 7, ebx and ecx
    "fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm cqm - mpx rdt_a avx512f avx512dq rdseed adx"
    " smap avx512ifma - clflushopt clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw avx512vl",
    "- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni vaes vpclmulqdq avx512_vnni avx512_bitalg tme"
    " avx512_vpopcntdq - la57 - - - - - rdpid - - cldemote - movdiri movdir64b enqcmd",
    # leaf 0x80000007, edx
    "- - - - - - - - nonstop_tsc",
)
_BITS = {
    name: (word, bit) for word, names in enumerate(_NAMES) for bit, name in enumerate(names.split()) if name != _NONE
}

Words = tuple[int, ...]


def parse(text: str) -> Words:
    """The words of `text`; empty for an empty one. Raises `ValueError` for what is none."""
    if not text:
        return ()
    parts = text.split("-")
    if any(len(part) != 8 for part in parts):
        raise ValueError(f"not a set of CPU features: {text!r}")
    return tuple(int(part, 16) for part in parts)


def text(words: Iterable[int]) -> str:
    """As clients read it."""
    return "-".join(f"{word:08x}" for word in words)


def from_flags(flags: str) -> str:
    """The features that /proc/cpuinfo calls by `flags`; empty on processors without CPUID."""
    words = [0] * WORDS
    for flag in flags.split():
        if flag in _BITS:
            word, bit = _BITS[flag]
            words[word] |= 1 << bit
    return text(words) if any(words) else ""


def common(sets: Sequence[str]) -> str:
    """What all of `sets` have; a shorter one has nothing in the words it lacks."""
    parsed = [parse(each) for each in sets if each]
    if not parsed:
        return ""
    return text(functools.reduce(operator.and_, column) for column in zip_longest(*parsed, fillvalue=0))


def missing(wanted: str, offered: str) -> str:
    """The features of `wanted` that `offered` lacks; empty when there are none."""
    lacking = [want & ~have for want, have in zip_longest(parse(wanted), parse(offered), fillvalue=0)]
    return text(lacking[: len(parse(wanted))]) if any(lacking) else ""


def boot_flags(host: Mapping[str, str], pool: Mapping[str, str], domain_type: DomainType) -> dict[str, str]:
    """`VM.last_boot_CPU_flags` of a VM that boots: what it sees is what every host of the pool can show it.

    `host` and `pool` are their `cpu_info`.
    """
    key = f"features_{_kind(domain_type)}_host"
    features = pool.get(key) or host.get(key) or host.get("features", "")
    return {"vendor": host.get("vendor", ""), "features": features}


def incompatible(flags: Mapping[str, str], cpu_info: Mapping[str, str], domain_type: DomainType) -> str | None:
    """Why a VM booted with `flags` may not go on on a host with `cpu_info`; None when it may, or nothing is known."""
    vendor, wanted = flags.get("vendor", ""), flags.get("features", "")
    offered = cpu_info.get(f"features_{_kind(domain_type)}") or cpu_info.get("features", "")
    if vendor and cpu_info.get("vendor") and vendor != cpu_info["vendor"]:
        return f"VM last booted on a CPU of vendor {vendor}, this host's is of {cpu_info['vendor']}"
    if not wanted or not offered:
        return None
    try:
        lacking = missing(wanted, offered)
    except ValueError as error:
        return str(error)
    return f"VM last booted on a CPU with features this host lacks: {lacking}" if lacking else None


def pool_level(hosts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """`pool.cpu_info` of a pool whose hosts have `hosts` as their cpu_info."""
    found = {
        "vendor": next((host["vendor"] for host in hosts if host.get("vendor")), ""),
        "socket_count": str(sum(int(host.get("socket_count", "0")) for host in hosts)),
        "cpu_count": str(sum(int(host.get("cpu_count", "0")) for host in hosts)),
    }
    for name in ("features_pv_host", "features_hvm_host", "features_pv", "features_hvm"):
        found[name] = common([host.get(name, "") for host in hosts])
    return {name: value for name, value in found.items() if value}


def _kind(domain_type: DomainType) -> str:
    return "pv" if domain_type is DomainType.PV else "hvm"
