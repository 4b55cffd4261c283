"""The enumerations of the XenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class AfterApplyGuidance(StrEnum):
    """What must be done after a patch was applied."""

    RESTART_HVM = "restartHVM"
    RESTART_PV = "restartPV"
    RESTART_HOST = "restartHost"
    RESTART_XAPI = "restartXAPI"


class AllocationAlgorithm(StrEnum):
    """Which card of a group is filled first."""

    BREADTH_FIRST = "breadth_first"
    DEPTH_FIRST = "depth_first"


class BondMode(StrEnum):
    """How traffic is spread over the members of a bond."""

    BALANCE_SLB = "balance-slb"
    ACTIVE_BACKUP = "active-backup"
    LACP = "lacp"


class CertificatePurpose(StrEnum):
    """What a certificate is used for."""

    LICENSING = "licensing"
    LDAPS = "ldaps"


class CertificateType(StrEnum):
    """What a certificate is."""

    CA = "ca"
    HOST = "host"
    HOST_INTERNAL = "host_internal"
    PINNED = "pinned"


class Cls(StrEnum):
    """Classes of objects that messages are about."""

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
    """What can be done to a member of a cluster."""

    ENABLE = "enable"
    DISABLE = "disable"
    DESTROY = "destroy"


class ClusterOperation(StrEnum):
    """What can be done to a cluster."""

    ADD = "add"
    REMOVE = "remove"
    ENABLE = "enable"
    DISABLE = "disable"
    DESTROY = "destroy"


class ConsoleProtocol(StrEnum):
    """What is spoken over a console."""

    VT100 = "vt100"
    RFB = "rfb"
    RDP = "rdp"


class DomainType(StrEnum):
    """How a VM is virtualised."""

    HVM = "hvm"
    PV = "pv"
    PV_IN_PVH = "pv_in_pvh"
    PVH = "pvh"
    UNSPECIFIED = "unspecified"


class EventOperation(StrEnum):
    """What happened to an object."""

    ADD = "add"
    DEL = "del"
    MOD = "mod"


class HelloReturn(StrEnum):
    """What the coordinator says to a member that reports."""

    OK = "ok"
    UNKNOWN_HOST = "unknown_host"
    CANNOT_TALK_BACK = "cannot_talk_back"


class HostAllowedOperations(StrEnum):
    """What can be done to a host."""

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
    """Whether a host shows its console on its own screen."""

    ENABLED = "enabled"
    DISABLE_ON_REBOOT = "disable_on_reboot"
    DISABLED = "disabled"
    ENABLE_ON_REBOOT = "enable_on_reboot"


class HostNtpMode(StrEnum):
    """Where a host's time servers come from."""

    DHCP = "DHCP"
    CUSTOM = "Custom"
    FACTORY = "Factory"
    DISABLED = "Disabled"


class HostNumaAffinityPolicy(StrEnum):
    """How memory of VMs is placed on NUMA nodes."""

    ANY = "any"
    BEST_EFFORT = "best_effort"
    DEFAULT_POLICY = "default_policy"


class HostSchedGran(StrEnum):
    """By what unit the hypervisor schedules."""

    CORE = "core"
    CPU = "cpu"
    SOCKET = "socket"


class ImageFormatType(StrEnum):
    """Formats of images."""

    RAW = "raw"
    VHD = "vhd"
    QCOW2 = "qcow2"


class IpConfigurationMode(StrEnum):
    """How an IPv4 address is configured."""

    NONE = "None"
    DHCP = "DHCP"
    STATIC = "Static"


class Ipv6ConfigurationMode(StrEnum):
    """How IPv6 addresses are configured."""

    NONE = "None"
    DHCP = "DHCP"
    STATIC = "Static"
    AUTOCONF = "Autoconf"


class LatestSyncedUpdatesAppliedState(StrEnum):
    """Whether a host has all updates that the pool knows."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class LivepatchStatus(StrEnum):
    """Whether an update needs no reboot."""

    OK_LIVEPATCH_COMPLETE = "ok_livepatch_complete"
    OK_LIVEPATCH_INCOMPLETE = "ok_livepatch_incomplete"
    OK = "ok"


class NetworkDefaultLockingMode(StrEnum):
    """How interfaces are filtered that leave it to the network."""

    UNLOCKED = "unlocked"
    DISABLED = "disabled"


class NetworkOperations(StrEnum):
    """What can be done to a network."""

    ATTACHING = "attaching"


class NetworkPurpose(StrEnum):
    """What a network is used for."""

    NBD = "nbd"
    INSECURE_NBD = "insecure_nbd"


class OnBoot(StrEnum):
    """What becomes of a disk's content when a VM boots."""

    RESET = "reset"
    PERSIST = "persist"


