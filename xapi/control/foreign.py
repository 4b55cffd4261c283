"""Domains that another toolstack made and we took over while they ran: their disks are open outside of sm.

Such a disk can't be snapshotted, cloned or resized: its guest would go on writing to what is then shared. That ends
with the domain: a VM that was rebooted, or suspended and resumed, is like any other.
"""

from __future__ import annotations

from xapi.datamodel.refs import HostRef, VMRef
from xapi.db.database import Database
from xapi.db.records import VM

KEY = "adopted_domain"
"""In other_config of the VM: the domain, and when its host booted, since domains are numbered anew after that."""


def mark(db: Database, vm: VMRef, host: HostRef, domid: int) -> None:
    """Say that the VM's domain `domid` on `host` is one that we did not make."""
    db.vm.update(vm, other_config={**db.vm[vm].other_config, KEY: _name(db, host, domid)})


def is_foreign(db: Database, row: VM) -> bool:
    """Whether the VM runs in a domain that we did not make."""
    if KEY not in row.other_config or row.resident_on not in db.host:
        return False
    return row.other_config[KEY] == _name(db, HostRef(row.resident_on), row.domid)


def _name(db: Database, host: HostRef, domid: int) -> str:
    return f"{domid}@{db.host[host].other_config.get('boot_time', '')}"
