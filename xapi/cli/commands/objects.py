"""Commands of the smaller classes that are one call each."""

from __future__ import annotations

from xapi.cli import simple

simple.enter("""
pbd-create                  PBD.create host<host-uuid SR<sr-uuid device_config<device-config:?
pbd-destroy                 PBD.destroy uuid
pbd-plug                    PBD.plug uuid
pbd-unplug                  PBD.unplug uuid
secret-create               secret.create value<value
secret-destroy              secret.destroy uuid
task-cancel                 task.cancel uuid
subject-remove              subject.destroy subject-uuid
vmss-create                 VMSS.create name_label<name-label type<type frequency<frequency name_description<name-description? enabled<enabled?=true schedule<schedule:? retained_snapshots<retained-snapshots?=7
vmss-destroy                VMSS.destroy uuid
appliance-create            VM_appliance.create name_label<name-label name_description<name-description?
appliance-destroy           VM_appliance.destroy uuid
appliance-start             VM_appliance.start uuid paused?
vm-group-create             VM_group.create name_label<name-label placement<placement name_description<name-description?
vm-group-destroy            VM_group.destroy uuid
gpu-group-create            GPU_group.create name-label name-description?
gpu-group-destroy           GPU_group.destroy uuid
gpu-group-get-remaining-capacity GPU_group.get_remaining_capacity uuid vgpu-type-uuid
vgpu-create                 VGPU.create vm-uuid gpu-group-uuid device?=0 = vgpu-type-uuid?
vgpu-destroy                VGPU.destroy uuid
pgpu-enable-dom0-access     PGPU.enable_dom0_access uuid
pgpu-disable-dom0-access    PGPU.disable_dom0_access uuid
pci-enable-dom0-access      PCI.enable_dom0_access uuid
pci-disable-dom0-access     PCI.disable_dom0_access uuid
pci-get-dom0-access-status  PCI.get_dom0_access_status uuid
drtask-create               DR_task.create type device-config:? sr-whitelist?
drtask-destroy              DR_task.destroy uuid
pvs-site-introduce          PVS_site.introduce name-label name-description? pvs-uuid?
pvs-site-forget             PVS_site.forget uuid
pvs-server-introduce        PVS_server.introduce addresses first-port last-port pvs-site-uuid
pvs-server-forget           PVS_server.forget uuid
pvs-proxy-create            PVS_proxy.create pvs-site-uuid vif-uuid
pvs-proxy-destroy           PVS_proxy.destroy uuid
[host] pvs-cache-storage-create PVS_cache_storage.create host<* SR<sr-uuid site<pvs-site-uuid size<size
pvs-cache-storage-destroy   PVS_cache_storage.destroy uuid
pusb-scan                   PUSB.scan host-uuid
vusb-create                 VUSB.create vm-uuid usb-group-uuid
vusb-unplug                 VUSB.unplug uuid
vusb-destroy                VUSB.destroy uuid
cluster-pool-create         Cluster.pool_create network-uuid cluster-stack?=corosync token-timeout?=20 token-timeout-coefficient?=1
cluster-pool-force-destroy  Cluster.pool_force_destroy cluster-uuid
cluster-pool-destroy        Cluster.pool_destroy cluster-uuid
cluster-pool-resync         Cluster.pool_resync cluster-uuid
[hidden] cluster-create     Cluster.create pif-uuid cluster-stack?=corosync pool-auto-join?=true token-timeout?=20 token-timeout-coefficient?=1
cluster-destroy             Cluster.destroy uuid
[hidden] cluster-host-create Cluster_host.create cluster-uuid host-uuid pif-uuid
cluster-host-disable        Cluster_host.disable uuid
cluster-host-enable         Cluster_host.enable uuid
cluster-host-destroy        Cluster_host.destroy uuid
cluster-host-force-destroy  Cluster_host.force_destroy uuid
repository-introduce        Repository.introduce name-label name-description? binary-url source-url update gpgkey-path?
repository-introduce-bundle Repository.introduce_bundle name-label name-description?
repository-forget           Repository.forget uuid
repository-set-gpgkey-path  Repository.set_gpgkey_path uuid gpgkey-path
hostdriver-variant-select   Driver_variant.select uuid
[host] hostdriver-rescan    Host_driver.rescan *
vtpm-create                 VTPM.create vm-uuid is-unique?
observer-create             Observer.create name_label<name-label name_description<name-description? hosts<host-uuids? attributes<attributes? endpoints<endpoints? components<components? enabled<enabled?
observer-destroy            Observer.destroy uuid
caller-create               Caller.create name_label<name-label? name_description<name-description? user_agent<user-agent? client_ip<client-ip?
caller-destroy              Caller.destroy uuid
rate-limit-destroy          Rate_limit.destroy uuid
rate-limit-add-caller       Rate_limit.add_caller uuid caller-uuid
rate-limit-remove-caller    Rate_limit.remove_caller uuid caller-uuid
patch-destroy               pool_patch.destroy uuid
patch-precheck              pool_patch.precheck uuid host-uuid
patch-apply                 pool_patch.apply uuid host-uuid
patch-pool-apply            pool_patch.pool_apply uuid
patch-clean                 pool_patch.clean uuid
patch-pool-clean            pool_patch.pool_clean uuid
update-introduce            pool_update.introduce vdi-uuid
[host] update-precheck      pool_update.precheck uuid *
[host] update-apply         pool_update.apply uuid *
update-pool-apply           pool_update.pool_apply uuid
update-pool-clean           pool_update.pool_clean uuid
update-destroy              pool_update.destroy uuid
[hidden] update-resync-host pool_update.resync_host host-uuid
session-subject-identifier-list session.get_all_subject_identifiers
session-subject-identifier-logout session.logout_subject_identifier subject-identifier
""")  # fmt: skip  # noqa: E501
