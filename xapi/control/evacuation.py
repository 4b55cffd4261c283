"""What keeps a host from being emptied."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.datamodel.errors import CannotEvacuateHost
from xapi.datamodel.refs import HostRef, VMRef
from xapi.db.database import Database

NO_HOST = "NO_HOSTS_AVAILABLE"


def guests(db: Database, host: HostRef) -> list[VMRef]:
    """The VMs that would have to leave `host`."""
    return [vm.ref for vm in db.vm.where(resident_on=host) if not vm.is_control_domain]


def obstacles(db: Database, host: HostRef) -> Mapping[VMRef, list[str]]:
    """For each VM that can't leave: the error's code and parameters. Without another host none can."""
    return {vm: [NO_HOST, vm] for vm in guests(db, host)}


def check(db: Database, host: HostRef) -> None:
    """Raises CANNOT_EVACUATE_HOST with all obstacles."""
    found = obstacles(db, host)
    if found:
        raise CannotEvacuateHost("|".join(",".join(words) for words in found.values()))
