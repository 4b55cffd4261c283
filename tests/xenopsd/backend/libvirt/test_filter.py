"""What a locked interface's guest may send."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from common.idl.xen import LockingMode
from tests.xenopsd.samples import vif
from xenopsd.backend.libvirt import filter

TAP = "vif7.0"
LOCKED = vif(locking_mode=LockingMode.LOCKED, ipv4_allowed=["10.0.0.2"], ipv6_allowed=["2001:db8::2"])


def test_an_unlocked_interface_has_no_rules() -> None:
    assert filter.rules(vif(), TAP) == filter.removal([TAP])


def test_a_locked_interface_sends_as_itself_only() -> None:
    text = filter.rules(LOCKED, TAP)
    assert "ether saddr != 00:16:3e:00:00:00 drop" in text
    assert "ip saddr { 10.0.0.2 } accept" in text
    assert "ip6 saddr { 2001:db8::2, fe80::216:3eff:fe00:0 } accept" in text
    assert "received" not in text


def test_a_locked_interface_without_addresses_sends_nothing() -> None:
    assert "saddr { " not in filter.rules(vif(locking_mode=LockingMode.LOCKED), TAP)


def test_a_disabled_interface_hears_nothing_either() -> None:
    text = filter.rules(vif(locking_mode=LockingMode.DISABLED), TAP)
    assert 'oifname != "vif7.0" accept' in text


@pytest.mark.integration
@pytest.mark.root
@pytest.mark.parametrize("mode", list(LockingMode))
def test_nft_takes_the_rules_twice_and_forgets_them(mode: LockingMode) -> None:
    if shutil.which("nft") is None:
        pytest.skip("nft is not installed")
    chosen = vif(locking_mode=mode, ipv4_allowed=["10.0.0.2"], ipv6_allowed=["2001:db8::2"])
    once = filter.rules(chosen, TAP)

    # `unshare --net` ends with its program, and the rules with it.
    nft = ["unshare", "--net", "nft", "-f", "-"]
    subprocess.run(nft, input=once + once + "list tables\n", text=True, check=True)
    left = subprocess.run(
        nft, input=once + filter.removal([TAP]) + "list tables\n", text=True, check=True, capture_output=True
    )

    assert TAP not in left.stdout
