"""Who may call what: roles to permissions, and the check of one call."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from xapi.datamodel.errors import RbacPermissionDenied
from xapi.datamodel.http_actions import HTTP_ACTIONS
from xapi.datamodel.roles import EXTRA_PERMISSIONS
from xapi.datamodel.types import Role
from xapi.datamodel.wire import MESSAGES

RANKS = (
    Role.POOL_ADMIN,
    Role.POOL_OPERATOR,
    Role.VM_POWER_ADMIN,
    Role.VM_ADMIN,
    Role.VM_OPERATOR,
    Role.READ_ONLY,
)
"""From the most to the least privileged: each may do what those after it may."""


def holders(roles: Iterable[Role]) -> frozenset[Role]:
    """Every role that may do what `roles` (the least privileged one, CLIENT_CERT beside it) may."""
    found: set[Role] = set()
    for role in roles:
        if role is Role.CLIENT_CERT:
            found.add(role)
        elif role in RANKS:
            found.update(RANKS[: RANKS.index(role) + 1])
    return frozenset(found)


@cache
def grants() -> dict[str, frozenset[Role]]:
    """The roles that hold each permission: messages, keys of maps, HTTP handlers."""
    found: dict[str, frozenset[Role]] = {}
    for message in MESSAGES.values():
        name = message.name.lower()
        found[name] = holders(message.message.roles)
        for key, role in message.message.key_roles:
            found[key_permission(name, key)] = holders((role,))
    for action in HTTP_ACTIONS:
        found[action.permission] = holders(action.roles)
        for sub, roles in action.sub_actions:
            found[f"{action.permission}/{sub}"] = holders(roles)
    for name, role in EXTRA_PERMISSIONS.items():
        found[name] = holders((role,))
    return found


@cache
def permissions_of(role: Role) -> frozenset[str]:
    """All permissions of one role."""
    return frozenset(name for name, roles in grants().items() if role in roles)


def permissions(roles: Iterable[Role]) -> frozenset[str]:
    """All permissions of a subject with these roles."""
    return frozenset().union(*(permissions_of(role) for role in roles))


def key_permission(permission: str, key: str) -> str:
    """The permission for one key of a map, `key` as the datamodel writes it."""
    return f"{permission}/key:{key}".lower()


def permission_for(permission: str, keys: Iterable[str], key: str) -> str:
    """The permission needed to touch `key`; those of `keys` (a trailing `*` is a prefix) have one of their own."""
    for pattern in keys:
        if key == pattern or (pattern.endswith("*") and key.startswith(pattern[:-1])):
            return key_permission(permission, pattern)
    return permission


def denied(permission: str) -> RbacPermissionDenied:
    """The error for a session without `permission`."""
    holding = grants().get(permission, frozenset())
    names = ", ".join(str(role) for role in (*RANKS, Role.CLIENT_CERT) if role in holding)
    return RbacPermissionDenied(permission, f"No permission in user session. (Roles with this permission: {names})")
