"""Little helpers that write libvirt's XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

NAMESPACE = "urn:xapi-toolstack:domain"


def element(tag: str, **attributes: str) -> ET.Element:
    """A new element."""
    return ET.Element(tag, attributes)


def add(parent: ET.Element, tag: str, content: str | None = None, **attributes: str) -> ET.Element:
    """A new element below `parent`."""
    made = ET.SubElement(parent, tag, attributes)
    made.text = content
    return made


def text(root: ET.Element) -> str:
    """As libvirt reads it."""
    ET.register_namespace("toolstack", NAMESPACE)
    return ET.tostring(root, encoding="unicode")
