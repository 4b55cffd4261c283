"""Implementation of host, for the host this daemon runs on."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from common import command
from common.command import CommandFailed
from common.config import root
from common.idl.rrd import Owner
from common.idl.storage import DpId
from xapi.context import Context
from xapi.control import (
    adoption,
    certificates,
    evacuation,
    facts,
    initiator,
    localdb,
    memory,
    network,
    operations,
    plugins,
    sources,
    trust,
)
from xapi.control.blobs import create_blob
from xapi.control.brand import brand
from xapi.datamodel.enums import HostNumaAffinityPolicy
from xapi.datamodel.errors import (
    AuthIsDisabled,
    HAIsEnabled,
    HandleInvalid,
    HANotEnabled,
    HostCannotDestroySelf,
    HostHasNoManagementIp,
    HostHasResidentVMs,
    HostIsLive,
    HostNameInvalid,
    InternalError,
    InvalidEdition,
    InvalidValue,
    OperationNotAllowed,
    PIFHasNoNetworkConfiguration,
    WlbNotInitialized,
)
from xapi.datamodel.refs import BlobRef, HostMetricsRef, HostRef, NetworkRef, PIFRef, VMRef
from xapi.datamodel.types import NULL
from xapi.datamodel.wire import MESSAGES

log = logging.getLogger(__name__)

RESTART = 123
"""Exit status by which a service manager knows that xapi wants to be started again."""
GRACE = 1.0  # seconds for the answer to leave before the daemon ends
HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
HOSTNAME_LIMIT = 63


async def enable(ctx: Context, host: HostRef) -> None:
    """Let VMs start here."""
    localdb.put(localdb.DISABLED, "")
    ctx.db.host.update(host, enabled=True)
    operations.refresh(ctx.db, "host", host)


async def disable(ctx: Context, host: HostRef, auto_enable: bool) -> None:
    """Let no VM start here, until `enable` or, with `auto_enable`, a restart of xapi."""
    if not auto_enable:
        localdb.put(localdb.DISABLED, str(facts.boot_time(facts.read("/proc/stat"))))
    ctx.db.host.update(host, enabled=False)
    operations.refresh(ctx.db, "host", host)


async def shutdown(ctx: Context, host: HostRef) -> None:
    await _power(ctx, host, "poweroff")


async def reboot(ctx: Context, host: HostRef) -> None:
    await _power(ctx, host, "reboot")


async def _power(ctx: Context, host: HostRef, verb: str) -> None:
    """Raises HA_IS_ENABLED, HOST_HAS_RESIDENT_VMS."""
    if any(pool.ha_enabled for pool in ctx.db.pool.rows()):
        raise HAIsEnabled
    if evacuation.guests(ctx.db, host):
        raise HostHasResidentVMs(host)
    if str(root()) != "/":
        raise OperationNotAllowed("This host shares its machine with others")
    await ctx.db.durable()
    await command.run("systemctl", verb)


async def destroy(ctx: Context, self: HostRef) -> None:
    """Forget a host that is gone for good."""
    if self == ctx.host:
        raise HostCannotDestroySelf(self)
    row = ctx.db.host[self]
    metrics = ctx.db.host_metrics.get(row.metrics)
    if metrics is not None and metrics.live:
        raise HostIsLive(self)
    if evacuation.guests(ctx.db, self):
        raise HostHasResidentVMs(self)
    _forget(ctx, self)


def _forget(ctx: Context, host: HostRef) -> None:
    db = ctx.db
    row = db.host[host]
    for table, refs in ((db.pbd, row.PBDs), (db.pif, row.PIFs), (db.host_cpu, row.host_CPUs)):
        for ref in refs:
            table.delete(ref)
    if row.control_domain in db.vm:
        db.vm.delete(row.control_domain)
    if row.metrics in db.host_metrics:
        db.host_metrics.delete(row.metrics)
    db.host.delete(host)
    log.info("host %s (%s): forgotten", row.uuid, row.name_label)


async def dmesg(ctx: Context, host: HostRef) -> str:
    return await ctx.services.xen.host.dmesg(ctx.dbg)


async def send_debug_keys(ctx: Context, host: HostRef, keys: str) -> None:
    await ctx.services.xen.host.send_debug_keys(ctx.dbg, keys)


async def list_methods(ctx: Context) -> list[str]:
    return [name for name, message in MESSAGES.items() if not message.removed]


async def apply_edition(ctx: Context, host: HostRef, edition: str, force: bool) -> None:
    """There is one edition, which allows everything."""
    ctx.db.host[host]
    if edition not in {brand().edition, ""}:
        raise InvalidEdition(edition)


async def set_license_params(ctx: Context, self: HostRef, value: Mapping[str, str]) -> None:
    ctx.db.host.update(self, license_params=value)


async def emergency_ha_disable(ctx: Context, soft: bool) -> None:
    raise HANotEnabled


async def ha_xapi_healthcheck(ctx: Context) -> bool:
    """True: the caller got an answer."""
    return True


async def local_assert_healthy(ctx: Context) -> None:
    """Nothing: a coordinator that answers is healthy."""


async def get_data_sources(ctx: Context, host: HostRef) -> list[dict[str, Any]]:
    return await sources.records(ctx, Owner.HOST, ctx.db.host[host].uuid)


async def record_data_source(ctx: Context, host: HostRef, data_source: str) -> None:
    await ctx.services.rrd.record(ctx.dbg, Owner.HOST, ctx.db.host[host].uuid, data_source)


async def query_data_source(ctx: Context, host: HostRef, data_source: str) -> float:
    return await ctx.services.rrd.query(ctx.dbg, Owner.HOST, ctx.db.host[host].uuid, data_source)


async def forget_data_source_archives(ctx: Context, host: HostRef, data_source: str) -> None:
    await ctx.services.rrd.forget(ctx.dbg, Owner.HOST, ctx.db.host[host].uuid, data_source)


async def backup_rrds(ctx: Context, host: HostRef, delay: float) -> None:
    """Write the archives to disk after `delay` seconds."""
    await asyncio.sleep(max(0.0, delay))
    await ctx.services.rrd.backup(ctx.dbg)


async def sync_data(ctx: Context, host: HostRef) -> None:
    """Have everything on disk: database and archives."""
    await ctx.db.durable()
    await ctx.services.rrd.backup(ctx.dbg)


async def assert_can_evacuate(ctx: Context, host: HostRef) -> None:
    evacuation.check(ctx.db, host)


async def get_vms_which_prevent_evacuation(ctx: Context, self: HostRef) -> Mapping[VMRef, list[str]]:
    return evacuation.obstacles(ctx.db, self)


async def evacuate(ctx: Context, host: HostRef, network: NetworkRef, evacuate_batch_size: int) -> None:
    """Move all VMs away. Without another host it succeeds only when there are none."""
    evacuation.check(ctx.db, host)


async def get_uncooperative_resident_VMs(ctx: Context, self: HostRef) -> list[VMRef]:
    """VMs that ignore their memory target."""
    uuids = await get_uncooperative_domains(ctx, self)
    return [row.ref for uuid in uuids for row in ctx.db.vm.where(uuid=uuid)]


async def get_uncooperative_domains(ctx: Context, self: HostRef) -> list[str]:
    return [status.vm.id for status in await ctx.services.xen.vm.all(ctx.dbg) if status.state.uncooperative]


async def management_reconfigure(ctx: Context, pif: PIFRef) -> None:
    """Be managed through `pif`, which must have an address."""
    row = ctx.db.pif[pif]
    if row.host != ctx.host:
        raise HandleInvalid("PIF", pif)
    if not row.IP:
        raise PIFHasNoNetworkConfiguration(pif)
    await network.ensure_bridge(ctx, row.network)
    for other in ctx.db.pif.where(host=ctx.host):
        ctx.db.pif.update(other.ref, management=other.ref == pif)
    await network.observe(ctx)


async def get_management_interface(ctx: Context, host: HostRef) -> PIFRef:
    found = network.management(ctx, host)
    if found is None:
        raise HostHasNoManagementIp
    return found.ref


async def get_sm_diagnostics(ctx: Context, host: HostRef) -> str:
    """Which SRs are attached and which disks are open, as text."""
    attached = await ctx.services.storage.sr.all(ctx.dbg)
    opened = await ctx.services.storage.dp.all(ctx.dbg)
    lines = ["The following SRs are attached:"]
    for sr in attached:
        lines.append(f"    SR {sr}")
        lines += [
            f"        VDI {state.vdi}: {'activated' if state.activated else 'attached'} "
            f"{'RO' if state.read_only else 'RW'} by {state.dp}"
            for state in opened
            if state.sr == sr
        ]
    return "\n".join(lines) + "\n"


async def get_thread_diagnostics(ctx: Context, host: HostRef) -> str:
    """What xapi is doing now: its tasks, by name."""
    return json.dumps(sorted(task.get_name() for task in asyncio.all_tasks()))


async def sm_dp_destroy(ctx: Context, host: HostRef, dp: str, allow_leak: bool) -> None:
    """Close whatever the datapath has open."""
    await ctx.services.storage.dp.destroy(ctx.dbg, DpId(dp))


async def restart_agent(ctx: Context, host: HostRef) -> None:
    """End, to be started again; VMs don't notice."""
    await ctx.db.durable()
    asyncio.get_running_loop().call_later(GRACE, os._exit, RESTART)


