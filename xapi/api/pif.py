"""Implementation of PIF: the host's NICs. Their network is networkd's; VLANs, bonds and tunnels are not here yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.idl.network import InterfaceState
from xapi.context import Context
from xapi.control import network
from xapi.datamodel.enums import IpConfigurationMode, Ipv6ConfigurationMode, PrimaryAddressType
from xapi.datamodel.errors import (
    DuplicatePIFDeviceName,
    MacDoesNotExist,
    PIFConfigurationError,
    PIFDeviceNotFound,
    PIFDoesNotAllowUnplug,
    PIFIncompatiblePrimaryAddressType,
    PIFIsManagementInterface,
    PIFIsNotPhysical,
    PIFUnmanaged,
)
from xapi.datamodel.refs import BondRef, HostRef, NetworkRef, PIFRef, VLANRef


async def scan(ctx: Context, host: HostRef) -> None:
    """Know new NICs, and what the known ones do."""
    ctx.db.host[host]
    await network.observe(ctx)


async def introduce(ctx: Context, host: HostRef, MAC: str, device: str, managed: bool) -> PIFRef:
    """Know one NIC, found by its MAC or, without one, by its name."""
    ctx.db.host[host]
    states = await ctx.services.network.interfaces(ctx.dbg)
    nic = _find(network.physical(states), MAC.lower(), device)
    if any(pif.device == nic.name for pif in ctx.db.pif.where(host=host)):
        raise DuplicatePIFDeviceName(nic.name)
    holder = network.carrier_of(nic, {state.name: state for state in states})
    return network.introduce(ctx.db, host, nic, network.ip_of(holder), managed=managed)


def _find(nics: Sequence[InterfaceState], mac: str, device: str) -> InterfaceState:
    for nic in nics:
        if nic.mac.lower() == mac if mac else nic.name == device:
            return nic
    if mac:
        raise MacDoesNotExist(mac)
    raise PIFDeviceNotFound


async def forget(ctx: Context, self: PIFRef) -> None:
    """Remove a NIC's row; its network stays, without it."""
    row = ctx.db.pif[self]
    if not row.physical:
        raise PIFIsNotPhysical(self)
    if row.management:
        raise PIFIsManagementInterface(self)
    if row.currently_attached:
        await unplug(ctx, self)
    if row.metrics in ctx.db.pif_metrics:
        ctx.db.pif_metrics.delete(row.metrics)
    ctx.db.pif.delete(self)


async def plug(ctx: Context, self: PIFRef) -> None:
    """Have the bridge of its network, with it as a port."""
    row = ctx.db.pif[self]
    _managed(ctx, self)
    await network.ensure_bridge(ctx, row.network)
    ctx.db.pif.update(self, currently_attached=True)


async def unplug(ctx: Context, self: PIFRef) -> None:
    """Remove the bridge. Raises PIF_IS_MANAGEMENT_INTERFACE, PIF_DOES_NOT_ALLOW_UNPLUG."""
    row = ctx.db.pif[self]
    _managed(ctx, self)
    if row.management:
        raise PIFIsManagementInterface(self)
    if row.disallow_unplug:
        raise PIFDoesNotAllowUnplug(self)
    await network.remove_bridge(ctx, row.network)
    ctx.db.pif.update(self, currently_attached=False)


def _managed(ctx: Context, pif: PIFRef) -> None:
    if not ctx.db.pif[pif].managed:
        raise PIFUnmanaged(pif)


async def reconfigure_ip(
    ctx: Context, self: PIFRef, mode: IpConfigurationMode, IP: str, netmask: str, gateway: str, DNS: str
) -> None:
    """Give the NIC's bridge another IPv4 address. A plugged PIF changes at once, another when it is plugged."""
    row = ctx.db.pif[self]
    _managed(ctx, self)
    wanted = _ip(self, mode, IP, netmask, gateway, DNS)
    if row.management and not wanted.address:
        raise PIFIsManagementInterface(self)
    before = {name: getattr(row, name) for name in wanted.fields()}
    ctx.db.pif.update(self, **wanted.fields())
    if not row.currently_attached:
        return
    try:
        await network.ensure_bridge(ctx, row.network)
    except BaseException:
        ctx.db.pif.update(self, **before)
        raise
    if row.management and DNS:
        await ctx.services.network.set_dns(ctx.dbg, _servers(DNS), [])
    await network.observe(ctx)


