"""The roles that a subject can have, from the most to the least privileged; CLIENT_CERT is for hosts and helpers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xapi.datamodel.types import Role


@dataclass(frozen=True, slots=True)
class RoleRow:
    """What the row of a role holds from the first start on; its reference is `OpaqueRef:<uuid>`."""

    role: Role
    uuid: str
    internal: bool = False
    """Not offered to administrators."""


ROLES: Mapping[Role, RoleRow] = {
    row.role: row
    for row in (
        RoleRow(Role.POOL_ADMIN, "0165f154-ba3e-034e-6b27-5d271af109ba"),
        RoleRow(Role.POOL_OPERATOR, "b9ce9791-0604-50cd-0649-09b3284c7dfd"),
        RoleRow(Role.VM_POWER_ADMIN, "7955168d-7bec-10ed-105f-c6a7e6e63249"),
        RoleRow(Role.VM_ADMIN, "aaa00ab5-7340-bfbc-0d1b-7cf342639a6e"),
        RoleRow(Role.VM_OPERATOR, "fb8d4ff9-310c-a959-0613-54101535d3d5"),
        RoleRow(Role.CLIENT_CERT, "2c42debf-c64a-2ecd-f674-3350f06409f7", internal=True),
        RoleRow(Role.READ_ONLY, "7233b8e3-eacb-d7da-2c95-f2e581cdbf4e"),
    )
}

EXTRA_PERMISSIONS: Mapping[str, Role] = {
    "task.destroy/any": Role.POOL_OPERATOR,
}
"""Permissions that are no message of their own, with their least role."""
