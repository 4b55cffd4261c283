"""Guests of `xl` as VMs: reads xl's configuration, or `xl list -l`, into what the API is asked to make. Pure.

A VM's disk must lie in an SR under a name that is its uuid. `home` says which: a second name (hard link) beside the
file, in an SR of type `file` on its directory; the disk stays in place and xl's own configuration goes on working.
"""

from __future__ import annotations

import ast
import json
import posixpath
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

MIB = 1 << 20
FORMATS = {"raw": "raw", "qcow2": "qcow2"}
TYPES = {"pv": "pv", "pvh": "pvh", "hvm": "hvm"}
DEFAULT_ORDER = "cd"

_ASSIGNMENT = re.compile(r"^[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*=(?!=)", re.MULTILINE)
_DEVICE = re.compile(r"(?:xvd|hd|sd)([a-z])")


class NotAdoptable(ValueError):
    """The configuration is none, or asks for what a VM here can't have."""


@dataclass(frozen=True, slots=True)
class Disk:
    """`device` as the guest calls it, `position` among the VM's; `path` empty for an empty CD drive."""

    device: str
    position: int
    path: str
    format: str
    read_only: bool
    cdrom: bool


@dataclass(frozen=True, slots=True)
class Nic:
    """`mac` empty: one is derived."""

    mac: str
    bridge: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """A guest as xl has it; memory in bytes; `domid` -1 for one that does not run."""

    name: str
    uuid: str
    type: str
    memory: int
    memory_max: int
    vcpus: int
    vcpus_max: int
    kernel: str = ""
    ramdisk: str = ""
    args: str = ""
    bootloader: str = ""
    order: str = DEFAULT_ORDER
    disks: tuple[Disk, ...] = field(default=())
    nics: tuple[Nic, ...] = field(default=())
    domid: int = -1

    def record(self) -> dict[str, Any]:
        """The fields of `VM.create` that come from xl; others keep their defaults."""
        hvm = self.type == "hvm"
        return {
            "name_label": self.name,
            "domain_type": self.type,
            "memory_static_min": min(self.memory, self.memory_max),
            "memory_dynamic_min": min(self.memory, self.memory_max),
            "memory_dynamic_max": min(self.memory, self.memory_max),
            "memory_static_max": self.memory_max,
            "VCPUs_max": self.vcpus_max,
            "VCPUs_at_startup": self.vcpus,
            "PV_kernel": "" if hvm else self.kernel,
            "PV_ramdisk": "" if hvm else self.ramdisk,
            "PV_args": "" if hvm else self.args,
            "PV_bootloader": "" if hvm else self.bootloader,
            "HVM_boot_policy": "BIOS order" if hvm else "",
            "HVM_boot_params": {"order": self.order} if hvm else {},
            "other_config": {"adopted_from_xl": self.uuid or self.name},
        }


def home(disk: Disk) -> tuple[str, str]:
    """The directory that must be an SR, and the name there that a VDI has: the same for the same file each time."""
    directory = posixpath.dirname(disk.path)
    return directory, f"{uuid.uuid5(uuid.NAMESPACE_URL, f'file://{disk.path}')}.{FORMATS[disk.format]}"


def read(text: str) -> list[Adopted]:
    """The guests of an xl configuration file, or of `xl list -l`, domain zero left out. Raises `NotAdoptable`."""
    if text.lstrip().startswith(("[", "{")):
        return _from_json(text)
    return [_from_file(text)]


def _from_json(text: str) -> list[Adopted]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise NotAdoptable(f"not the output of xl list -l: {error}") from error
    domains = found if isinstance(found, list) else [found]
    try:
        return [_from_domain(each["config"], int(each["domid"])) for each in domains if each["domid"] != 0]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NotAdoptable(f"not the output of xl list -l: {error!r}") from error


def _from_domain(config: dict[str, Any], domid: int) -> Adopted:
    created, built = config["c_info"], config["b_info"]
    type_ = _type(str(created.get("type", built.get("type", "pv"))))
    details = built.get(f"type.{type_}", {})
    maximum = int(built["max_memkb"]) << 10
    vcpus_max = int(built.get("max_vcpus", 1))
    return Adopted(
        name=str(created["name"]),
        uuid=str(created.get("uuid", "")),
        type=type_,
        memory=int(built.get("target_memkb", built["max_memkb"])) << 10,
        memory_max=maximum,
        vcpus=len(built.get("avail_vcpus", [])) or vcpus_max,
        vcpus_max=vcpus_max,
        kernel=str(built.get("kernel") or details.get("kernel", "")),
        ramdisk=str(built.get("ramdisk") or details.get("ramdisk", "")),
        args=str(built.get("cmdline") or details.get("cmdline", "")),
        bootloader=str(built.get("bootloader") or details.get("bootloader", "")),
        order=str(details.get("boot", DEFAULT_ORDER)),
        disks=tuple(
            _disk(
                str(disk["vdev"]),
                str(disk.get("pdev_path") or ""),
                str(disk.get("format", "raw")),
                read_only=not disk.get("readwrite", False),
                cdrom=bool(disk.get("is_cdrom", False)),
            )
            for disk in config.get("disks", [])
        ),
        nics=tuple(Nic(str(nic.get("mac", "")), str(nic.get("bridge", ""))) for nic in config.get("nics", [])),
        domid=domid,
    )


