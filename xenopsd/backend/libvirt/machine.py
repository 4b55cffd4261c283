"""This machine as its kernel describes it. The parsers are pure."""

from __future__ import annotations

from pathlib import Path

from common.idl.xen import CpuInfo

CPUINFO, MEMINFO = Path("/proc/cpuinfo"), Path("/proc/meminfo")
NODES = Path("/sys/devices/system/node")


def cpu(text: str, nodes: int = 1) -> CpuInfo:
    """From the text of /proc/cpuinfo."""
    processors = [_pairs(block) for block in text.strip().split("\n\n") if "processor" in block]
    first = processors[0] if processors else {}
    count = max(len(processors), 1)
    sockets = len({each.get("physical id", "0") for each in processors}) or 1
    cores = len({(each.get("physical id", "0"), each.get("core id", str(n))) for n, each in enumerate(processors)})
    return CpuInfo(
        cpu_count=count,
        socket_count=sockets,
        threads_per_core=max(count // max(cores, 1), 1),
        vendor=first.get("vendor_id", first.get("CPU implementer", "unknown")),
        speed=float(first.get("cpu MHz", "0") or 0),
        model_name=first.get("model name", "unknown"),
        family=first.get("cpu family", ""),
        model=first.get("model", ""),
        stepping=first.get("stepping", ""),
        flags=first.get("flags", first.get("Features", "")),
        nodes=nodes,
    )


def memory(text: str) -> tuple[int, int]:
    """Total and available bytes, from the text of /proc/meminfo."""
    sizes = _pairs(text)
    return tuple(int(sizes[name].split()[0]) << 10 for name in ("MemTotal", "MemAvailable"))  # type: ignore[return-value]


def nodes() -> int:
    """NUMA nodes."""
    return len(list(NODES.glob("node[0-9]*"))) or 1


def _pairs(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
