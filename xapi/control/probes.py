"""What a probe found, in the two forms that clients read: records, and the older XML text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.dom.minidom import Document

from common.idl.storage import ProbeResult, SrInfo
from xapi.datamodel.enums import SRHealth

DEVICE = "device"
"""The key of a configuration that the XML form shows beside the uuid."""


def record(result: ProbeResult) -> dict[str, Any]:
    """A `probe_result`."""
    return {
        "configuration": dict(result.configuration),
        "complete": result.complete,
        "sr": _stat(result.sr) if result.sr is not None else None,
        "extra_info": dict(result.extra_info),
    }


def _stat(info: SrInfo) -> dict[str, Any]:
    return {
        "uuid": info.sr or None,
        "name_label": info.name_label,
        "name_description": info.name_description,
        "free_space": info.free_space,
        "total_space": info.total_space,
        "clustered": info.clustered,
        "health": SRHealth.HEALTHY if info.healthy else SRHealth.UNAVAILABLE,
    }


def text(results: Iterable[ProbeResult]) -> str:
    """The list of SRs as XML."""
    document = Document()
    listing = document.appendChild(document.createElement("SRlist"))
    for result in results:
        if result.sr is None:
            continue
        entry = listing.appendChild(document.createElement("SR"))
        pairs = [("UUID", str(result.sr.sr))]
        pairs += [("Devlist", result.configuration[DEVICE])] if DEVICE in result.configuration else []
        pairs += [("size", str(result.sr.total_space))] if result.sr.total_space else []
        pairs += [("name_label", result.sr.name_label)] if result.sr.name_label else []
        pairs += [("name_description", result.sr.name_description)] if result.sr.name_description else []
        for name, value in pairs:
            entry.appendChild(document.createElement(name)).appendChild(document.createTextNode(value))
    return document.toprettyxml()
