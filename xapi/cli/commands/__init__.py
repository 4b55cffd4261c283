"""All commands: the modules imported here enter theirs, the generated ones follow."""

from __future__ import annotations

from xapi.cli import generated, help
from xapi.cli.commands import (
    adopt,
    disks,
    files,
    graphs,
    host,
    install,
    network,
    objects,
    other,
    pool,
    snapshot,
    storage,
    vm,
)
from xapi.cli.table import COMMANDS

__all__ = ["COMMANDS", "FAMILIES"]

FAMILIES = (help, adopt, disks, files, graphs, host, install, network, objects, other, pool, snapshot, storage, vm)

generated.enter_all()