async def shutdown_agent(ctx: Context) -> None:
    """End in order."""
    asyncio.get_running_loop().call_later(GRACE, os.kill, os.getpid(), signal.SIGTERM)


async def set_hostname_live(ctx: Context, host: HostRef, hostname: str) -> None:
    """Raises HOST_NAME_INVALID."""
    if not hostname:
        raise HostNameInvalid("hostname empty")
    if len(hostname) > HOSTNAME_LIMIT:
        raise HostNameInvalid("hostname is too long")
    if not HOSTNAME.fullmatch(hostname):
        raise HostNameInvalid("hostname contains invalid characters")
    if str(root()) == "/":
        try:
            await command.run("hostnamectl", "set-hostname", hostname)
        except (CommandFailed, OSError) as error:
            raise InternalError(f"the host keeps its name: {error}") from error
    ctx.db.host.update(host, hostname=hostname)


async def is_in_emergency_mode(ctx: Context) -> bool:
    """False: emergency mode is a member's that lost its coordinator."""
    return False


async def compute_free_memory(ctx: Context, host: HostRef) -> int:
    """Bytes that a VM could have here."""
    return memory.free(ctx.db, host)


async def compute_memory_overhead(ctx: Context, host: HostRef) -> int:
    """Bytes that the hypervisor has for itself."""
    return ctx.db.host[host].memory_overhead


