"""Networks and PIFs over the API."""

from __future__ import annotations

from typing import Any

import pytest

from xapi.api import network, pif
from xapi.context import Context
from xapi.control import network as control
from xapi.datamodel.enums import (
    IpConfigurationMode,
    NetworkDefaultLockingMode,
    NetworkPurpose,
    PrimaryAddressType,
    VIFLockingMode,
)
from xapi.datamodel.errors import (
    BridgeNameExists,
    BridgeNotAvailable,
    CannotDestroySystemNetwork,
    DuplicatePIFDeviceName,
    InvalidIpAddressSpecified,
    MacDoesNotExist,
    NetworkContainsPIF,
    NetworkContainsVIF,
    NetworkIncompatiblePurposes,
    PIFConfigurationError,
    PIFDoesNotAllowUnplug,
    PIFIncompatiblePrimaryAddressType,
    PIFIsManagementInterface,
    PIFIsNotPhysical,
    VIFInUse,
)
from xapi.datamodel.refs import PIFRef

STATIC = IpConfigurationMode.STATIC


async def second(ctx: Context, wires: Any) -> PIFRef:
    wires.plug_in("eth1", mac="02:00:00:00:01:01")
    await control.observe(ctx)
    return next(row.ref for row in ctx.db.pif.rows() if row.device == "eth1")


async def test_internal_networks_get_bridges_of_their_own(started: Context, wires: Any) -> None:
    first = await network.create(started, {"name_label": "a"})
    other = await network.create(started, {"name_label": "b", "bridge": ""})

    assert [started.db.network[ref].bridge for ref in (first, other)] == ["xapi0", "xapi1"]
    assert wires.wanted == {}
    await network.attach(started, first, started.host)
    assert list(wires.wanted) == ["xapi0"]
    await network.destroy(started, first)
    assert (wires.wanted, first in started.db.network) == ({}, False)


async def test_a_bridges_name_is_taken_once_and_needed_for_an_unmanaged_one(started: Context) -> None:
    with pytest.raises(BridgeNameExists):
        await network.create(started, {"name_label": "a", "bridge": "xenbr0"})
    with pytest.raises(BridgeNotAvailable):
        await network.create(started, {"name_label": "a", "bridge": "", "managed": False})


async def test_a_network_in_use_is_not_destroyed(started: Context) -> None:
    ref = await network.create(started, {"name_label": "a"})
    started.db.vif.create(network=ref)
    pool_wide = started.db.pif.rows()[0].network
    internal = control.internal_network(started.db)

    with pytest.raises(NetworkContainsVIF):
        await network.destroy(started, ref)
    with pytest.raises(NetworkContainsPIF):
        await network.destroy(started, pool_wide)
    with pytest.raises(CannotDestroySystemNetwork):
        await network.destroy(started, internal)


async def test_purposes_exclude_each_other(started: Context) -> None:
    ref = await network.create(started, {"name_label": "a"})
    await network.add_purpose(started, ref, NetworkPurpose.NBD)

    with pytest.raises(NetworkIncompatiblePurposes):
        await network.add_purpose(started, ref, NetworkPurpose.INSECURE_NBD)
    await network.remove_purpose(started, ref, NetworkPurpose.NBD)
    await network.add_purpose(started, ref, NetworkPurpose.INSECURE_NBD)

    assert started.db.network[ref].purpose == (NetworkPurpose.INSECURE_NBD,)


async def test_the_default_lock_stays_while_an_interface_follows_it(started: Context) -> None:
    ref = await network.create(started, {"name_label": "a"})
    vif = started.db.vif.create(network=ref, currently_attached=True, locking_mode=VIFLockingMode.NETWORK_DEFAULT)

    with pytest.raises(VIFInUse):
        await network.set_default_locking_mode(started, ref, NetworkDefaultLockingMode.DISABLED)
    started.db.vif.update(vif.ref, currently_attached=False)
    await network.set_default_locking_mode(started, ref, NetworkDefaultLockingMode.DISABLED)

    assert started.db.network[ref].default_locking_mode is NetworkDefaultLockingMode.DISABLED


