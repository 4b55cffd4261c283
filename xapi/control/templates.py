"""Makes the built-in templates: rows of VM from `template_table`, created once and updated with its revision."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

from xapi.context import Context
from xapi.control.memory import overhead_of
from xapi.control.template_table import REVISION, TEMPLATES, GiB, MiB, Template
from xapi.datamodel.enums import DomainType, OnCrashBehaviour, OnNormalExit, VMPowerState

log = logging.getLogger(__name__)

LOADER = "eliloader"
VBDS, VIFS = 255, 7


def record(template: Template) -> dict[str, Any]:
    """The fields of a VM row that the table decides."""
    family = template.family
    memory = (template.memory or family.memory) * MiB
    vcpus = template.vcpus or family.vcpus
    kernel_args = template.kernel_args or family.kernel_args
    paravirtual = kernel_args is not None
    return {
        "name_label": template.name,
        "name_description": family.description,
        "reference_label": template.label,
        "memory_static_max": memory,
        "memory_dynamic_max": memory,
        "memory_dynamic_min": memory,
        "memory_static_min": memory // 2,
        "VCPUs_max": vcpus,
        "VCPUs_at_startup": vcpus,
        "PV_bootloader": LOADER if paravirtual else "",
        "PV_args": kernel_args or "",
        "HVM_boot_policy": "" if paravirtual else "BIOS order",
        "HVM_boot_params": {} if paravirtual else {"order": family.order, "firmware": family.firmware},
        "domain_type": DomainType.PV_IN_PVH if paravirtual else DomainType.HVM,
        "platform": _platform(template),
        "recommendations": recommendations(template),
        "generation_id": family.generation_id,
        "actions_after_shutdown": OnNormalExit.DESTROY,
        "actions_after_reboot": OnNormalExit.RESTART,
        "actions_after_crash": OnCrashBehaviour.RESTART,
        "has_vendor_device": False,
    }


def other_config(template: Template) -> dict[str, str]:
    """The keys of `other_config` that the table decides."""
    found = {"default_template": "true", **template.family.other_config}
    if template.arch:
        found["install-arch"] = template.arch
    if disk := disks(template):
        found["disks"] = disk
    return found


def disks(template: Template) -> str:
    """What `VM.provision` reads: the disks to make, as XML; the SR is the client's to fill in."""
    size = template.family.disk if template.disk is None else template.disk
    if not size:
        return ""
    provision = ElementTree.Element("provision")
    ElementTree.SubElement(
        provision,
        "disk",
        size=str(size * GiB),
        sr="",
        bootable=str(template.family.disk_bootable).lower(),
        type="system",
        device="0",
    )
    return ElementTree.tostring(provision, encoding="unicode").replace(" />", "/>")


def recommendations(template: Template) -> str:
    """Limits that clients show and check, as XML."""
    family = template.family
    restrictions = ElementTree.Element("restrictions")

    def add(**attributes: str) -> None:
        ElementTree.SubElement(restrictions, "restriction", attributes)

    add(field="memory-static-max", max=str((template.max_memory or family.max_memory) * GiB))
    if family.min_vcpus:
        add(field="vcpus-min", min=str(family.min_vcpus))
    add(field="vcpus-max", max=str(family.max_vcpus))
    add(field="has-vendor-device", value=str(family.vendor_device).lower())
    for field, value in _restrictions(template).items():
        add(field=field, value=value)
    add(property="number-of-vbds", max=str(VBDS))
    add(property="number-of-vifs", max=str(VIFS))
    return ElementTree.tostring(restrictions, encoding="unicode").replace(" />", "/>")


def _restrictions(template: Template) -> Mapping[str, str]:
    found = dict(template.family.restrictions)
    if not template.sriov:
        found.pop("allow-network-sriov", None)
    if not template.bios:
        found["supports-bios"] = "no"
    return found


def _platform(template: Template) -> dict[str, str]:
    platform = dict(template.family.platform)
    if template.slate:
        platform["acpi_laptop_slate"] = "1"
    if template.vtpm:
        platform["vtpm"] = "true"
    return platform


def sync(ctx: Context) -> None:
    """Create missing templates and bring those of an older revision up to date. Safe to repeat: then it does nothing.

    `user_version` of a template holds the table's revision it was made from, so what an administrator changed in a
    template lasts until the table itself changes.
    """
    present = {vm.reference_label: vm for vm in ctx.db.vm.where(is_default_template=True) if vm.reference_label}
    made = updated = 0
    for template in TEMPLATES:
        vm = present.get(template.label)
        if vm is None:
            _create(ctx, template)
            made += 1
        elif vm.user_version < REVISION:
            merged = {**vm.other_config, **other_config(template)}
            ctx.db.vm.update(vm.ref, **record(template), other_config=merged, user_version=REVISION)
            updated += 1
    if made or updated:
        log.info("templates: %d created, %d updated", made, updated)


def _create(ctx: Context, template: Template) -> None:
    metrics = ctx.db.vm_metrics.create()
    row = ctx.db.vm.create(
        **record(template),
        other_config={**other_config(template), "mac_seed": str(uuid4())},
        user_version=REVISION,
        power_state=VMPowerState.HALTED,
        is_a_template=True,
        is_default_template=True,
        domid=-1,
        metrics=metrics.ref,
        version=1,
    )
    ctx.db.vm.update(row.ref, memory_overhead=overhead_of(row))