async def create_new_blob(ctx: Context, host: HostRef, name: str, mime_type: str, public: bool) -> BlobRef:
    return create_blob(ctx.db, "host", host, name, mime_type, public)


async def call_plugin(ctx: Context, host: HostRef, plugin: str, fn: str, args: Mapping[str, str]) -> str:
    """The one plugin that is ours is `xl`, with the function `adopt`; others are programs of the administrator."""
    if (plugin, fn) == (adoption.PLUGIN, adoption.FUNCTION):
        return await adoption.adopt(ctx, args)
    return await plugins.call_plugin(ctx.session or NULL, plugin, fn, args)


async def has_extension(ctx: Context, host: HostRef, name: str) -> bool:
    return plugins.has_extension(name)


async def call_extension(ctx: Context, host: HostRef, call: str) -> str:
    return await plugins.call_extension(call)


async def get_servertime(ctx: Context, host: HostRef) -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


async def get_server_localtime(ctx: Context, host: HostRef) -> datetime:
    """The clock on the host's wall, without a zone."""
    return datetime.now().replace(microsecond=0)


async def disable_external_auth(ctx: Context, host: HostRef, config: Mapping[str, str], force: bool) -> None:
    """Raises AUTH_IS_DISABLED: only the host's own accounts are known."""
    raise AuthIsDisabled


async def retrieve_wlb_evacuate_recommendations(ctx: Context, self: HostRef) -> Mapping[VMRef, list[str]]:
    raise WlbNotInitialized


async def get_server_certificate(ctx: Context, host: HostRef) -> str:
    """The certificate that clients see, PEM."""
    found = certificates.server_certificate()
    if found is None:
        raise InternalError("this host has no server certificate")
    return certificates.pem(found)