async def test_a_pif_is_plugged_and_unplugged(started: Context, wires: Any) -> None:
    ref = await second(started, wires)

    await pif.plug(started, ref)
    assert wires.wanted["xenbr1"].interfaces == ["eth1"]
    started.db.pif.update(ref, disallow_unplug=True)
    with pytest.raises(PIFDoesNotAllowUnplug):
        await pif.unplug(started, ref)
    started.db.pif.update(ref, disallow_unplug=False)
    await pif.unplug(started, ref)

    assert "xenbr1" not in wires.wanted
    assert not started.db.pif[ref].currently_attached


async def test_the_management_pif_stays(started: Context) -> None:
    ref = started.db.pif.rows()[0].ref

    with pytest.raises(PIFIsManagementInterface):
        await pif.unplug(started, ref)
    with pytest.raises(PIFIsManagementInterface):
        await pif.forget(started, ref)
    with pytest.raises(PIFIsManagementInterface):
        await pif.reconfigure_ip(started, ref, IpConfigurationMode.NONE, "", "", "", "")


async def test_the_management_address_changes_at_once(started: Context, wires: Any) -> None:
    await control.bring_up(started)
    await control.observe(started)
    ref = started.db.pif.rows()[0].ref

    await pif.reconfigure_ip(started, ref, STATIC, "10.0.0.7", "255.255.0.0", "10.0.0.1", "1.1.1.1, 9.9.9.9")

    assert wires.wanted["xenbr0"].addressing.addresses == ["10.0.0.7/16"]
    assert wires.dns == ["1.1.1.1", "9.9.9.9"]
    assert started.db.host[started.host].address == "10.0.0.7"


@pytest.mark.parametrize(
    ("ip", "netmask", "gateway", "dns", "parameter"),
    [
        ("10.0.0.300", "255.0.0.0", "", "", "IP"),
        ("10.0.0.3", "255.0.255.0", "", "", "netmask"),
        ("10.0.0.3", "255.0.0.0", "gate", "", "gateway"),
        ("10.0.0.3", "255.0.0.0", "", "1.1.1.1,x", "DNS"),
    ],
)
async def test_bad_addresses_name_their_parameter_and_change_nothing(
    started: Context, ip: str, netmask: str, gateway: str, dns: str, parameter: str
) -> None:
    ref = started.db.pif.rows()[0].ref

    with pytest.raises(InvalidIpAddressSpecified, match=parameter):
        await pif.reconfigure_ip(started, ref, STATIC, ip, netmask, gateway, dns)

    assert started.db.pif[ref].IP == "10.0.0.2"


async def test_dhcp_is_refused(started: Context) -> None:
    ref = started.db.pif.rows()[0].ref

    with pytest.raises(PIFConfigurationError):
        await pif.reconfigure_ip(started, ref, IpConfigurationMode.DHCP, "", "", "", "")


async def test_a_change_that_networkd_refuses_is_taken_back(started: Context, wires: Any) -> None:
    ref = await second(started, wires)
    await pif.plug(started, ref)
    del wires.states["eth1"]

    with pytest.raises(Exception, match="eth1"):
        await pif.reconfigure_ip(started, ref, STATIC, "10.9.0.2", "255.255.0.0", "", "")

    assert started.db.pif[ref].IP == ""


async def test_a_nic_is_forgotten_and_introduced_again(started: Context, wires: Any) -> None:
    ref = await second(started, wires)

    with pytest.raises(DuplicatePIFDeviceName):
        await pif.introduce(started, started.host, "", "eth1", True)
    await pif.forget(started, ref)
    with pytest.raises(MacDoesNotExist):
        await pif.introduce(started, started.host, "02:00:00:00:09:09", "", True)
    again = await pif.introduce(started, started.host, "02:00:00:00:01:01", "", True)

    row = started.db.pif[again]
    assert (row.device, started.db.network[row.network].bridge) == ("eth1", "xenbr1")


async def test_only_physical_pifs_are_forgotten(started: Context) -> None:
    ref = started.db.pif.create(host=started.host, physical=False).ref

    with pytest.raises(PIFIsNotPhysical):
        await pif.forget(started, ref)


async def test_an_address_of_the_other_kind_must_be_there(started: Context) -> None:
    ref = started.db.pif.rows()[0].ref

    with pytest.raises(PIFIncompatiblePrimaryAddressType):
        await pif.set_primary_address_type(started, ref, PrimaryAddressType.IPV6)
