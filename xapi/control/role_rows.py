"""The rows of class role: seven roles, and each permission as a role of its own. Fixed by the datamodel, not stored.

A permission's uuid is the MD5 of its name, so that it is the same on every host and in every version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from uuid import UUID

from xapi.auth.roles import grants
from xapi.datamodel import CLASSES
from xapi.datamodel.http_actions import HTTP_ACTIONS
from xapi.datamodel.refs import RoleRef
from xapi.datamodel.roles import EXTRA_PERMISSIONS, ROLES
from xapi.datamodel.types import Role as RoleName
from xapi.datamodel.wire import MESSAGES
from xapi.db import records
from xapi.db.store import Store
from xapi.db.table import Table

PERMISSION = "A basic permission"
DESCRIPTIONS: Mapping[RoleName, str] = {
    RoleName.POOL_ADMIN: "Everything, the control domain and the roles of others included",
    RoleName.POOL_OPERATOR: "Manages hosts and the pool: storage, networks, updates, availability",
    RoleName.VM_POWER_ADMIN: "Manages VMs and templates, where they run, their memory and their snapshots",
    RoleName.VM_ADMIN: "Manages VMs and templates",
    RoleName.VM_OPERATOR: "Uses VMs and their consoles",
    RoleName.READ_ONLY: "Logs in and looks",
    RoleName.CLIENT_CERT: "What helpers may do that show a client certificate",
}


def permission_uuid(name: str) -> str:
    """uuid of the permission `name`, letters as the datamodel writes them."""
    return str(UUID(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()))


def permission_names() -> Iterator[str]:
    """Every permission, letters as the datamodel writes them."""
    for message in MESSAGES.values():
        yield message.name
        for key, _ in message.message.key_roles:
            yield f"{message.name}/key:{key}"
    for action in HTTP_ACTIONS:
        yield action.permission
        for sub, _ in action.sub_actions:
            yield f"{action.permission}/{sub}"
    yield from EXTRA_PERMISSIONS


def reference(uuid: str) -> RoleRef:
    """The reference of the role with this uuid."""
    return RoleRef(f"OpaqueRef:{uuid}")


@cache
def table() -> Table[records.Role]:
    """All rows, in memory."""
    return store().table("role")


@cache
def store() -> Store:
    """A store that holds nothing but roles."""
    found = Store({"role": CLASSES["role"]}, {"role": records.Role}, ())
    rows: Table[records.Role] = found.table("role")
    held: dict[RoleName, list[str]] = {role: [] for role in ROLES}
    granted = grants()
    for name in dict.fromkeys(permission_names()):
        holders = granted.get(name.lower()) or granted.get(name) or frozenset()
        if not holders:
            continue
        uuid = permission_uuid(name)
        if reference(uuid) in rows:
            continue
        rows.create(
            ref=reference(uuid), uuid=uuid, name_label=name.lower(), name_description=PERMISSION, is_internal=True
        )
        for role in holders & held.keys():
            held[role].append(reference(uuid))
    for role, row in ROLES.items():
        rows.create(
            ref=reference(row.uuid),
            uuid=row.uuid,
            name_label=str(role),
            name_description=DESCRIPTIONS[role],
            subroles=tuple(held[role]),
            is_internal=row.internal,
        )
    return found