async def install_ca_certificate(ctx: Context, host: HostRef, name: str, cert: str) -> None:
    trust.install(ctx.db, name, cert)


async def uninstall_ca_certificate(ctx: Context, host: HostRef, name: str, force: bool) -> None:
    trust.uninstall(ctx.db, name, force=force)


async def certificate_list(ctx: Context, host: HostRef) -> list[str]:
    return trust.certificates()


async def crl_install(ctx: Context, host: HostRef, name: str, crl: str) -> None:
    trust.install_crl(name, crl)


async def crl_uninstall(ctx: Context, host: HostRef, name: str) -> None:
    trust.uninstall_crl(name)


async def crl_list(ctx: Context, host: HostRef) -> list[str]:
    return trust.crls()


async def signal_networking_change(ctx: Context) -> None:
    """Look at the interfaces now."""
    await network.observe(ctx)


async def sync_pif_currently_attached(ctx: Context, host: HostRef, bridges: Sequence[str]) -> None:
    """A PIF is attached when its network's bridge is among `bridges`."""
    for pif in ctx.db.pif.where(host=host):
        ctx.db.pif.update(pif.ref, currently_attached=ctx.db.network[pif.network].bridge in bridges)


async def tickle_heartbeat(ctx: Context, host: HostRef, stuff: Mapping[str, str]) -> Mapping[str, str]:
    """A sign of life."""
    metrics = HostMetricsRef(ctx.db.host[host].metrics)
    ctx.db.host_metrics.update(metrics, live=True, last_updated=datetime.now(UTC).replace(microsecond=0))
    return {}


async def emergency_clear_mandatory_guidance(ctx: Context) -> None:
    """Forget what updates asked for."""
    ctx.db.host.update(ctx.host, pending_guidances=())


async def set_timezone(ctx: Context, self: HostRef, value: str) -> None:
    """Raises INVALID_VALUE."""
    if value not in available_timezones():
        raise InvalidValue("timezone", value)
    if str(root()) == "/":
        try:
            await command.run("timedatectl", "set-timezone", value)
        except (CommandFailed, OSError) as error:
            raise InternalError(f"the host keeps its time zone: {error}") from error
    ctx.db.host.update(self, timezone=value)


async def set_localdb_key(ctx: Context, host: HostRef, key: str, value: str) -> None:
    localdb.put(key, value)


async def set_power_on_mode(
    ctx: Context, self: HostRef, power_on_mode: str, power_on_config: Mapping[str, str]
) -> None:
    ctx.db.host.update(self, power_on_mode=power_on_mode, power_on_config=power_on_config)
    operations.refresh(ctx.db, "host", self)


async def set_ssl_legacy(ctx: Context, self: HostRef, value: bool) -> None:
    """Nothing: old protocols are never spoken."""


async def set_iscsi_iqn(ctx: Context, host: HostRef, value: str) -> None:
    """The host's name as an iSCSI initiator. Raises INVALID_VALUE."""
    initiator.write(value)
    ctx.db.host.update(host, iscsi_iqn=value, other_config={**ctx.db.host[host].other_config, "iscsi_iqn": value})


async def set_multipathing(ctx: Context, host: HostRef, value: bool) -> None:
    """Whether drivers use all paths to a disk; takes effect when an SR is plugged next."""
    config = {**ctx.db.host[host].other_config, "multipathing": str(value).lower()}
    if value:
        config["multipathhandle"] = "dmp"
    else:
        config.pop("multipathhandle", None)
    ctx.db.host.update(host, multipathing=value, other_config=config)


async def set_numa_affinity_policy(ctx: Context, self: HostRef, value: HostNumaAffinityPolicy) -> None:
    """How the host places VMs on its NUMA nodes, from their next start on."""
    ctx.db.host.update(self, numa_affinity_policy=value)


async def list_timezones(ctx: Context, self: HostRef) -> list[str]:
    return sorted(available_timezones())


async def get_ntp_synchronized(ctx: Context, self: HostRef) -> bool:
    """Whether the host's clock follows a time server."""
    try:
        answer = await command.run("timedatectl", "show", "--property=NTPSynchronized", "--value")
    except (CommandFailed, OSError) as error:
        raise InternalError(f"the clock's state is unknown: {error}") from error
    return answer.strip() == "yes"
