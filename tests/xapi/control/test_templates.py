"""Built-in templates: as the original's, made once, and an administrator's changes to them last."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.reference import RECORDED, needed
from xapi.context import Context
from xapi.control import template_table, templates
from xapi.datamodel.enums import VMPowerState

COMPARED = (
    "HVM_boot_params",
    "HVM_boot_policy",
    "PV_args",
    "PV_bootloader",
    "actions_after_crash",
    "actions_after_reboot",
    "actions_after_shutdown",
    "domain_type",
    "generation_id",
    "hardware_platform_version",
    "has_vendor_device",
    "is_a_template",
    "is_default_template",
    "platform",
    "power_state",
    "recommendations",
    "reference_label",
    "user_version",
    "version",
    "domid",
    "order",
)
NUMBERS = (
    "VCPUs_at_startup",
    "VCPUs_max",
    "memory_dynamic_max",
    "memory_dynamic_min",
    "memory_overhead",
    "memory_static_max",
    "memory_static_min",
)
PASSING = {"import_task", "mac_seed"}


@pytest.fixture(scope="module")
def recorded() -> dict[str, dict[str, Any]]:
    path = needed(RECORDED / "templates.json")
    found: dict[str, dict[str, Any]] = json.loads(path.read_text())["templates"]
    return found


def test_names_are_the_originals(recorded: dict[str, dict[str, Any]]) -> None:
    assert sorted(template.name for template in template_table.TEMPLATES) == sorted(recorded)


def test_settings_are_the_originals(host_ctx: Context, recorded: dict[str, dict[str, Any]]) -> None:
    templates.sync(host_ctx)

    for vm in host_ctx.db.vm.rows():
        original = recorded[vm.name_label]
        ours = {name: getattr(vm, name) for name in COMPARED}
        assert {name: str(value) for name, value in ours.items() if not isinstance(value, dict)} == {
            name: str(original[name]) for name, value in ours.items() if not isinstance(value, dict)
        }
        assert (vm.platform, vm.HVM_boot_params) == (original["platform"], original["HVM_boot_params"])
        assert {name: getattr(vm, name) for name in NUMBERS} == {name: int(original[name]) for name in NUMBERS}
        assert _lasting(vm.other_config) == _lasting(original["other_config"]), vm.name_label


def _lasting(other_config: Any) -> dict[str, str]:
    return {key: value for key, value in other_config.items() if key not in PASSING}


def test_there_is_one_for_any_system() -> None:
    assert "Other install media" in {template.name for template in template_table.TEMPLATES}


def test_labels_are_unique() -> None:
    labels = [template.label for template in template_table.TEMPLATES]

    assert len(set(labels)) == len(labels)


def test_a_second_start_changes_nothing(host_ctx: Context) -> None:
    templates.sync(host_ctx)
    before = host_ctx.db.generation

    templates.sync(host_ctx)

    assert host_ctx.db.generation == before


def test_a_template_is_a_halted_vm_with_metrics_and_a_seed(host_ctx: Context) -> None:
    templates.sync(host_ctx)

    vm = host_ctx.db.vm.by_name_label("Debian Bookworm 12")[0]
    assert vm.power_state is VMPowerState.HALTED
    assert vm.metrics in host_ctx.db.vm_metrics
    assert vm.other_config["mac_seed"]


def test_an_older_revision_is_updated_and_keeps_keys_of_others(host_ctx: Context) -> None:
    templates.sync(host_ctx)
    vm = host_ctx.db.vm.by_name_label("Debian Bookworm 12")[0]
    seed = vm.other_config["mac_seed"]
    host_ctx.db.vm.update(
        vm.ref, user_version=0, memory_static_max=1, other_config={"folder": "/mine", "mac_seed": seed}
    )

    templates.sync(host_ctx)

    assert vm.memory_static_max == 2 * 1024**3
    assert vm.other_config["folder"] == "/mine"
    assert vm.other_config["mac_seed"] == seed
    assert vm.other_config["linux_template"] == "true"


def test_what_an_administrator_changed_lasts(host_ctx: Context) -> None:
    templates.sync(host_ctx)
    vm = host_ctx.db.vm.by_name_label("Debian Bookworm 12")[0]
    host_ctx.db.vm.update(vm.ref, VCPUs_max=8)

    templates.sync(host_ctx)

    assert vm.VCPUs_max == 8
