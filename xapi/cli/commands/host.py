"""Hosts."""

from __future__ import annotations

from typing import Any

from xapi.cli import simple, values
from xapi.cli.commands.files import loaded
from xapi.cli.commands.storage import show_sources
from xapi.cli.failures import CommandError
from xapi.cli.invocation import Invocation
from xapi.cli.table import Select, command

HOST = Select.HOST

simple.enter("""
[host] host-enable                     host.enable *
[host] host-disable                    host.disable * auto-enable?=true
[host] host-sync-data                  host.sync_data *
[host] host-shutdown                   host.shutdown *
[host] host-reboot                     host.reboot *
[host] host-power-on                   host.power_on *
[host] host-dmesg                      host.dmesg *
[host] host-compute-free-memory        host.compute_free_memory *
[host] host-compute-memory-overhead    host.compute_memory_overhead *
[host] host-enable-local-storage-caching host.enable_local_storage_caching * sr-uuid
[host] host-disable-local-storage-caching host.disable_local_storage_caching *
[host] host-reset-server-certificate   host.reset_server_certificate *
[host] host-get-server-certificate     host.get_server_certificate *
[host] [local] host-get-system-status-capabilities host.get_system_status_capabilities *
[host] host-set-power-on-mode          host.set_power_on_mode * power-on-mode power-on-config?
[host] host-apply-updates              host.apply_updates * hash
[host] host-enable-ssh                 host.enable_ssh *
[host] host-disable-ssh                host.disable_ssh *
[host] host-evacuate                   host.evacuate * network-uuid? batch-size?=0
[host] host-data-source-record         host.record_data_source * data-source
[host] host-data-source-query          host.query_data_source * data-source
[host] host-data-source-forget         host.forget_data_source_archives * data-source
[host] diagnostic-compact              Diagnostics.gc_compact *
[host] diagnostic-gc-stats             Diagnostics.gc_stats *
[hidden] host-prepare-for-poweroff     host.prepare_for_poweroff %host
host-forget                            host.destroy uuid
host-declare-dead                      host.declare_dead uuid
host-call-plugin                       host.call_plugin host-uuid plugin fn args:?
[local] host-send-debug-keys           host.send_debug_keys host-uuid keys
host-syslog-reconfigure                host.syslog_reconfigure host-uuid
host-management-reconfigure            host.management_reconfigure pif-uuid
host-crashdump-destroy                 host_crashdump.destroy uuid
host-enable-display                    host.enable_display uuid
host-disable-display                   host.disable_display uuid
host-get-sm-diagnostics                host.get_sm_diagnostics uuid
host-get-thread-diagnostics            host.get_thread_diagnostics uuid
host-sm-dp-destroy                     host.sm_dp_destroy uuid dp allow-leak?
[hidden] host-retrieve-wlb-evacuate-recommendations host.retrieve_wlb_evacuate_recommendations uuid
[hidden] host-enable-external-auth     host.enable_external_auth host-uuid config:? service-name auth-type
[hidden] host-disable-external-auth    host.disable_external_auth host-uuid config:?
[hidden] host-external-auth-set-ldaps  host.external_auth_set_ldaps host-uuid ldaps force?
[hidden] host-refresh-pack-info        host.refresh_pack_info host-uuid
[local] host-is-in-emergency-mode      host.is_in_emergency_mode
[local] host-emergency-management-reconfigure host.local_management_reconfigure interface
[local] host-emergency-reset-server-certificate host.emergency_reset_server_certificate
[local] host-emergency-disable-tls-verification host.emergency_disable_tls_verification
[local] host-emergency-reenable-tls-verification host.emergency_reenable_tls_verification
[local] host-emergency-clear-mandatory-guidance host.emergency_clear_mandatory_guidance
[local] host-management-disable        host.management_disable
[local] host-shutdown-agent            host.shutdown_agent
[local] [hidden] host-ha-xapi-healthcheck host.ha_xapi_healthcheck
""")  # fmt: skip


@command("host-data-source-list", select=HOST)
async def host_data_source_list(call: Invocation) -> None:
    """Show the data sources of the chosen hosts."""
    await show_sources(call, "host")


@command("host-set-hostname-live", "host-uuid host-name", select=HOST)
async def host_set_hostname_live(call: Invocation) -> None:
    """Give a host another name, on the network too."""
    await call.api.run("host.set_hostname_live", call.selected[0].ref, call.need("host-name"))


@command("host-emergency-ha-disable", optional="force soft", local=True)
async def host_emergency_ha_disable(call: Invocation) -> None:
    """Switch high availability off on this host alone: it may then run VMs twice; needs --force."""
    if not call.flag("force"):
        raise CommandError("This operation is extremely dangerous and may cause data loss: use --force")
    await call.api.call("host.emergency_ha_disable", call.flag("soft"))


