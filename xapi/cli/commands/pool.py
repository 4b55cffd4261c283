"""The pool."""

from __future__ import annotations

from xapi.cli import simple
from xapi.cli.commands.files import loaded
from xapi.cli.failures import CommandError
from xapi.cli.invocation import Invocation
from xapi.cli.table import command

simple.enter("""
[hidden] pool-enable-binary-storage    pool.enable_binary_storage
[hidden] pool-disable-binary-storage   pool.disable_binary_storage
pool-designate-new-master              pool.designate_new_master host-uuid
pool-management-reconfigure            pool.management_reconfigure network-uuid
pool-sync-database                     pool.sync_database
pool-recover-slaves                    pool.recover_slaves
[local] pool-emergency-reset-master    pool.emergency_reset_master master-address
pool-enable-external-auth              pool.enable_external_auth uuid?=%pool config:? service-name auth-type
pool-disable-external-auth             pool.disable_external_auth uuid?=%pool config:?
pool-external-auth-set-ldaps           pool.external_auth_set_ldaps uuid?=%pool ldaps force?
pool-initialize-wlb                    pool.initialize_wlb wlb_url wlb_username wlb_password xenserver_username xenserver_password
pool-deconfigure-wlb                   pool.deconfigure_wlb
pool-send-wlb-configuration            pool.send_wlb_configuration config:?
pool-retrieve-wlb-configuration        pool.retrieve_wlb_configuration
pool-send-test-post                    pool.send_test_post dest-host dest-port body
pool-uninstall-ca-certificate          pool.uninstall_ca_certificate name force?
pool-certificate-uninstall             pool.certificate_uninstall name
pool-certificate-list                  pool.certificate_list
pool-certificate-sync                  pool.certificate_sync
pool-crl-uninstall                     pool.crl_uninstall name
pool-crl-list                          pool.crl_list
pool-enable-tls-verification           pool.enable_tls_verification
pool-enable-client-certificate-auth    pool.enable_client_certificate_auth %pool name
pool-disable-client-certificate-auth   pool.disable_client_certificate_auth %pool
[hidden] pool-set-vswitch-controller   pool.set_vswitch_controller address
pool-disable-ssl-legacy                pool.disable_ssl_legacy uuid?=%pool
pool-secret-rotate                     pool.rotate_secret
pool-sync-updates                      pool.sync_updates %pool force? token? token-id? username? password?
pool-reset-telemetry-uuid              pool.reset_telemetry_uuid %pool
pool-get-guest-secureboot-readiness    pool.get_guest_secureboot_readiness %pool
pool-enable-local-storage-caching      pool.enable_local_storage_caching uuid
pool-disable-local-storage-caching     pool.disable_local_storage_caching uuid
pool-configure-repository-proxy        pool.configure_repository_proxy %pool proxy-url proxy-username? proxy-password?
pool-disable-repository-proxy          pool.disable_repository_proxy %pool
pool-ha-enable                         pool.enable_ha heartbeat-sr-uuids? ha-config:?
pool-ha-disable                        pool.disable_ha
[hidden] pool-ha-prevent-restarts-for  pool.ha_prevent_restarts_for seconds
pool-ha-compute-max-host-failures-to-tolerate pool.ha_compute_max_host_failures_to_tolerate
[hidden] pool-ha-compute-vm-failover-plan pool.ha_compute_vm_failover_plan host-uuids
pool-enable-redo-log                   pool.enable_redo_log sr-uuid
pool-disable-redo-log                  pool.disable_redo_log
pool-configure-update-sync             pool.configure_update_sync %pool update-sync-frequency update-sync-day
pool-set-update-sync-enabled           pool.set_update_sync_enabled %pool value
pool-enable-ssh                        pool.enable_ssh %pool
pool-disable-ssh                       pool.disable_ssh %pool
pool-uninstall-trusted-certificate     pool.uninstall_trusted_certificate uuid?=%pool certificate-uuid
diagnostic-db-stats                    Diagnostics.db_stats
""")  # fmt: skip  # noqa: E501


@command("pool-join", "master-address master-username master-password", "force")
async def pool_join(call: Invocation) -> None:
    """Make this host a member of another pool."""
    method = "pool.join_force" if call.flag("force") else "pool.join"
    words = [call.need(name) for name in ("master-address", "master-username", "master-password")]
    await call.api.run(method, *words)
    call.print("Host agent will restart and attempt to join pool in 10.000 seconds...")