class OnCrashBehaviour(StrEnum):
    """What happens when a guest has crashed."""

    DESTROY = "destroy"
    COREDUMP_AND_DESTROY = "coredump_and_destroy"
    RESTART = "restart"
    COREDUMP_AND_RESTART = "coredump_and_restart"
    PRESERVE = "preserve"
    RENAME_RESTART = "rename_restart"


class OnNormalExit(StrEnum):
    """What happens when a guest has shut down or reboots."""

    DESTROY = "destroy"
    RESTART = "restart"


class OnSoftrebootBehavior(StrEnum):
    """What happens when a guest reboots within its domain."""

    SOFT_REBOOT = "soft_reboot"
    DESTROY = "destroy"
    RESTART = "restart"
    PRESERVE = "preserve"


class Origin(StrEnum):
    """What kind of place updates come from."""

    REMOTE = "remote"
    BUNDLE = "bundle"
    REMOTE_POOL = "remote_pool"


class PCIDom0Access(StrEnum):
    """Whether the control domain may use a device, now and after the next boot."""

    ENABLED = "enabled"
    DISABLE_ON_REBOOT = "disable_on_reboot"
    DISABLED = "disabled"
    ENABLE_ON_REBOOT = "enable_on_reboot"


class PersistenceBackend(StrEnum):
    """Where a TPM's contents are kept."""

    XAPI = "xapi"


class PIFIgmpStatus(StrEnum):
    """Whether a bridge looks into multicast membership."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


class PlacementPolicy(StrEnum):
    """How members of a group are spread over hosts."""

    ANTI_AFFINITY = "anti_affinity"
    NORMAL = "normal"


class PoolAllowedOperations(StrEnum):
    """What can be done to a pool."""

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
    """Whether UEFI guests could boot securely."""

    READY = "ready"
    READY_NO_DBX = "ready_no_dbx"
    NOT_READY = "not_ready"


class PrimaryAddressType(StrEnum):
    """Which address of an interface is the host's address for others."""

    IPV4 = "IPv4"
    IPV6 = "IPv6"


class PVSProxyStatus(StrEnum):
    """What a proxy is doing."""

    STOPPED = "stopped"
    INITIALISED = "initialised"
    CACHING = "caching"
    INCOMPATIBLE_WRITE_CACHE_MODE = "incompatible_write_cache_mode"
    INCOMPATIBLE_PROTOCOL_VERSION = "incompatible_protocol_version"


class SDNControllerProtocol(StrEnum):
    """How a controller is reached."""

    SSL = "ssl"
    PSSL = "pssl"


class SRHealth(StrEnum):
    """Whether a repository works."""

    HEALTHY = "healthy"
    RECOVERING = "recovering"
    UNREACHABLE = "unreachable"
    UNAVAILABLE = "unavailable"


class SriovConfigurationMode(StrEnum):
    """How virtual functions are set up."""

    SYSFS = "sysfs"
    MODPROBE = "modprobe"
    MANUAL = "manual"
    UNKNOWN = "unknown"


class StorageOperations(StrEnum):
    """What can be done to a storage repository."""

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
    """What can be done to a task."""

    CANCEL = "cancel"
    DESTROY = "destroy"


class TaskStatusType(StrEnum):
    """Whether a task is done, and how it ended."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class TelemetryFrequency(StrEnum):
    """How often telemetry is collected."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class TristateType(StrEnum):
    """Yes, no, or not known."""

    YES = "yes"
    NO = "no"
    UNSPECIFIED = "unspecified"


class TunnelProtocol(StrEnum):
    """How a tunnel wraps packets."""

    GRE = "gre"
    VXLAN = "vxlan"


class UpdateAfterApplyGuidance(StrEnum):
    """What must be done after an update was applied."""

    RESTART_HVM = "restartHVM"
    RESTART_PV = "restartPV"
    RESTART_HOST = "restartHost"
    RESTART_XAPI = "restartXAPI"


class UpdateGuidances(StrEnum):
    """What an update asks for."""

    REBOOT_HOST = "reboot_host"
    REBOOT_HOST_ON_LIVEPATCH_FAILURE = "reboot_host_on_livepatch_failure"
    REBOOT_HOST_ON_KERNEL_LIVEPATCH_FAILURE = "reboot_host_on_kernel_livepatch_failure"
    REBOOT_HOST_ON_XEN_LIVEPATCH_FAILURE = "reboot_host_on_xen_livepatch_failure"
    RESTART_TOOLSTACK = "restart_toolstack"
    RESTART_DEVICE_MODEL = "restart_device_model"
    RESTART_VM = "restart_vm"


