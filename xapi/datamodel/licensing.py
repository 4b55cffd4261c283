"""Features that a licence can restrict; every edition here has all of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LicenceFeature:
    """`key` is how it is told in `host.license_params` and `pool.restrictions`."""

    name: str
    key: str
    short_name: str
    positive: bool
    """The key says `true` if the feature is there, otherwise if it is missing."""


FEATURES: tuple[LicenceFeature, ...] = (
    LicenceFeature("VLAN", "restrict_vlan", "VLAN", positive=False),
    LicenceFeature("QoS", "restrict_qos", "QoS", positive=False),
    LicenceFeature("Shared_storage", "restrict_pool_attached_storage", "SStorage", positive=False),
    LicenceFeature("Netapp", "restrict_netapp", "NTAP", positive=False),
    LicenceFeature("Equalogic", "restrict_equalogic", "EQL", positive=False),
    LicenceFeature("Pooling", "restrict_pooling", "Pool", positive=False),
    LicenceFeature("HA", "enable_xha", "XHA", positive=True),
    LicenceFeature("Marathon", "restrict_marathon", "MTC", positive=False),
    LicenceFeature("Email", "restrict_email_alerting", "email", positive=False),
    LicenceFeature("Performance", "restrict_historical_performance", "perf", positive=False),
    LicenceFeature("WLB", "restrict_wlb", "WLB", positive=False),
    LicenceFeature("RBAC", "restrict_rbac", "RBAC", positive=False),
    LicenceFeature("DMC", "restrict_dmc", "DMC", positive=False),
    LicenceFeature("Checkpoint", "restrict_checkpoint", "chpt", positive=False),
    LicenceFeature("CPU_masking", "restrict_cpu_masking", "Mask", positive=False),
    LicenceFeature("Connection", "restrict_connection", "Cnx", positive=False),
    LicenceFeature("No_platform_filter", "platform_filter", "Plat", positive=False),
    LicenceFeature("No_nag_dialog", "regular_nag_dialog", "nonag", positive=False),
    LicenceFeature("VMPR", "restrict_vmpr", "VMPR", positive=False),
    LicenceFeature("VMSS", "restrict_vmss", "VMSS", positive=False),
    LicenceFeature("IntelliCache", "restrict_intellicache", "IntelliCache", positive=False),
    LicenceFeature("GPU", "restrict_gpu", "GPU", positive=False),
    LicenceFeature("DR", "restrict_dr", "DR", positive=False),
    LicenceFeature("VIF_locking", "restrict_vif_locking", "VIFLock", positive=False),
    LicenceFeature("Storage_motion", "restrict_storage_xen_motion", "SXM", positive=False),
    LicenceFeature("VGPU", "restrict_vgpu", "vGPU", positive=False),
    LicenceFeature("Integrated_GPU", "restrict_integrated_gpu_passthrough", "iGPU", positive=False),
    LicenceFeature("VSS", "restrict_vss", "VSS", positive=False),
    LicenceFeature("Guest_agent_auto_update", "restrict_guest_agent_auto_update", "GAAU", positive=False),
    LicenceFeature("PCI_device_for_auto_update", "restrict_pci_device_for_auto_update", "PciAU", positive=False),
    LicenceFeature("Xen_motion", "restrict_xen_motion", "Live_migration", positive=False),
    LicenceFeature("Guest_ip_setting", "restrict_guest_ip_setting", "GuestIP", positive=False),
    LicenceFeature("AD", "restrict_ad", "AD", positive=False),
    LicenceFeature("Nested_virt", "restrict_nested_virt", "Nested_virt", positive=False),
    LicenceFeature("Live_patching", "restrict_live_patching", "Live_patching", positive=False),
    LicenceFeature("Live_set_vcpus", "restrict_set_vcpus_number_live", "Live_set_vcpus", positive=False),
    LicenceFeature("PVS_proxy", "restrict_pvs_proxy", "PVS_proxy", positive=False),
    LicenceFeature("IGMP_snooping", "restrict_igmp_snooping", "IGMP_snooping", positive=False),
    LicenceFeature("RPU", "restrict_rpu", "RPU", positive=False),
    LicenceFeature("Pool_size", "restrict_pool_size", "Pool_size", positive=False),
    LicenceFeature("CBT", "restrict_cbt", "CBT", positive=False),
    LicenceFeature("USB_passthrough", "restrict_usb_passthrough", "USB_passthrough", positive=False),
    LicenceFeature("Network_sriov", "restrict_network_sriov", "Network_sriov", positive=False),
    LicenceFeature("Corosync", "restrict_corosync", "Corosync", positive=False),
    LicenceFeature("Cluster_address", "restrict_cluster_address", "Cluster_address", positive=False),
    LicenceFeature("Zstd_export", "restrict_zstd_export", "Zstd_export", positive=False),
    LicenceFeature("Pool_secret_rotation", "restrict_pool_secret_rotation", "Pool_secret_rotation", positive=False),
    LicenceFeature(
        "Certificate_verification", "restrict_certificate_verification", "Certificate_verification", positive=False
    ),
    LicenceFeature("Updates", "restrict_updates", "Upd", positive=False),
    LicenceFeature("Internal_repo_access", "restrict_internal_repo_access", "Internal_repo_access", positive=False),
    LicenceFeature("VTPM", "restrict_vtpm", "VTPM", positive=False),
    LicenceFeature("VM_groups", "restrict_vm_groups", "VM_groups", positive=False),
    LicenceFeature("VM_start", "restrict_vm_start", "Start", positive=False),
    LicenceFeature("VM_appliance_start", "restrict_vm_appliance_start", "Start", positive=False),
)
