"""The enumerations of the XenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class AfterApplyGuidance(StrEnum):
    """"""

    RESTART_HVM = "restartHVM"
    RESTART_PV = "restartPV"
    RESTART_HOST = "restartHost"
    RESTART_XAPI = "restartXAPI"


class AllocationAlgorithm(StrEnum):
    """"""

    BREADTH_FIRST = "breadth_first"
    DEPTH_FIRST = "depth_first"


class BondMode(StrEnum):
    """"""

    BALANCE_SLB = "balance-slb"
    ACTIVE_BACKUP = "active-backup"
    LACP = "lacp"


class CertificatePurpose(StrEnum):
    """"""

    LICENSING = "licensing"
    LDAPS = "ldaps"


class CertificateType(StrEnum):
    """"""

    CA = "ca"
    HOST = "host"
    HOST_INTERNAL = "host_internal"
    PINNED = "pinned"


class Cls(StrEnum):
    """"""

    VM = "VM"
    HOST = "Host"
    SR = "SR"
    POOL = "Pool"
    VMPP = "VMPP"
    VMSS = "VMSS"
    PVS_PROXY = "PVS_proxy"
    VDI = "VDI"
    CERTIFICATE = "Certificate"


class ClusterHostOperation(StrEnum):
    """"""

    ENABLE = "enable"
    DISABLE = "disable"
    DESTROY = "destroy"


class ClusterOperation(StrEnum):
    """"""

    ADD = "add"
    REMOVE = "remove"
    ENABLE = "enable"
    DISABLE = "disable"
    DESTROY = "destroy"


class ConsoleProtocol(StrEnum):
    """"""

    VT100 = "vt100"
    RFB = "rfb"
    RDP = "rdp"


class DomainType(StrEnum):
    """"""

    HVM = "hvm"
    PV = "pv"
    PV_IN_PVH = "pv_in_pvh"
    PVH = "pvh"
    UNSPECIFIED = "unspecified"


class EventOperation(StrEnum):
    """"""

    ADD = "add"
    DEL = "del"
    MOD = "mod"


class HelloReturn(StrEnum):
    """"""

    OK = "ok"
    UNKNOWN_HOST = "unknown_host"
    CANNOT_TALK_BACK = "cannot_talk_back"


class HostAllowedOperations(StrEnum):
    """"""

    PROVISION = "provision"
    EVACUATE = "evacuate"
    SHUTDOWN = "shutdown"
    REBOOT = "reboot"
    POWER_ON = "power_on"
    VM_START = "vm_start"
    VM_RESUME = "vm_resume"
    VM_MIGRATE = "vm_migrate"
    APPLY_UPDATES = "apply_updates"
    ENABLE = "enable"


class HostDisplay(StrEnum):
    """"""

    ENABLED = "enabled"
    DISABLE_ON_REBOOT = "disable_on_reboot"
    DISABLED = "disabled"
    ENABLE_ON_REBOOT = "enable_on_reboot"


class HostNtpMode(StrEnum):
    """"""

    DHCP = "DHCP"
    CUSTOM = "Custom"
    FACTORY = "Factory"
    DISABLED = "Disabled"


class HostNumaAffinityPolicy(StrEnum):
    """"""

    ANY = "any"
    BEST_EFFORT = "best_effort"
    DEFAULT_POLICY = "default_policy"


class HostSchedGran(StrEnum):
    """"""

    CORE = "core"
    CPU = "cpu"
    SOCKET = "socket"


class ImageFormatType(StrEnum):
    """"""

    RAW = "raw"
    VHD = "vhd"
    QCOW2 = "qcow2"


class IpConfigurationMode(StrEnum):
    """"""

    NONE = "None"
    DHCP = "DHCP"
    STATIC = "Static"


class Ipv6ConfigurationMode(StrEnum):
    """"""

    NONE = "None"
    DHCP = "DHCP"
    STATIC = "Static"
    AUTOCONF = "Autoconf"


class LatestSyncedUpdatesAppliedState(StrEnum):
    """"""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class LivepatchStatus(StrEnum):
    """"""

    OK_LIVEPATCH_COMPLETE = "ok_livepatch_complete"
    OK_LIVEPATCH_INCOMPLETE = "ok_livepatch_incomplete"
    OK = "ok"


class NetworkDefaultLockingMode(StrEnum):
    """"""

    UNLOCKED = "unlocked"
    DISABLED = "disabled"


class NetworkOperations(StrEnum):
    """"""

    ATTACHING = "attaching"


class NetworkPurpose(StrEnum):
    """"""

    NBD = "nbd"
    INSECURE_NBD = "insecure_nbd"


class OnBoot(StrEnum):
    """"""

    RESET = "reset"
    PERSIST = "persist"


class OnCrashBehaviour(StrEnum):
    """"""

    DESTROY = "destroy"
    COREDUMP_AND_DESTROY = "coredump_and_destroy"
    RESTART = "restart"
    COREDUMP_AND_RESTART = "coredump_and_restart"
    PRESERVE = "preserve"
    RENAME_RESTART = "rename_restart"


class OnNormalExit(StrEnum):
    """"""

    DESTROY = "destroy"
    RESTART = "restart"


class OnSoftrebootBehavior(StrEnum):
    """"""

    SOFT_REBOOT = "soft_reboot"
    DESTROY = "destroy"
    RESTART = "restart"
    PRESERVE = "preserve"


class Origin(StrEnum):
    """"""

    REMOTE = "remote"
    BUNDLE = "bundle"
    REMOTE_POOL = "remote_pool"


class PCIDom0Access(StrEnum):
    """"""

    ENABLED = "enabled"
    DISABLE_ON_REBOOT = "disable_on_reboot"
    DISABLED = "disabled"
    ENABLE_ON_REBOOT = "enable_on_reboot"


class PersistenceBackend(StrEnum):
    """"""

    XAPI = "xapi"


class PIFIgmpStatus(StrEnum):
    """"""

    ENABLED = "enabled"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


class PlacementPolicy(StrEnum):
    """"""

    ANTI_AFFINITY = "anti_affinity"
    NORMAL = "normal"


class PoolAllowedOperations(StrEnum):
    """"""

    HA_ENABLE = "ha_enable"
    HA_DISABLE = "ha_disable"
    CLUSTER_CREATE = "cluster_create"
    DESIGNATE_NEW_MASTER = "designate_new_master"
    CONFIGURE_REPOSITORIES = "configure_repositories"
    SYNC_UPDATES = "sync_updates"
    SYNC_BUNDLE = "sync_bundle"
    GET_UPDATES = "get_updates"
    APPLY_UPDATES = "apply_updates"
    TLS_VERIFICATION_ENABLE = "tls_verification_enable"
    CERT_REFRESH = "cert_refresh"
    EXCHANGE_CERTIFICATES_ON_JOIN = "exchange_certificates_on_join"
    EXCHANGE_CA_CERTIFICATES_ON_JOIN = "exchange_ca_certificates_on_join"
    COPY_PRIMARY_HOST_CERTS = "copy_primary_host_certs"
    EJECT = "eject"
    EXCHANGE_CRLS_ON_JOIN = "exchange_crls_on_join"


class PoolGuestSecurebootReadiness(StrEnum):
    """"""

    READY = "ready"
    READY_NO_DBX = "ready_no_dbx"
    NOT_READY = "not_ready"


class PrimaryAddressType(StrEnum):
    """"""

    IPV4 = "IPv4"
    IPV6 = "IPv6"


class PVSProxyStatus(StrEnum):
    """"""

    STOPPED = "stopped"
    INITIALISED = "initialised"
    CACHING = "caching"
    INCOMPATIBLE_WRITE_CACHE_MODE = "incompatible_write_cache_mode"
    INCOMPATIBLE_PROTOCOL_VERSION = "incompatible_protocol_version"


class SDNControllerProtocol(StrEnum):
    """"""

    SSL = "ssl"
    PSSL = "pssl"


class SRHealth(StrEnum):
    """"""

    HEALTHY = "healthy"
    RECOVERING = "recovering"
    UNREACHABLE = "unreachable"
    UNAVAILABLE = "unavailable"


class SriovConfigurationMode(StrEnum):
    """"""

    SYSFS = "sysfs"
    MODPROBE = "modprobe"
    MANUAL = "manual"
    UNKNOWN = "unknown"


class StorageOperations(StrEnum):
    """"""

    SCAN = "scan"
    DESTROY = "destroy"
    FORGET = "forget"
    PLUG = "plug"
    UNPLUG = "unplug"
    UPDATE = "update"
    VDI_CREATE = "vdi_create"
    VDI_INTRODUCE = "vdi_introduce"
    VDI_DESTROY = "vdi_destroy"
    VDI_RESIZE = "vdi_resize"
    VDI_CLONE = "vdi_clone"
    VDI_SNAPSHOT = "vdi_snapshot"
    VDI_MIRROR = "vdi_mirror"
    VDI_ENABLE_CBT = "vdi_enable_cbt"
    VDI_DISABLE_CBT = "vdi_disable_cbt"
    VDI_DATA_DESTROY = "vdi_data_destroy"
    VDI_LIST_CHANGED_BLOCKS = "vdi_list_changed_blocks"
    VDI_SET_ON_BOOT = "vdi_set_on_boot"
    VDI_BLOCKED = "vdi_blocked"
    VDI_COPY = "vdi_copy"
    VDI_FORCE_UNLOCK = "vdi_force_unlock"
    VDI_FORGET = "vdi_forget"
    VDI_GENERATE_CONFIG = "vdi_generate_config"
    VDI_RESIZE_ONLINE = "vdi_resize_online"
    VDI_UPDATE = "vdi_update"
    VDI_REVERT = "vdi_revert"
    PBD_CREATE = "pbd_create"
    PBD_DESTROY = "pbd_destroy"


class TaskAllowedOperations(StrEnum):
    """"""

    CANCEL = "cancel"
    DESTROY = "destroy"


class TaskStatusType(StrEnum):
    """"""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class TelemetryFrequency(StrEnum):
    """"""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class TristateType(StrEnum):
    """"""

    YES = "yes"
    NO = "no"
    UNSPECIFIED = "unspecified"


class TunnelProtocol(StrEnum):
    """"""

    GRE = "gre"
    VXLAN = "vxlan"


class UpdateAfterApplyGuidance(StrEnum):
    """"""

    RESTART_HVM = "restartHVM"
    RESTART_PV = "restartPV"
    RESTART_HOST = "restartHost"
    RESTART_XAPI = "restartXAPI"


class UpdateGuidances(StrEnum):
    """"""

    REBOOT_HOST = "reboot_host"
    REBOOT_HOST_ON_LIVEPATCH_FAILURE = "reboot_host_on_livepatch_failure"
    REBOOT_HOST_ON_KERNEL_LIVEPATCH_FAILURE = "reboot_host_on_kernel_livepatch_failure"
    REBOOT_HOST_ON_XEN_LIVEPATCH_FAILURE = "reboot_host_on_xen_livepatch_failure"
    RESTART_TOOLSTACK = "restart_toolstack"
    RESTART_DEVICE_MODEL = "restart_device_model"
    RESTART_VM = "restart_vm"


class UpdateStatus(StrEnum):
    """"""

    YES = "yes"
    NO = "no"
    UNSPECIFIED = "unspecified"


class UpdateSyncFrequency(StrEnum):
    """"""

    DAILY = "daily"
    WEEKLY = "weekly"


class VBDMode(StrEnum):
    """"""

    RO = "RO"
    RW = "RW"


class VBDOperations(StrEnum):
    """"""

    ATTACH = "attach"
    EJECT = "eject"
    INSERT = "insert"
    PLUG = "plug"
    UNPLUG = "unplug"
    UNPLUG_FORCE = "unplug_force"
    PAUSE = "pause"
    UNPAUSE = "unpause"


class VBDType(StrEnum):
    """"""

    CD = "CD"
    DISK = "Disk"
    FLOPPY = "Floppy"


class VDIOperations(StrEnum):
    """"""

    CLONE = "clone"
    COPY = "copy"
    RESIZE = "resize"
    RESIZE_ONLINE = "resize_online"
    SNAPSHOT = "snapshot"
    MIRROR = "mirror"
    DESTROY = "destroy"
    FORGET = "forget"
    UPDATE = "update"
    FORCE_UNLOCK = "force_unlock"
    GENERATE_CONFIG = "generate_config"
    ENABLE_CBT = "enable_cbt"
    DISABLE_CBT = "disable_cbt"
    DATA_DESTROY = "data_destroy"
    LIST_CHANGED_BLOCKS = "list_changed_blocks"
    SET_ON_BOOT = "set_on_boot"
    BLOCKED = "blocked"
    REVERT_TO = "revert_to"
    REVERT_FROM = "revert_from"


class VDIType(StrEnum):
    """"""

    SYSTEM = "system"
    USER = "user"
    EPHEMERAL = "ephemeral"
    SUSPEND = "suspend"
    CRASHDUMP = "crashdump"
    HA_STATEFILE = "ha_statefile"
    METADATA = "metadata"
    REDO_LOG = "redo_log"
    RRD = "rrd"
    PVS_CACHE = "pvs_cache"
    CBT_METADATA = "cbt_metadata"


class VGPUTypeImplementation(StrEnum):
    """"""

    PASSTHROUGH = "passthrough"
    NVIDIA = "nvidia"
    NVIDIA_SRIOV = "nvidia_sriov"
    GVT_G = "gvt_g"
    MXGPU = "mxgpu"


class VIFIpv4ConfigurationMode(StrEnum):
    """"""

    NONE = "None"
    STATIC = "Static"
    DHCP = "DHCP"


class VIFIpv6ConfigurationMode(StrEnum):
    """"""

    NONE = "None"
    STATIC = "Static"
    AUTOCONF = "Autoconf"


class VIFLockingMode(StrEnum):
    """"""

    NETWORK_DEFAULT = "network_default"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    DISABLED = "disabled"


class VIFOperations(StrEnum):
    """"""

    ATTACH = "attach"
    PLUG = "plug"
    UNPLUG = "unplug"


class VMApplianceOperation(StrEnum):
    """"""

    START = "start"
    CLEAN_SHUTDOWN = "clean_shutdown"
    HARD_SHUTDOWN = "hard_shutdown"
    SHUTDOWN = "shutdown"


class VMOperations(StrEnum):
    """"""

    SNAPSHOT = "snapshot"
    CLONE = "clone"
    COPY = "copy"
    CREATE_TEMPLATE = "create_template"
    REVERT = "revert"
    CHECKPOINT = "checkpoint"
    SNAPSHOT_WITH_QUIESCE = "snapshot_with_quiesce"
    PROVISION = "provision"
    START = "start"
    START_ON = "start_on"
    PAUSE = "pause"
    UNPAUSE = "unpause"
    CLEAN_SHUTDOWN = "clean_shutdown"
    CLEAN_REBOOT = "clean_reboot"
    HARD_SHUTDOWN = "hard_shutdown"
    POWER_STATE_RESET = "power_state_reset"
    HARD_REBOOT = "hard_reboot"
    SUSPEND = "suspend"
    CSVM = "csvm"
    RESUME = "resume"
    RESUME_ON = "resume_on"
    POOL_MIGRATE = "pool_migrate"
    MIGRATE_SEND = "migrate_send"
    GET_BOOT_RECORD = "get_boot_record"
    SEND_SYSRQ = "send_sysrq"
    SEND_TRIGGER = "send_trigger"
    QUERY_SERVICES = "query_services"
    SHUTDOWN = "shutdown"
    CALL_PLUGIN = "call_plugin"
    CHANGING_MEMORY_LIVE = "changing_memory_live"
    AWAITING_MEMORY_LIVE = "awaiting_memory_live"
    CHANGING_DYNAMIC_RANGE = "changing_dynamic_range"
    CHANGING_STATIC_RANGE = "changing_static_range"
    CHANGING_MEMORY_LIMITS = "changing_memory_limits"
    CHANGING_SHADOW_MEMORY = "changing_shadow_memory"
    CHANGING_SHADOW_MEMORY_LIVE = "changing_shadow_memory_live"
    CHANGING_VCPUS = "changing_VCPUs"
    CHANGING_VCPUS_LIVE = "changing_VCPUs_live"
    CHANGING_NVRAM = "changing_NVRAM"
    ASSERT_OPERATION_VALID = "assert_operation_valid"
    DATA_SOURCE_OP = "data_source_op"
    UPDATE_ALLOWED_OPERATIONS = "update_allowed_operations"
    MAKE_INTO_TEMPLATE = "make_into_template"
    IMPORT = "import"
    EXPORT = "export"
    METADATA_EXPORT = "metadata_export"
    REVERTING = "reverting"
    DESTROY = "destroy"
    CREATE_VTPM = "create_vtpm"
    SYSPREP = "sysprep"


class VMPowerState(StrEnum):
    """"""

    HALTED = "Halted"
    PAUSED = "Paused"
    RUNNING = "Running"
    SUSPENDED = "Suspended"


class VMSecurebootCertificatesState(StrEnum):
    """"""

    OK = "ok"
    UPDATE_AVAILABLE = "update_available"
    UPDATE_ON_BOOT = "update_on_boot"


class VMSecurebootReadiness(StrEnum):
    """"""

    NOT_SUPPORTED = "not_supported"
    DISABLED = "disabled"
    FIRST_BOOT = "first_boot"
    READY = "ready"
    READY_NO_DBX = "ready_no_dbx"
    SETUP_MODE = "setup_mode"
    CERTS_INCOMPLETE = "certs_incomplete"


class VMUefiMode(StrEnum):
    """"""

    SETUP = "setup"
    USER = "user"


class VMPPArchiveFrequency(StrEnum):
    """"""

    NEVER = "never"
    ALWAYS_AFTER_BACKUP = "always_after_backup"
    DAILY = "daily"
    WEEKLY = "weekly"


class VMPPArchiveTargetType(StrEnum):
    """"""

    NONE = "none"
    CIFS = "cifs"
    NFS = "nfs"


class VMPPBackupFrequency(StrEnum):
    """"""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class VMPPBackupType(StrEnum):
    """"""

    SNAPSHOT = "snapshot"
    CHECKPOINT = "checkpoint"


class VMSSFrequency(StrEnum):
    """"""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class VMSSType(StrEnum):
    """"""

    SNAPSHOT = "snapshot"
    CHECKPOINT = "checkpoint"
    SNAPSHOT_WITH_QUIESCE = "snapshot_with_quiesce"


class VTPMOperations(StrEnum):
    """"""

    DESTROY = "destroy"


class VUSBOperations(StrEnum):
    """"""

    ATTACH = "attach"
    PLUG = "plug"
    UNPLUG = "unplug"


ENUMS: Mapping[str, type[StrEnum]] = {
    "after_apply_guidance": AfterApplyGuidance,
    "allocation_algorithm": AllocationAlgorithm,
    "bond_mode": BondMode,
    "certificate_purpose": CertificatePurpose,
    "certificate_type": CertificateType,
    "cls": Cls,
    "cluster_host_operation": ClusterHostOperation,
    "cluster_operation": ClusterOperation,
    "console_protocol": ConsoleProtocol,
    "domain_type": DomainType,
    "event_operation": EventOperation,
    "hello_return": HelloReturn,
    "host_allowed_operations": HostAllowedOperations,
    "host_display": HostDisplay,
    "host_ntp_mode": HostNtpMode,
    "host_numa_affinity_policy": HostNumaAffinityPolicy,
    "host_sched_gran": HostSchedGran,
    "image_format_type": ImageFormatType,
    "ip_configuration_mode": IpConfigurationMode,
    "ipv6_configuration_mode": Ipv6ConfigurationMode,
    "latest_synced_updates_applied_state": LatestSyncedUpdatesAppliedState,
    "livepatch_status": LivepatchStatus,
    "network_default_locking_mode": NetworkDefaultLockingMode,
    "network_operations": NetworkOperations,
    "network_purpose": NetworkPurpose,
    "on_boot": OnBoot,
    "on_crash_behaviour": OnCrashBehaviour,
    "on_normal_exit": OnNormalExit,
    "on_softreboot_behavior": OnSoftrebootBehavior,
    "origin": Origin,
    "pci_dom0_access": PCIDom0Access,
    "persistence_backend": PersistenceBackend,
    "pif_igmp_status": PIFIgmpStatus,
    "placement_policy": PlacementPolicy,
    "pool_allowed_operations": PoolAllowedOperations,
    "pool_guest_secureboot_readiness": PoolGuestSecurebootReadiness,
    "primary_address_type": PrimaryAddressType,
    "pvs_proxy_status": PVSProxyStatus,
    "sdn_controller_protocol": SDNControllerProtocol,
    "sr_health": SRHealth,
    "sriov_configuration_mode": SriovConfigurationMode,
    "storage_operations": StorageOperations,
    "task_allowed_operations": TaskAllowedOperations,
    "task_status_type": TaskStatusType,
    "telemetry_frequency": TelemetryFrequency,
    "tristate_type": TristateType,
    "tunnel_protocol": TunnelProtocol,
    "update_after_apply_guidance": UpdateAfterApplyGuidance,
    "update_guidances": UpdateGuidances,
    "update_status": UpdateStatus,
    "update_sync_frequency": UpdateSyncFrequency,
    "vbd_mode": VBDMode,
    "vbd_operations": VBDOperations,
    "vbd_type": VBDType,
    "vdi_operations": VDIOperations,
    "vdi_type": VDIType,
    "vgpu_type_implementation": VGPUTypeImplementation,
    "vif_ipv4_configuration_mode": VIFIpv4ConfigurationMode,
    "vif_ipv6_configuration_mode": VIFIpv6ConfigurationMode,
    "vif_locking_mode": VIFLockingMode,
    "vif_operations": VIFOperations,
    "vm_appliance_operation": VMApplianceOperation,
    "vm_operations": VMOperations,
    "vm_power_state": VMPowerState,
    "vm_secureboot_certificates_state": VMSecurebootCertificatesState,
    "vm_secureboot_readiness": VMSecurebootReadiness,
    "vm_uefi_mode": VMUefiMode,
    "vmpp_archive_frequency": VMPPArchiveFrequency,
    "vmpp_archive_target_type": VMPPArchiveTargetType,
    "vmpp_backup_frequency": VMPPBackupFrequency,
    "vmpp_backup_type": VMPPBackupType,
    "vmss_frequency": VMSSFrequency,
    "vmss_type": VMSSType,
    "vtpm_operations": VTPMOperations,
    "vusb_operations": VUSBOperations,
}
"""Every enumeration by its name in the manual."""