class UpdateStatus(StrEnum):
    """What to do with certificates for secure boot."""

    YES = "yes"
    NO = "no"
    UNSPECIFIED = "unspecified"


class UpdateSyncFrequency(StrEnum):
    """How often updates are fetched."""

    DAILY = "daily"
    WEEKLY = "weekly"


class VBDMode(StrEnum):
    """Whether a guest may write to a device."""

    RO = "RO"
    RW = "RW"


class VBDOperations(StrEnum):
    """What can be done to a virtual block device."""

    ATTACH = "attach"
    EJECT = "eject"
    INSERT = "insert"
    PLUG = "plug"
    UNPLUG = "unplug"
    UNPLUG_FORCE = "unplug_force"
    PAUSE = "pause"
    UNPAUSE = "unpause"


class VBDType(StrEnum):
    """What a virtual block device is."""

    CD = "CD"
    DISK = "Disk"
    FLOPPY = "Floppy"


class VDIOperations(StrEnum):
    """What can be done to a virtual disk."""

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
    """What a virtual disk is used for."""

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
    """How a virtual GPU is made."""

    PASSTHROUGH = "passthrough"
    NVIDIA = "nvidia"
    NVIDIA_SRIOV = "nvidia_sriov"
    GVT_G = "gvt_g"
    MXGPU = "mxgpu"


class VIFIpv4ConfigurationMode(StrEnum):
    """Whether a guest is given an IPv4 address."""

    NONE = "None"
    STATIC = "Static"
    DHCP = "DHCP"


class VIFIpv6ConfigurationMode(StrEnum):
    """Whether a guest is given an IPv6 address."""

    NONE = "None"
    STATIC = "Static"
    AUTOCONF = "Autoconf"


class VIFLockingMode(StrEnum):
    """Whether and how traffic of an interface is filtered."""

    NETWORK_DEFAULT = "network_default"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    DISABLED = "disabled"


class VIFOperations(StrEnum):
    """What can be done to a virtual network interface."""

    ATTACH = "attach"
    PLUG = "plug"
    UNPLUG = "unplug"


class VMApplianceOperation(StrEnum):
    """What can be done to an appliance."""

    START = "start"
    CLEAN_SHUTDOWN = "clean_shutdown"
    HARD_SHUTDOWN = "hard_shutdown"
    SHUTDOWN = "shutdown"


class VMOperations(StrEnum):
    """What can be done to a VM."""

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
    """Whether a VM is running, and if not, what became of its memory."""

    HALTED = "Halted"
    PAUSED = "Paused"
    RUNNING = "Running"
    SUSPENDED = "Suspended"


class VMSecurebootCertificatesState(StrEnum):
    """Whether a VM's certificates for secure boot are current."""

    OK = "ok"
    UPDATE_AVAILABLE = "update_available"
    UPDATE_ON_BOOT = "update_on_boot"


class VMSecurebootReadiness(StrEnum):
    """Whether a VM could boot securely."""

    NOT_SUPPORTED = "not_supported"
    DISABLED = "disabled"
    FIRST_BOOT = "first_boot"
    READY = "ready"
    READY_NO_DBX = "ready_no_dbx"
    SETUP_MODE = "setup_mode"
    CERTS_INCOMPLETE = "certs_incomplete"


class VMUefiMode(StrEnum):
    """Modes of UEFI firmware."""

    SETUP = "setup"
    USER = "user"


class VMPPArchiveFrequency(StrEnum):
    """How often archives were made."""

    NEVER = "never"
    ALWAYS_AFTER_BACKUP = "always_after_backup"
    DAILY = "daily"
    WEEKLY = "weekly"


class VMPPArchiveTargetType(StrEnum):
    """Where archives were put."""

    NONE = "none"
    CIFS = "cifs"
    NFS = "nfs"


class VMPPBackupFrequency(StrEnum):
    """How often backups were made."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class VMPPBackupType(StrEnum):
    """What a backup held."""

    SNAPSHOT = "snapshot"
    CHECKPOINT = "checkpoint"


class VMSSFrequency(StrEnum):
    """How often snapshots are taken."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class VMSSType(StrEnum):
    """What kind of snapshots are taken."""

    SNAPSHOT = "snapshot"
    CHECKPOINT = "checkpoint"
    SNAPSHOT_WITH_QUIESCE = "snapshot_with_quiesce"


class VTPMOperations(StrEnum):
    """What can be done to a TPM."""

    DESTROY = "destroy"


class VUSBOperations(StrEnum):
    """What can be done to a virtual USB device."""

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