@command("host-bugreport-upload", optional="url http_proxy", select=HOST)
async def host_bugreport_upload(call: Invocation) -> None:
    """Send a bug report of the chosen host."""
    await call.api.run("host.bugreport_upload", call.selected[0].ref, call.get("url"), _proxy(call))


@command("host-crashdump-upload", "uuid", "url http_proxy")
async def host_crashdump_upload(call: Invocation) -> None:
    """Send a crash dump of a host."""
    dump = call.ref("host_crashdump", "uuid")
    await call.api.run("host_crashdump.upload", dump, call.get("url"), _proxy(call))


def _proxy(call: Invocation) -> dict[str, str]:
    return {"http_proxy": call.get("http_proxy")} if call.has("http_proxy") else {}


@command("host-cpu-info", optional="uuid")
async def host_cpu_info(call: Invocation) -> None:
    """Show what processors a host has."""
    call.table(list(_host(call, "uuid").cpu_info.items()))


@command("host-get-cpu-features", optional="uuid")
async def host_get_cpu_features(call: Invocation) -> None:
    """Show the features of a host's processors."""
    call.print(_host(call, "uuid").cpu_info.get("features", ""))


def _host(call: Invocation, name: str) -> Any:
    """The host given, or the only one."""
    call.api.check("host.get_all_records")
    if call.has(name):
        return call.db.host.by_uuid(call.get(name))
    if len(call.db.host) != 1:
        raise CommandError(f"There are several hosts: name one by {name}=")
    return call.db.host.rows()[0]


@command("host-license-view", optional="host-uuid")
async def host_license_view(call: Invocation) -> None:
    """Show a host's licence and what it allows."""
    params = _host(call, "host-uuid").license_params
    call.table([(key, params[key]) for key in sorted(params, key=lambda key: key != "expiry")])


@command("host-license-remove", optional="host-uuid")
async def host_license_remove(call: Invocation) -> None:
    """Take a host's licence away."""
    await call.api.run("host.license_remove", _host(call, "host-uuid").ref)


@command("host-license-add", "license-file", "host-uuid")
async def host_license_add(call: Invocation) -> None:
    """Give a host a licence."""
    content = await loaded(call, "license-file")
    await call.api.run("host.license_add", _host(call, "host-uuid").ref, content)


@command("host-apply-edition", "edition", "host-uuid license-server-address license-server-port")
async def host_apply_edition(call: Invocation) -> None:
    """Change a host's edition."""
    host = _host(call, "host-uuid")
    server = {
        key: call.get(f"license-server-{key}") for key in ("address", "port") if call.has(f"license-server-{key}")
    }
    if server:
        await call.api.call("host.set_license_server", host.ref, {**host.license_server, **server})
    await call.api.run("host.apply_edition", host.ref, call.need("edition"), False)


@command("host-all-editions")
async def host_all_editions(call: Invocation) -> None:
    """Show the editions that there are."""
    call.items(_host(call, "host-uuid").editions)


@command("host-get-vms-which-prevent-evacuation", "uuid")
async def host_get_vms_which_prevent_evacuation(call: Invocation) -> None:
    """Show which VMs cannot leave a host, and why."""
    prevent = await call.api.run("host.get_vms_which_prevent_evacuation", call.ref("host", "uuid"))
    rows = [(call.db.vm.get(vm), reason) for vm, reason in prevent.items()]
    call.items(f"{row.uuid} ({row.name_label}): {', '.join(reason)}" for row, reason in rows if row is not None)


@command("host-refresh-server-certificate", "host", select=HOST)
async def host_refresh_server_certificate(call: Invocation) -> None:
    """Make a host's internal certificate anew."""
    await call.api.run("host.refresh_server_certificate", call.selected[0].ref)


@command("host-server-certificate-install", "certificate private-key", "certificate-chain", select=HOST)
async def host_server_certificate_install(call: Invocation) -> None:
    """Give the chosen host a certificate; all three are files."""
    certificate, key = await loaded(call, "certificate"), await loaded(call, "private-key")
    chain = await loaded(call, "certificate-chain") if call.has("certificate-chain") else ""
    await call.api.run("host.install_server_certificate", call.selected[0].ref, certificate, key, chain)


@command("diagnostic-timing-stats")
async def diagnostic_timing_stats(call: Invocation) -> None:
    """Show how long calls take on each host."""
    for host in call.db.host.rows():
        stats = await call.api.call("host.get_diagnostic_timing_stats", host.ref, False)
        call.table([("host-uuid", host.uuid), ("host-name-label", host.name_label), *stats.items()])


@command("diagnostic-net-stats", optional="uri method params", select=HOST)
async def diagnostic_net_stats(call: Invocation) -> None:
    """Show how many requests the chosen host answered."""
    wanted = {name: call.get(name) for name in ("uri", "method", "params") if call.has(name)}
    for line in await call.api.call("Diagnostics.network_stats", call.selected[0].ref, wanted):
        call.print(", ".join(values.show_one(call.db, item) for item in line))
