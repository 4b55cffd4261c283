"""The licence: everything is allowed, for ever. Clients read it as a map of restrictions."""

from __future__ import annotations

from collections.abc import Mapping

POSITIVE = "enable_xha"
"""The one key that says what is allowed instead of what is not."""

RESTRICTIONS = (
    "restrict_vlan",
    "restrict_qos",
    "restrict_pool_attached_storage",
    "restrict_netapp",
    "restrict_equalogic",
    "restrict_pooling",
    POSITIVE,
    "restrict_marathon",
    "restrict_email_alerting",
    "restrict_historical_performance",
    "restrict_wlb",
    "restrict_rbac",
    "restrict_dmc",
    "restrict_checkpoint",
    "restrict_cpu_masking",
    "restrict_connection",
    "platform_filter",
    "regular_nag_dialog",
    "restrict_vmpr",
    "restrict_vmss",
    "restrict_intellicache",
    "restrict_gpu",
    "restrict_dr",
    "restrict_vif_locking",
    "restrict_storage_xen_motion",
    "restrict_vgpu",
    "restrict_integrated_gpu_passthrough",
    "restrict_vss",
    "restrict_guest_agent_auto_update",
    "restrict_pci_device_for_auto_update",
    "restrict_xen_motion",
    "restrict_guest_ip_setting",
    "restrict_ad",
    "restrict_nested_virt",
    "restrict_live_patching",
    "restrict_set_vcpus_number_live",
    "restrict_pvs_proxy",
    "restrict_igmp_snooping",
    "restrict_rpu",
    "restrict_pool_size",
    "restrict_cbt",
    "restrict_usb_passthrough",
    "restrict_network_sriov",
    "restrict_corosync",
    "restrict_cluster_address",
    "restrict_zstd_export",
    "restrict_pool_secret_rotation",
    "restrict_certificate_verification",
    "restrict_updates",
    "restrict_internal_repo_access",
    "restrict_vtpm",
    "restrict_vm_groups",
    "restrict_vm_start",
    "restrict_vm_appliance_start",
)

NEVER = "never"


def restrictions() -> Mapping[str, str]:
    """What `pool.restrictions` shows: no restriction at all."""
    return {key: "true" if key == POSITIVE else "false" for key in RESTRICTIONS}


def license_params() -> Mapping[str, str]:
    """What `host.license_params` shows."""
    return {"expiry": NEVER, "license_type": "free", **restrictions()}
