"""Little helpers that write libvirt's XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from common.idl.xen import (
    RemoteDisk,
    Vbd,
    Vif,
)
from common.idl.xen_errors import Unimplemented

NAMESPACE = "urn:xapi-toolstack:domain"


def element(tag: str, **attributes: str) -> ET.Element:
    """A new element."""
    return ET.Element(tag, attributes)


def add(parent: ET.Element, tag: str, content: str | None = None, **attributes: str) -> ET.Element:
    """A new element below `parent`."""
    made = ET.SubElement(parent, tag, attributes)
    made.text = content
    return made


def check_served_here(device: Vbd | Vif) -> None:
    """Raises `Unimplemented` for a device that another VM serves: only libxl knows driver domains."""
    if device.backend if isinstance(device, Vif) else isinstance(device.disk, RemoteDisk):
        raise Unimplemented("a device of a driver domain, by libvirt")


def text(root: ET.Element) -> str:
    """As libvirt reads it."""
    ET.register_namespace("toolstack", NAMESPACE)
    return ET.tostring(root, encoding="unicode")
