"""The newest values as OpenMetrics: what is an index in a source's name becomes a label. Pure.

`vbd_xvda_read` of a VM is `xapi_vm_vbd_read{uuid="…",device="xvda"}`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from common.idl.rrd import Owner
from rrdd.source import Source

INDEXED = (
    (re.compile(r"cpu(\d+)-C(\d+)"), "cpu_idle_state", ("cpu", "state")),
    (re.compile(r"cpu(\d+)-P(\d+)"), "cpu_frequency_state", ("cpu", "state")),
    (re.compile(r"CPU(\d+)-avg-freq"), "cpu_frequency", ("cpu",)),
    (re.compile(r"cpu(\d+)"), "cpu", ("cpu",)),
    (re.compile(r"vbd_([^_]+)_(?P<rest>\w+)"), "vbd_", ("device",)),
    (re.compile(r"vif_([^_]+)_(?P<rest>\w+)"), "vif_", ("vif",)),
    (re.compile(r"pif_(.+?)_(?P<rest>(?:rx|tx)(?:_errors)?)"), "pif_", ("interface",)),
    (re.compile(r"sr_([0-9a-f-]{36})_(?P<rest>\w+)"), "sr_", ("sr",)),
    (re.compile(r"(?P<rest>[a-z_]+)_([0-9a-f]{8})"), "sr_", ("sr",)),
)
NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_]")


@dataclass(slots=True)
class _Family:
    help: str
    lines: dict[str, str] = field(default_factory=dict)
    """By labels: doubles of one family would make the whole answer unreadable."""


def text(databases: Iterable[tuple[Owner, str, Mapping[str, Source], Mapping[str, float]]]) -> str:
    """All values that are known, by family; without the end mark."""
    families: dict[str, _Family] = {}
    for owner, uuid, sources, newest in databases:
        for name, value in newest.items():
            if math.isnan(value):
                continue
            family_name, labels = _name(owner, name)
            source = sources[name]
            family = families.setdefault(family_name, _Family(_escape(f"{source.doc} [{source.units}]")))
            written = ",".join(f'{key}="{_escape(label)}"' for key, label in {"uuid": uuid, **labels}.items())
            family.lines[written] = f"{family_name}{{{written}}} {value!r}"
    return "".join(
        f"# TYPE {name} gauge\n# HELP {name} {family.help}\n" + "".join(f"{line}\n" for line in family.lines.values())
        for name, family in families.items()
    )


def _name(owner: Owner, name: str) -> tuple[str, dict[str, str]]:
    for pattern, family, labels in INDEXED:
        found = pattern.fullmatch(name)
        if found is None:
            continue
        rest = found.groupdict().get("rest", "")
        values = [group for group in found.groups() if group != rest or not rest]
        return NOT_IN_A_NAME.sub("_", f"xapi_{owner}_{family}{rest}"), dict(zip(labels, values, strict=False))
    return NOT_IN_A_NAME.sub("_", f"xapi_{owner}_{name}"), {}


def _escape(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
