"""Marks on VMs under construction: which disks belong to work that nobody completes if we die now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from xapi.datamodel.refs import SRRef, VDIRef, VMRef
from xapi.db.database import Database

INCOMPLETE = "xapi:incomplete"
"""In a VM's `other_config` while it is being made: after a restart it is deleted, with the disks made for it."""
MAKING = "xapi:making"
"""In a VM's `other_config` while disks for it are made: after a restart those disks are deleted, and it stays."""
MADE_FOR = "made-for"
"""In `sm_config` of a disk: the id of the work for which it was made."""
IMAGE_OF = "xapi:image-of"
"""In `other_config` of a memory image: the uuid of the VM that is being suspended to it."""
OBSOLETE = "xapi:obsolete"
"""In `other_config` of a disk that is to be deleted, and could not be yet."""
MARKS = (INCOMPLETE, MAKING)


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: its id, and the uuids of the SRs on which disks are made for it."""

    id: str
    srs: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.id} {','.join(self.srs)}"

    @property
    def sm_config(self) -> dict[str, str]:
        """What each disk made for it carries."""
        return {MADE_FOR: self.id}


def parse(text: str) -> Work:
    """The work that a mark names."""
    id_, _, srs = text.partition(" ")
    return Work(id_, tuple(sr for sr in srs.split(",") if sr))


def on_srs(db: Database, srs: Iterable[SRRef]) -> Work:
    """New work that makes disks on `srs`."""
    return Work(str(uuid4()), tuple(sorted({db.sr[sr].uuid for sr in srs})))


def beside(db: Database, vdis: Iterable[VDIRef]) -> Work:
    """New work that makes a disk beside each of `vdis`."""
    return on_srs(db, (SRRef(db.vdi[vdi].SR) for vdi in vdis))


def mark(db: Database, vm: VMRef, key: str, work: Work) -> None:
    """Write the mark; it counts once it is durable."""
    db.vm.update(vm, other_config={**db.vm[vm].other_config, key: str(work)})


def unmark(db: Database, vm: VMRef, key: str) -> None:
    """Remove the mark. Safe to repeat, and when the VM is gone."""
    if vm in db.vm:
        db.vm.remove_from(vm, "other_config", key)