@command("pool-emergency-transition-to-master", optional="force", local=True)
async def pool_emergency_transition_to_master(call: Invocation) -> None:
    """Make this member the coordinator, when the old one is lost."""
    await call.api.call("pool.emergency_transition_to_master")
    call.print("Host agent will restart and transition to master in 10.000 seconds...")


@command("pool-eject", "host-uuid")
async def pool_eject(call: Invocation) -> None:
    """Take a host out of the pool; its local disks are wiped."""
    host = call.db.host.by_uuid(call.need("host-uuid"))
    if not call.flag("force"):
        call.print("WARNING: Ejecting a host from the pool will reinitialise that host's local SRs.")
        call.print("WARNING: Any data contained with the local SRs will be lost.")
        call.print("Type 'yes' to continue")
        if await call.talk.ask() != "yes":
            raise CommandError("Nothing was changed")
    await call.api.run("pool.eject", host.ref)
    call.print("Specified host will attempt to restart as a master of a new pool in 10.000 seconds...")


@command("pool-apply-edition", "edition", "uuid license-server-address license-server-port")
async def pool_apply_edition(call: Invocation) -> None:
    """Change the edition of all hosts."""
    pool = call.db.pool.by_uuid(call.get("uuid")) if call.has("uuid") else call.pool
    await call.api.run("pool.apply_edition", pool.ref, call.need("edition"))


@command("pool-get-cpu-features")
async def pool_get_cpu_features(call: Invocation) -> None:
    """Show the processor features that all hosts of the pool have."""
    call.api.check("pool.get_all_records")
    call.table(list(call.pool.cpu_info.items()))


@command("pool-ha-compute-hypothetical-max-host-failures-to-tolerate", optional="vm-uuid restart-priority")
async def pool_ha_compute_hypothetical(call: Invocation) -> None:
    """How many hosts may fail if the VMs given (comma separated) had these restart priorities."""
    vms = [call.by_uuid("VM", uuid) for uuid in call.get("vm-uuid").split(",") if uuid]
    priorities = call.get("restart-priority").split(",")
    if len(vms) != len([word for word in priorities if word or vms]):
        raise CommandError("As many restart-priority as vm-uuid must be given")
    method = "pool.ha_compute_hypothetical_max_host_failures_to_tolerate"
    call.answer(await call.api.run(method, dict(zip(vms, priorities, strict=False))))


@command("pool-retrieve-wlb-recommendations")
async def pool_retrieve_wlb_recommendations(call: Invocation) -> None:
    """Show which VMs workload balancing would move."""
    found = await call.api.run("pool.retrieve_wlb_recommendations")
    call.items(f"{call.uuid(vm)}: {', '.join(advice)}" for vm, advice in found.items())


def _named(path: str) -> str:
    return path.rpartition("/")[2]


async def _install(call: Invocation, method: str) -> None:
    text = await loaded(call, "filename")
    await call.api.run(method, _named(call.need("filename")), text)


@command("pool-install-ca-certificate", "filename")
async def pool_install_ca_certificate(call: Invocation) -> None:
    """Trust a certificate authority, on all hosts."""
    await _install(call, "pool.install_ca_certificate")


@command("pool-certificate-install", "filename")
async def pool_certificate_install(call: Invocation) -> None:
    """Old name of pool-install-ca-certificate."""
    await _install(call, "pool.certificate_install")


@command("pool-crl-install", "filename")
async def pool_crl_install(call: Invocation) -> None:
    """Enter a list of revoked certificates, on all hosts."""
    await _install(call, "pool.crl_install")


@command("pool-install-trusted-certificate", "filename ca", "uuid purpose")
async def pool_install_trusted_certificate(call: Invocation) -> None:
    """Trust a certificate; ca=true: that of an authority."""
    pool = call.db.pool.by_uuid(call.get("uuid")) if call.has("uuid") else call.pool
    purposes = [word for word in call.get("purpose").split(",") if word]
    text = await loaded(call, "filename")
    await call.api.run("pool.install_trusted_certificate", pool.ref, call.flag("ca"), text, purposes)
