from __future__ import annotations

from common.development import xen
from common.development.layout import Host

LISTED = """\
UUID                                  ID    name
00000000-0000-0000-0000-000000000000     0    Domain-0
1d8a2ab4-6a3c-4f0c-9a49-8f2b7f1f3e11    12    a guest with spaces
"""


def test_domains_are_found_by_their_uuids() -> None:
    assert xen.parse(LISTED) == {
        0: "00000000-0000-0000-0000-000000000000",
        12: "1d8a2ab4-6a3c-4f0c-9a49-8f2b7f1f3e11",
    }


async def test_a_host_that_knows_no_vm_has_none_to_end(host: Host) -> None:
    assert not await xen.end_guests(host)