def _from_file(text: str) -> Adopted:
    found = _assignments(text)
    try:
        memory = int(found["memory"])
        maximum = int(found.get("maxmem", memory))
        vcpus = int(found.get("vcpus", 1))
        type_ = _type(str(found.get("type") or {"hvm": "hvm"}.get(str(found.get("builder", "")), "pv")))
        root = f"root={found['root']} " if "root" in found else ""
        args = str(found.get("cmdline") or root + str(found.get("extra", "")))
        return Adopted(
            name=str(found["name"]),
            uuid=str(found.get("uuid", "")),
            type=type_,
            memory=memory * MIB,
            memory_max=maximum * MIB,
            vcpus=vcpus,
            vcpus_max=int(found.get("maxvcpus", vcpus)),
            kernel=str(found.get("kernel", "")),
            ramdisk=str(found.get("ramdisk", "")),
            args=args,
            bootloader=str(found.get("bootloader", "")),
            order=str(found.get("boot", DEFAULT_ORDER)),
            disks=tuple(_disk_of(str(each)) for each in found.get("disk", [])),
            nics=tuple(_nic_of(str(each)) for each in found.get("vif", [])),
        )
    except KeyError as error:
        raise NotAdoptable(f"the configuration has no {error.args[0]}") from error


def _assignments(text: str) -> dict[str, Any]:
    """`name = value` with numbers, strings and lists, a value going on to the next assignment."""
    starts = list(_ASSIGNMENT.finditer(text))
    found: dict[str, Any] = {}
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        value = text[match.end() : following.start() if following else len(text)].strip().rstrip(";")
        try:
            found[match[1]] = ast.literal_eval(f"(\n{value}\n)")
        except (SyntaxError, ValueError) as error:
            raise NotAdoptable(f"{match[1]}: neither a number, a string nor a list") from error
    return found


def _disk_of(text: str) -> Disk:
    """`TARGET,FORMAT,VDEV,ACCESS` with `key=value` and flags among them, or the old `phy:PATH,VDEV,w`."""
    if match := re.match(r"(?:phy|file|tap2?|aio|qcow2):", text):
        kind, (path, vdev, *access) = match[0].rstrip(":"), [part.strip() for part in text[match.end() :].split(",")]
        name, cdrom = vdev.removesuffix(":cdrom"), vdev.endswith(":cdrom")
        return _disk(name, path, "qcow2" if kind == "qcow2" else "raw", read_only=access != ["w"], cdrom=cdrom)
    values = {"target": "", "format": "raw", "vdev": "", "access": "rw"}
    positional = iter(tuple(values))
    cdrom = False
    for part in (each.strip() for each in text.split(",")):
        key, equals, value = part.partition("=")
        if equals and key in {*values, "devtype", "backendtype", "script"}:
            values[key] = value
        elif part in {"cdrom", "devtype=cdrom"}:
            cdrom = True
        elif (wanted := next(positional, None)) is not None and part:
            values[wanted] = part
    cdrom = cdrom or values.get("devtype") == "cdrom"
    read_only = cdrom or values["access"] in {"r", "ro"}
    return _disk(values["vdev"], values["target"], values["format"], read_only=read_only, cdrom=cdrom)


def _nic_of(text: str) -> Nic:
    values = dict(part.strip().partition("=")[::2] for part in text.split(","))
    return Nic(values.get("mac", ""), values.get("bridge", "xenbr0"))


def _disk(vdev: str, path: str, format_: str, *, read_only: bool, cdrom: bool) -> Disk:
    match = _DEVICE.fullmatch(vdev)
    if match is None:
        raise NotAdoptable(f"disk {vdev!r}: only whole disks xvda, hda and so on")
    if path and format_ not in FORMATS:
        raise NotAdoptable(f"disk {vdev}: format {format_}, neither raw nor qcow2")
    if not path and not cdrom:
        raise NotAdoptable(f"disk {vdev} has no target")
    return Disk(vdev, ord(match[1]) - ord("a"), path, format_, read_only or cdrom, cdrom)


def _type(name: str) -> str:
    if name.lower() not in TYPES:
        raise NotAdoptable(f"a guest of type {name!r}")
    return TYPES[name.lower()]
