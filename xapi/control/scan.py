"""What a scan of an SR changes in the database: a pure comparison of rows with the disks that are on the SR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from common.idl.storage import VdiInfo
from xapi.datamodel.enums import VDIType
from xapi.datamodel.refs import VDIRef
from xapi.datamodel.types import NEVER
from xapi.db.records import VDI

PROTECTED = ("paused", "vhd-blocks", "relinking", "activating", "key_hash")
"""Keys of `sm_config` that are xapi's and drivers' marks on a row, not facts on the SR; `host_…` are too."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What must be done to the rows of one SR."""

    introduced: tuple[VdiInfo, ...] = ()
    forgotten: tuple[VDIRef, ...] = ()
    updated: Mapping[VDIRef, Mapping[str, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.introduced or self.forgotten or self.updated)


def difference(rows: Iterable[VDI], found: Iterable[VdiInfo], *, keep_missing: bool = False) -> Difference:
    """Compare by location. `keep_missing`: rows without a disk are marked missing instead of forgotten (tools SR)."""
    by_location = {row.location: row for row in rows}
    present = {disk.vdi: disk for disk in found}
    gone = [row for location, row in by_location.items() if location not in present]
    updated: dict[VDIRef, Mapping[str, Any]] = {}
    for location, disk in present.items():
        row = by_location.get(location)
        if row is not None and (changed := changes(row, disk)):
            updated[row.ref] = changed
    if keep_missing:
        updated.update({row.ref: {"missing": True} for row in gone if not row.missing})
        gone = []
    return Difference(
        introduced=tuple(disk for location, disk in present.items() if location not in by_location),
        forgotten=tuple(row.ref for row in gone),
        updated=updated,
    )


def changes(row: VDI, disk: VdiInfo) -> dict[str, Any]:
    """The fields of `row` that the disk on the SR contradicts. Names are the database's own once a row exists."""
    observed = {
        "virtual_size": disk.virtual_size,
        "physical_utilisation": disk.physical_utilisation,
        "read_only": disk.read_only,
        "managed": disk.managed,
        "missing": disk.missing,
        "cbt_enabled": disk.cbt_enabled,
        "sm_config": merged(row.sm_config, disk.sm_config),
    }
    return {name: value for name, value in observed.items() if getattr(row, name) != value}


def merged(ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """`theirs`, with the protected keys as we have them."""
    kept = {key: value for key, value in ours.items() if _protected(key)}
    return {key: value for key, value in theirs.items() if not _protected(key)} | kept


def fields(disk: VdiInfo) -> dict[str, Any]:
    """The fields of a new row for `disk`, without its SR and its `snapshot_of`, which is a reference."""
    return {
        "name_label": disk.name_label,
        "name_description": disk.name_description,
        "type": vdi_type(disk.type),
        "virtual_size": disk.virtual_size,
        "physical_utilisation": disk.physical_utilisation,
        "read_only": disk.read_only,
        "sharable": disk.sharable,
        "managed": disk.managed,
        "missing": disk.missing,
        "location": disk.vdi,
        "sm_config": dict(disk.sm_config),
        "is_a_snapshot": disk.is_a_snapshot,
        "snapshot_time": moment(disk.snapshot_time),
        "cbt_enabled": disk.cbt_enabled,
        "is_tools_iso": disk.sm_config.get("xs-tools") == "true",
    }


def vdi_type(text: str) -> VDIType:
    """A type as a driver writes it; what the XenAPI has no word for is a user's disk."""
    try:
        return VDIType(text)
    except ValueError:
        return VDIType.USER


def moment(text: str) -> datetime:
    """`20261124T15:00:00Z`; anything else is never."""
    try:
        return datetime.strptime(text, "%Y%m%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return NEVER


def written(when: datetime) -> str:
    """The opposite of `moment`."""
    return when.astimezone(UTC).strftime("%Y%m%dT%H:%M:%SZ")


def _protected(key: str) -> bool:
    return key in PROTECTED or key.startswith("host_")
