"""Who the host is never changes once it is written."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from xapi.control import inventory


def test_a_new_host_gets_uuids_that_stay(tmp_path: Path) -> None:
    path = tmp_path / "inventory"

    first = inventory.load(path)

    assert UUID(first.host) != UUID(first.control_domain)
    assert inventory.load(path) == first


def test_an_existing_file_is_obeyed_and_not_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "inventory"
    text = (
        "# made by an installer\n"
        "INSTALLATION_UUID='5f1f6c3e-0000-4000-8000-0000000000a1'\n"
        'CONTROL_DOMAIN_UUID="5f1f6c3e-0000-4000-8000-0000000000d0"\n'
    )
    path.write_text(text)

    found = inventory.load(path)

    assert found.host == "5f1f6c3e-0000-4000-8000-0000000000a1"
    assert found.control_domain == "5f1f6c3e-0000-4000-8000-0000000000d0"
    assert path.read_text() == text


def test_a_missing_key_is_added_beside_the_others(tmp_path: Path) -> None:
    path = tmp_path / "inventory"
    path.write_text("INSTALLATION_UUID='5f1f6c3e-0000-4000-8000-0000000000a1'\nMANAGEMENT_INTERFACE='xenbr0'\n")

    found = inventory.load(path)

    values = inventory.parse(path.read_text())
    assert values["MANAGEMENT_INTERFACE"] == "xenbr0"
    assert values["CONTROL_DOMAIN_UUID"] == found.control_domain
