from __future__ import annotations

import pytest

from xapi.auth import roles
from xapi.datamodel.types import Role


@pytest.mark.parametrize(
    ("role", "permission", "held"),
    [
        (Role.POOL_ADMIN, "pool.join", True),
        (Role.POOL_OPERATOR, "vm.start", True),
        (Role.VM_OPERATOR, "vm.start", True),
        (Role.READ_ONLY, "vm.start", False),
        (Role.READ_ONLY, "vm.get_record", True),
        (Role.READ_ONLY, "http/rrd_updates", True),
        (Role.VM_OPERATOR, "http/connect_console", True),
        (Role.VM_OPERATOR, "http/connect_console/host_console", False),
        (Role.VM_ADMIN, "session.change_password", False),
        (Role.POOL_ADMIN, "session.change_password", False),
        (Role.VM_OPERATOR, "vm.add_to_other_config/key:folder", True),
        (Role.POOL_OPERATOR, "task.destroy/any", True),
        (Role.VM_ADMIN, "task.destroy/any", False),
    ],
)
def test_a_role_holds_what_those_below_it_hold(role: Role, permission: str, held: bool) -> None:
    assert (permission in roles.permissions_of(role)) is held


def test_more_privileged_roles_hold_everything_of_the_others() -> None:
    for higher, lower in zip(roles.RANKS, roles.RANKS[1:], strict=False):
        exceptions = {name for name in roles.permissions_of(lower) - roles.permissions_of(higher)}
        assert not exceptions, (higher, lower)


def test_a_key_may_need_a_permission_of_its_own() -> None:
    keys = ("folder", "XenCenter.CustomFields.*")

    assert roles.permission_for("vm.add_to_other_config", keys, "folder") == "vm.add_to_other_config/key:folder"
    assert (
        roles.permission_for("vm.add_to_other_config", keys, "XenCenter.CustomFields.a")
        == "vm.add_to_other_config/key:xencenter.customfields.*"
    )
    assert roles.permission_for("vm.add_to_other_config", keys, "folders") == "vm.add_to_other_config"


def test_the_error_names_who_may() -> None:
    error = roles.denied("vm.start")

    assert error.params == [
        "vm.start",
        "No permission in user session. (Roles with this permission: "
        "pool-admin, pool-operator, vm-power-admin, vm-admin, vm-operator)",
    ]
