"""The host's iSCSI initiator name, in the file that open-iscsi reads."""

from __future__ import annotations

import re

from common.config import under_root
from common.files import write_atomically
from xapi.datamodel.errors import InvalidValue

PATH = "/etc/iscsi/initiatorname.iscsi"
IQN = re.compile(r"(iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+(:\S+)?|eui\.[0-9A-Fa-f]{16})")


def write(iqn: str) -> None:
    """Make `iqn` the initiator's name. Raises INVALID_VALUE."""
    if not IQN.fullmatch(iqn):
        raise InvalidValue("value", iqn)
    write_atomically(under_root(PATH), f"InitiatorName={iqn}\n".encode(), mode=0o600)