def _ip(pif: PIFRef, mode: IpConfigurationMode, ip: str, netmask: str, gateway: str, dns: str) -> network.Ip:
    if mode is IpConfigurationMode.NONE:
        return network.Ip()
    if mode is IpConfigurationMode.DHCP:
        raise PIFConfigurationError(pif, "addresses by DHCP are not available")
    network.check_address("IP", ip)
    network.check_netmask("netmask", netmask)
    if gateway:
        network.check_address("gateway", gateway)
    for server in _servers(dns):
        network.check_address("DNS", server)
    return network.Ip(mode, ip, netmask, gateway, dns)


def _servers(dns: str) -> list[str]:
    return [server.strip() for server in dns.split(",") if server.strip()]


async def set_primary_address_type(ctx: Context, self: PIFRef, primary_address_type: PrimaryAddressType) -> None:
    """Which address is the host's. Raises PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE without one of that type."""
    row = ctx.db.pif[self]
    if primary_address_type is PrimaryAddressType.IPV6 and not row.IPv6:
        raise PIFIncompatiblePrimaryAddressType(self)
    ctx.db.pif.update(self, primary_address_type=primary_address_type)


async def set_disallow_unplug(ctx: Context, self: PIFRef, value: bool) -> None:
    ctx.db.pif.update(self, disallow_unplug=value)


async def pool_introduce(
    ctx: Context,
    device: str,
    network: NetworkRef,
    host: HostRef,
    MAC: str,
    MTU: int,
    VLAN: int,
    physical: bool,
    ip_configuration_mode: IpConfigurationMode,
    IP: str,
    netmask: str,
    gateway: str,
    DNS: str,
    bond_slave_of: BondRef,
    VLAN_master_of: VLANRef,
    management: bool,
    other_config: Mapping[str, str],
    disallow_unplug: bool,
    ipv6_configuration_mode: Ipv6ConfigurationMode,
    IPv6: Sequence[str],
    ipv6_gateway: str,
    primary_address_type: PrimaryAddressType,
    managed: bool,
    properties: Mapping[str, str],
) -> PIFRef:
    """A row alone."""
    fields: dict[str, Any] = {
        "device": device,
        "network": network,
        "host": host,
        "MAC": MAC,
        "MTU": MTU,
        "VLAN": VLAN,
        "physical": physical,
        "ip_configuration_mode": ip_configuration_mode,
        "IP": IP,
        "netmask": netmask,
        "gateway": gateway,
        "DNS": DNS,
        "bond_slave_of": bond_slave_of,
        "VLAN_master_of": VLAN_master_of,
        "management": management,
        "other_config": other_config,
        "disallow_unplug": disallow_unplug,
        "ipv6_configuration_mode": ipv6_configuration_mode,
        "IPv6": IPv6,
        "ipv6_gateway": ipv6_gateway,
        "primary_address_type": primary_address_type,
        "managed": managed,
        "properties": properties,
    }
    metrics = ctx.db.pif_metrics.create()
    return ctx.db.pif.create(metrics=metrics.ref, **fields).ref


async def db_introduce(
    ctx: Context,
    device: str,
    network: NetworkRef,
    host: HostRef,
    MAC: str,
    MTU: int,
    VLAN: int,
    physical: bool,
    ip_configuration_mode: IpConfigurationMode,
    IP: str,
    netmask: str,
    gateway: str,
    DNS: str,
    bond_slave_of: BondRef,
    VLAN_master_of: VLANRef,
    management: bool,
    other_config: Mapping[str, str],
    disallow_unplug: bool,
    ipv6_configuration_mode: Ipv6ConfigurationMode,
    IPv6: Sequence[str],
    ipv6_gateway: str,
    primary_address_type: PrimaryAddressType,
    managed: bool,
    properties: Mapping[str, str],
) -> PIFRef:
    """The same as `pool_introduce`."""
    return await pool_introduce(
        ctx,
        device,
        network,
        host,
        MAC,
        MTU,
        VLAN,
        physical,
        ip_configuration_mode,
        IP,
        netmask,
        gateway,
        DNS,
        bond_slave_of,
        VLAN_master_of,
        management,
        other_config,
        disallow_unplug,
        ipv6_configuration_mode,
        IPv6,
        ipv6_gateway,
        primary_address_type,
        managed,
        properties,
    )


async def db_forget(ctx: Context, self: PIFRef) -> None:
    ctx.db.pif.delete(self)
