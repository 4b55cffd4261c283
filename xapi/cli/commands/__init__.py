"""All commands: the modules imported here enter theirs, the generated ones follow."""

from __future__ import annotations

from xapi.cli import generated, help
from xapi.cli.table import COMMANDS

__all__ = ["COMMANDS", "FAMILIES", "help"]

generated.enter_all()
FAMILIES = ()
