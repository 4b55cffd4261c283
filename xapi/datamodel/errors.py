"""The errors of the XenAPI, by code."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar, dataclass_transform

from common.errors import WireError


@dataclass_transform(eq_default=False)
class XenError(WireError):
    """An error that clients know. The annotations of a subclass are its parameters in order; all travel as strings.

    Made by hand instead of by `dataclass`: six hundred of those would take most of a second at every start.
    """

    names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.names = tuple(inspect.get_annotations(cls))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = dict(zip(self.names, args, strict=False)) | kwargs
        if len(args) + len(kwargs) != len(self.names) or given.keys() != set(self.names):
            raise TypeError(f"{type(self).__name__} takes {self.names}, got {args} {kwargs}")
        super().__init__(*args)
        for name in self.names:
            setattr(self, name, str(given[name]))

    @classmethod
    def param_names(cls) -> tuple[str, ...]:
        return cls.names


class ActivationWhileNotFree(XenError):
    """"""

    code = "ACTIVATION_WHILE_NOT_FREE"


class AddressViolatesLockingConstraint(XenError):
    """"""

    code = "ADDRESS_VIOLATES_LOCKING_CONSTRAINT"

    address: Any


class ApplyGuidanceFailed(XenError):
    """"""

    code = "APPLY_GUIDANCE_FAILED"

    ref: Any


class ApplyLivepatchFailed(XenError):
    """"""

    code = "APPLY_LIVEPATCH_FAILED"

    livepatch: Any


class ApplyUpdatesFailed(XenError):
    """"""

    code = "APPLY_UPDATES_FAILED"

    ref: Any


class ApplyUpdatesInProgress(XenError):
    """"""

    code = "APPLY_UPDATES_IN_PROGRESS"


class AuthAlreadyEnabled(XenError):
    """"""

    code = "AUTH_ALREADY_ENABLED"

    current_auth_type: Any
    current_service_name: Any


class AuthDisableFailed(XenError):
    """"""

    code = "AUTH_DISABLE_FAILED"

    message: Any


class AuthDisableFailedPermissionDenied(XenError):
    """"""

    code = "AUTH_DISABLE_FAILED_PERMISSION_DENIED"

    message: Any


class AuthDisableFailedWrongCredentials(XenError):
    """"""

    code = "AUTH_DISABLE_FAILED_WRONG_CREDENTIALS"

    message: Any


class AuthEnableFailed(XenError):
    """"""

    code = "AUTH_ENABLE_FAILED"

    message: Any


class AuthEnableFailedDomainLookupFailed(XenError):
    """"""

    code = "AUTH_ENABLE_FAILED_DOMAIN_LOOKUP_FAILED"

    message: Any


class AuthEnableFailedInvalidAccount(XenError):
    """"""

    code = "AUTH_ENABLE_FAILED_INVALID_ACCOUNT"

    message: Any


class AuthEnableFailedInvalidOu(XenError):
    """"""

    code = "AUTH_ENABLE_FAILED_INVALID_OU"

    message: Any


class AuthEnableFailedInvalidTrustedCerts(XenError):
    """"""

    code = "AUTH_ENABLE_FAILED_INVALID_TRUSTED_CERTS"

    message: Any


class AuthEnableFailedNoTrustedCerts(XenError):
    """"""

    code = "AUTH_ENABLE_FAILED_NO_TRUSTED_CERTS"

    message: Any


class AuthEnableFailedPermissionDenied(XenError):
    """"""

    code = "AUTH_ENABLE_FAILED_PERMISSION_DENIED"

    message: Any


class AuthEnableFailedUnavailable(XenError):
    """"""

    code = "AUTH_ENABLE_FAILED_UNAVAILABLE"

    message: Any


class AuthEnableFailedWrongCredentials(XenError):
    """"""

    code = "AUTH_ENABLE_FAILED_WRONG_CREDENTIALS"

    message: Any


class AuthInvalidTrustedCerts(XenError):
    """"""

    code = "AUTH_INVALID_TRUSTED_CERTS"

    message: Any


class AuthIsDisabled(XenError):
    """"""

    code = "AUTH_IS_DISABLED"


class AuthNoTrustedCerts(XenError):
    """"""

    code = "AUTH_NO_TRUSTED_CERTS"

    message: Any


class AuthServiceError(XenError):
    """"""

    code = "AUTH_SERVICE_ERROR"

    message: Any


class AuthSetupTlsConnection(XenError):
    """"""

    code = "AUTH_SETUP_TLS_CONNECTION"

    message: Any


class AuthSetLdapsFailed(XenError):
    """"""

    code = "AUTH_SET_LDAPS_FAILED"

    host: Any
    message: Any


class AuthUnknownType(XenError):
    """"""

    code = "AUTH_UNKNOWN_TYPE"

    type: Any


class BackupScriptFailed(XenError):
    """"""

    code = "BACKUP_SCRIPT_FAILED"

    log: Any


class BallooningDisabled(XenError):
    """"""

    code = "BALLOONING_DISABLED"


class BallooningTimeoutBeforeMigration(XenError):
    """"""

    code = "BALLOONING_TIMEOUT_BEFORE_MIGRATION"

    vm: Any


class BlockedRepoUrl(XenError):
    """"""

    code = "BLOCKED_REPO_URL"

    url: Any


class BootloaderFailed(XenError):
    """"""

    code = "BOOTLOADER_FAILED"

    vm: Any
    msg: Any


class BootDevicePassthroughDisallowed(XenError):
    """"""

    code = "BOOT_DEVICE_PASSTHROUGH_DISALLOWED"

    device: Any


class BridgeNameExists(XenError):
    """"""

    code = "BRIDGE_NAME_EXISTS"

    bridge: Any


class BridgeNotAvailable(XenError):
    """"""

    code = "BRIDGE_NOT_AVAILABLE"

    bridge: Any


class BundleRepositoryAlreadyExists(XenError):
    """"""

    code = "BUNDLE_REPOSITORY_ALREADY_EXISTS"

    ref: Any


class BundleRepoNotEnabled(XenError):
    """"""

    code = "BUNDLE_REPO_NOT_ENABLED"


class BundleSyncFailed(XenError):
    """"""

    code = "BUNDLE_SYNC_FAILED"


class BundleUnpackFailed(XenError):
    """"""

    code = "BUNDLE_UNPACK_FAILED"

    error: Any


class CannotAddTunnelToBondSlave(XenError):
    """"""

    code = "CANNOT_ADD_TUNNEL_TO_BOND_SLAVE"

    pif: Any


class CannotAddTunnelToSriovLogical(XenError):
    """"""

    code = "CANNOT_ADD_TUNNEL_TO_SRIOV_LOGICAL"

    pif: Any


class CannotAddTunnelToVLANOnSriovLogical(XenError):
    """"""

    code = "CANNOT_ADD_TUNNEL_TO_VLAN_ON_SRIOV_LOGICAL"

    pif: Any


class CannotAddVLANToBondSlave(XenError):
    """"""

    code = "CANNOT_ADD_VLAN_TO_BOND_SLAVE"

    pif: Any


class CannotChangePIFProperties(XenError):
    """"""

    code = "CANNOT_CHANGE_PIF_PROPERTIES"

    pif: Any


class CannotContactHost(XenError):
    """"""

    code = "CANNOT_CONTACT_HOST"

    host: Any


class CannotCreateStateFile(XenError):
    """"""

    code = "CANNOT_CREATE_STATE_FILE"


class CannotDestroyDisasterRecoveryTask(XenError):
    """"""

    code = "CANNOT_DESTROY_DISASTER_RECOVERY_TASK"

    reason: Any


class CannotDestroySystemNetwork(XenError):
    """"""

    code = "CANNOT_DESTROY_SYSTEM_NETWORK"

    network: Any


class CannotEnableRedoLog(XenError):
    """"""

    code = "CANNOT_ENABLE_REDO_LOG"

    reason: Any


class CannotEvacuateHost(XenError):
    """"""

    code = "CANNOT_EVACUATE_HOST"

    errors: Any


class CannotFetchPatch(XenError):
    """"""

    code = "CANNOT_FETCH_PATCH"

    uuid: Any


class CannotFindOemBackupPartition(XenError):
    """"""

    code = "CANNOT_FIND_OEM_BACKUP_PARTITION"


class CannotFindPatch(XenError):
    """"""

    code = "CANNOT_FIND_PATCH"


class CannotFindStatePartition(XenError):
    """"""

    code = "CANNOT_FIND_STATE_PARTITION"


class CannotFindUpdate(XenError):
    """"""

    code = "CANNOT_FIND_UPDATE"


class CannotForgetSriovLogical(XenError):
    """"""

    code = "CANNOT_FORGET_SRIOV_LOGICAL"

    pif: Any


class CannotPlugBondSlave(XenError):
    """"""

    code = "CANNOT_PLUG_BOND_SLAVE"

    pif: Any


class CannotPlugVIF(XenError):
    """"""

    code = "CANNOT_PLUG_VIF"

    vif: Any


class CannotResetControlDomain(XenError):
    """"""

    code = "CANNOT_RESET_CONTROL_DOMAIN"

    vm: Any


class CannotRestartDeviceModel(XenError):
    """"""

    code = "CANNOT_RESTART_DEVICE_MODEL"

    ref: Any


class CanNotPeriodicSyncUpdates(XenError):
    """"""

    code = "CAN_NOT_PERIODIC_SYNC_UPDATES"


class CanNotSyncUpdates(XenError):
    """"""

    code = "CAN_NOT_SYNC_UPDATES"


class CaCertificateExpired(XenError):
    """"""

    code = "CA_CERTIFICATE_EXPIRED"


class CaCertificateInvalid(XenError):
    """"""

    code = "CA_CERTIFICATE_INVALID"


class CaCertificateNotValidYet(XenError):
    """"""

    code = "CA_CERTIFICATE_NOT_VALID_YET"


class CertificateAlreadyExists(XenError):
    """"""

    code = "CERTIFICATE_ALREADY_EXISTS"

    name: Any


class CertificateCorrupt(XenError):
    """"""

    code = "CERTIFICATE_CORRUPT"

    name: Any


class CertificateDoesNotExist(XenError):
    """"""

    code = "CERTIFICATE_DOES_NOT_EXIST"

    name: Any


class CertificateLacksPurpose(XenError):
    """"""

    code = "CERTIFICATE_LACKS_PURPOSE"


class CertificateLibraryCorrupt(XenError):
    """"""

    code = "CERTIFICATE_LIBRARY_CORRUPT"


class CertificateNameInvalid(XenError):
    """"""

    code = "CERTIFICATE_NAME_INVALID"

    name: Any


class CertRefreshInProgress(XenError):
    """"""

    code = "CERT_REFRESH_IN_PROGRESS"


class ChangePasswordRejected(XenError):
    """"""

    code = "CHANGE_PASSWORD_REJECTED"

    msg: Any


class ClusteredSRDegraded(XenError):
    """"""

    code = "CLUSTERED_SR_DEGRADED"

    sr: Any


class ClusteringDisabled(XenError):
    """"""

    code = "CLUSTERING_DISABLED"

    cluster_host: Any


class ClusteringEnabled(XenError):
    """"""

    code = "CLUSTERING_ENABLED"

    cluster_host: Any


class ClusterAlreadyExists(XenError):
    """"""

    code = "CLUSTER_ALREADY_EXISTS"


class ClusterCreateInProgress(XenError):
    """"""

    code = "CLUSTER_CREATE_IN_PROGRESS"


class ClusterDoesNotHaveOneNode(XenError):
    """"""

    code = "CLUSTER_DOES_NOT_HAVE_ONE_NODE"

    number_of_nodes: Any


class ClusterForceDestroyFailed(XenError):
    """"""

    code = "CLUSTER_FORCE_DESTROY_FAILED"

    cluster: Any


class ClusterHasNoCertificate(XenError):
    """"""

    code = "CLUSTER_HAS_NO_CERTIFICATE"


class ClusterHostIsLast(XenError):
    """"""

    code = "CLUSTER_HOST_IS_LAST"

    cluster_host: Any


class ClusterHostNotJoined(XenError):
    """"""

    code = "CLUSTER_HOST_NOT_JOINED"

    cluster_host: Any


class ClusterStackInUse(XenError):
    """"""

    code = "CLUSTER_STACK_IN_USE"

    cluster_stack: Any


class ConfigureRepositoriesInProgress(XenError):
    """"""

    code = "CONFIGURE_REPOSITORIES_IN_PROGRESS"


class CouldNotFindNetworkInterfaceWithSpecifiedDeviceNameAndMacAddress(XenError):
    """"""

    code = "COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS"

    device: Any
    mac: Any


class CouldNotImportDatabase(XenError):
    """"""

    code = "COULD_NOT_IMPORT_DATABASE"

    reason: Any


class CouldNotUpdateIgmpSnoopingEverywhere(XenError):
    """"""

    code = "COULD_NOT_UPDATE_IGMP_SNOOPING_EVERYWHERE"


class CpuFeatureMaskingNotSupported(XenError):
    """"""

    code = "CPU_FEATURE_MASKING_NOT_SUPPORTED"

    details: Any


class CreaterepoFailed(XenError):
    """"""

    code = "CREATEREPO_FAILED"


class CrlAlreadyExists(XenError):
    """"""

    code = "CRL_ALREADY_EXISTS"

    name: Any


class CrlCorrupt(XenError):
    """"""

    code = "CRL_CORRUPT"

    name: Any


class CrlDoesNotExist(XenError):
    """"""

    code = "CRL_DOES_NOT_EXIST"

    name: Any


class CrlNameInvalid(XenError):
    """"""

    code = "CRL_NAME_INVALID"

    name: Any


class DbUniquenessConstraintViolation(XenError):
    """"""

    code = "DB_UNIQUENESS_CONSTRAINT_VIOLATION"

    table: Any
    field: Any
    value: Any


class DefaultSRNotFound(XenError):
    """"""

    code = "DEFAULT_SR_NOT_FOUND"

    sr: Any


class DesignateNewMasterInProgress(XenError):
    """"""

    code = "DESIGNATE_NEW_MASTER_IN_PROGRESS"


class DeviceAlreadyAttached(XenError):
    """"""

    code = "DEVICE_ALREADY_ATTACHED"

    device: Any


class DeviceAlreadyDetached(XenError):
    """"""

    code = "DEVICE_ALREADY_DETACHED"

    device: Any


class DeviceAlreadyExists(XenError):
    """"""

    code = "DEVICE_ALREADY_EXISTS"

    device: Any


class DeviceAttachTimeout(XenError):
    """"""

    code = "DEVICE_ATTACH_TIMEOUT"

    type: Any
    ref: Any


class DeviceDetachRejected(XenError):
    """"""

    code = "DEVICE_DETACH_REJECTED"

    type: Any
    ref: Any
    msg: Any


class DeviceDetachTimeout(XenError):
    """"""

    code = "DEVICE_DETACH_TIMEOUT"

    type: Any
    ref: Any


class DeviceNotAttached(XenError):
    """"""

    code = "DEVICE_NOT_ATTACHED"

    vbd: Any


class DisableSshFailed(XenError):
    """"""

    code = "DISABLE_SSH_FAILED"

    host: Any


class DisableSshPartiallyFailed(XenError):
    """"""

    code = "DISABLE_SSH_PARTIALLY_FAILED"

    hosts: Any


class DiskVBDMustBeReadwriteForHvm(XenError):
    """"""

    code = "DISK_VBD_MUST_BE_READWRITE_FOR_HVM"

    vbd: Any


class DomainBuilderError(XenError):
    """"""

    code = "DOMAIN_BUILDER_ERROR"

    function: Any
    error_code: Any
    message: Any


class DomainExists(XenError):
    """"""

    code = "DOMAIN_EXISTS"

    vm: Any
    domid: Any


class DuplicateMacSeed(XenError):
    """"""

    code = "DUPLICATE_MAC_SEED"

    seed: Any


class DuplicatePIFDeviceName(XenError):
    """"""

    code = "DUPLICATE_PIF_DEVICE_NAME"

    device: Any


class DuplicateVM(XenError):
    """"""

    code = "DUPLICATE_VM"

    vm: Any


class EnableSshFailed(XenError):
    """"""

    code = "ENABLE_SSH_FAILED"

    host: Any


class EnableSshPartiallyFailed(XenError):
    """"""

    code = "ENABLE_SSH_PARTIALLY_FAILED"

    hosts: Any


class EventsLost(XenError):
    """"""

    code = "EVENTS_LOST"


class EventFromTokenParseFailure(XenError):
    """"""

    code = "EVENT_FROM_TOKEN_PARSE_FAILURE"

    token: Any


class EventSubscriptionParseFailure(XenError):
    """"""

    code = "EVENT_SUBSCRIPTION_PARSE_FAILURE"

    subscription: Any


class ExtensionProtocolFailure(XenError):
    """"""

    code = "EXTENSION_PROTOCOL_FAILURE"


class FailedToStartEmulator(XenError):
    """"""

    code = "FAILED_TO_START_EMULATOR"

    vm: Any
    name: Any
    msg: Any


class FeatureRequiresHvm(XenError):
    """"""

    code = "FEATURE_REQUIRES_HVM"

    details: Any


class FeatureRestricted(XenError):
    """"""

    code = "FEATURE_RESTRICTED"


class FieldTypeError(XenError):
    """"""

    code = "FIELD_TYPE_ERROR"

    field: Any


class GetHostUpdatesFailed(XenError):
    """"""

    code = "GET_HOST_UPDATES_FAILED"

    ref: Any


class GetUpdatesFailed(XenError):
    """"""

    code = "GET_UPDATES_FAILED"


class GetUpdatesInProgress(XenError):
    """"""

    code = "GET_UPDATES_IN_PROGRESS"


class GPUGroupContainsNoPGPUs(XenError):
    """"""

    code = "GPU_GROUP_CONTAINS_NO_PGPUS"

    gpu_group: Any


class GPUGroupContainsPGPU(XenError):
    """"""

    code = "GPU_GROUP_CONTAINS_PGPU"

    pgpus: Any


class GPUGroupContainsVGPU(XenError):
    """"""

    code = "GPU_GROUP_CONTAINS_VGPU"

    vgpus: Any


class HandleInvalid(XenError):
    """"""

    code = "HANDLE_INVALID"

    cls: Any
    ref: Any


class HAAbortNewMaster(XenError):
    """"""

    code = "HA_ABORT_NEW_MASTER"

    reason: Any


class HACannotChangeBondStatusOfMgmtIface(XenError):
    """"""

    code = "HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE"


class HAConstraintViolationNetworkNotShared(XenError):
    """"""

    code = "HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED"

    network: Any


class HAConstraintViolationSRNotShared(XenError):
    """"""

    code = "HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED"

    sr: Any


class HADisableInProgress(XenError):
    """"""

    code = "HA_DISABLE_IN_PROGRESS"


class HAEnableInProgress(XenError):
    """"""

    code = "HA_ENABLE_IN_PROGRESS"


class HAFailedToFormLiveset(XenError):
    """"""

    code = "HA_FAILED_TO_FORM_LIVESET"


class HAHeartbeatDaemonStartupFailed(XenError):
    """"""

    code = "HA_HEARTBEAT_DAEMON_STARTUP_FAILED"


class HAHostCannotAccessStatefile(XenError):
    """"""

    code = "HA_HOST_CANNOT_ACCESS_STATEFILE"


class HAHostCannotSeePeers(XenError):
    """"""

    code = "HA_HOST_CANNOT_SEE_PEERS"

    host: Any
    all: Any
    subset: Any


class HAHostIsArmed(XenError):
    """"""

    code = "HA_HOST_IS_ARMED"

    host: Any


class HAIsEnabled(XenError):
    """"""

    code = "HA_IS_ENABLED"


class HALostStatefile(XenError):
    """"""

    code = "HA_LOST_STATEFILE"


class HANotEnabled(XenError):
    """"""

    code = "HA_NOT_ENABLED"


class HANotInstalled(XenError):
    """"""

    code = "HA_NOT_INSTALLED"

    host: Any


class HANoPlan(XenError):
    """"""

    code = "HA_NO_PLAN"


class HAOperationWouldBreakFailoverPlan(XenError):
    """"""

    code = "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN"


class HAPoolIsEnabledButHostIsDisabled(XenError):
    """"""

    code = "HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED"


class HAShouldBeFenced(XenError):
    """"""

    code = "HA_SHOULD_BE_FENCED"

    host: Any


class HATooFewHosts(XenError):
    """"""

    code = "HA_TOO_FEW_HOSTS"


class HostsFailedToDisableCaching(XenError):
    """"""

    code = "HOSTS_FAILED_TO_DISABLE_CACHING"


class HostsFailedToEnableCaching(XenError):
    """"""

    code = "HOSTS_FAILED_TO_ENABLE_CACHING"


class HostsNotCompatible(XenError):
    """"""

    code = "HOSTS_NOT_COMPATIBLE"


class HostsNotHomogeneous(XenError):
    """"""

    code = "HOSTS_NOT_HOMOGENEOUS"

    reason: Any


class HostBroken(XenError):
    """"""

    code = "HOST_BROKEN"


class HostCannotAttachNetwork(XenError):
    """"""

    code = "HOST_CANNOT_ATTACH_NETWORK"

    host: Any
    network: Any


class HostCannotDestroySelf(XenError):
    """"""

    code = "HOST_CANNOT_DESTROY_SELF"

    host: Any


class HostCannotReadMetrics(XenError):
    """"""

    code = "HOST_CANNOT_READ_METRICS"


class HostCannotSeeSR(XenError):
    """"""

    code = "HOST_CANNOT_SEE_SR"


class HostCdDriveEmpty(XenError):
    """"""

    code = "HOST_CD_DRIVE_EMPTY"


class HostDisabled(XenError):
    """"""

    code = "HOST_DISABLED"

    host: Any


class HostDisabledIndefinitely(XenError):
    """"""

    code = "HOST_DISABLED_INDEFINITELY"

    host: Any


class HostDisabledUntilReboot(XenError):
    """"""

    code = "HOST_DISABLED_UNTIL_REBOOT"

    host: Any


class HostDriverNoHardware(XenError):
    """"""

    code = "HOST_DRIVER_NO_HARDWARE"

    driver_variant: Any


class HostEvacuateInProgress(XenError):
    """"""

    code = "HOST_EVACUATE_IN_PROGRESS"

    host: Any


class HostEvacuateVMNotHAProtected(XenError):
    """"""

    code = "HOST_EVACUATE_VM_NOT_HA_PROTECTED"

    vm: Any


class HostEvacuationIsRequired(XenError):
    """"""

    code = "HOST_EVACUATION_IS_REQUIRED"

    host: Any


class HostHasNoManagementIp(XenError):
    """"""

    code = "HOST_HAS_NO_MANAGEMENT_IP"


class HostHasResidentVMs(XenError):
    """"""

    code = "HOST_HAS_RESIDENT_VMS"

    host: Any


class HostInEmergencyMode(XenError):
    """"""

    code = "HOST_IN_EMERGENCY_MODE"


class HostInUse(XenError):
    """"""

    code = "HOST_IN_USE"

    host: Any
    type: Any
    ref: Any


class HostIsLive(XenError):
    """"""

    code = "HOST_IS_LIVE"

    host: Any


class HostIsSlave(XenError):
    """"""

    code = "HOST_IS_SLAVE"

    master_ip_address: Any


class HostItsOwnSlave(XenError):
    """"""

    code = "HOST_ITS_OWN_SLAVE"


class HostMasterCannotTalkBack(XenError):
    """"""

    code = "HOST_MASTER_CANNOT_TALK_BACK"

    ip: Any


class HostNameInvalid(XenError):
    """"""

    code = "HOST_NAME_INVALID"

    reason: Any


class HostNotDisabled(XenError):
    """"""

    code = "HOST_NOT_DISABLED"


class HostNotEnoughFreeMemory(XenError):
    """"""

    code = "HOST_NOT_ENOUGH_FREE_MEMORY"

    needed: Any
    available: Any


class HostNotEnoughPcpus(XenError):
    """"""

    code = "HOST_NOT_ENOUGH_PCPUS"

    vcpus: Any
    pcpus: Any


class HostNotLive(XenError):
    """"""

    code = "HOST_NOT_LIVE"


class HostOffline(XenError):
    """"""

    code = "HOST_OFFLINE"

    host: Any


class HostPendingMandatoryGuidanceNotEmpty(XenError):
    """"""

    code = "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY"

    host: Any


class HostPowerOnModeDisabled(XenError):
    """"""

    code = "HOST_POWER_ON_MODE_DISABLED"


class HostStillBooting(XenError):
    """"""

    code = "HOST_STILL_BOOTING"


class HostUnknownToMaster(XenError):
    """"""

    code = "HOST_UNKNOWN_TO_MASTER"

    host: Any


class HostXapiVersionHigherThanCoordinator(XenError):
    """"""

    code = "HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR"

    host_xapi_version: Any


class IllegalInFipsMode(XenError):
    """"""

    code = "ILLEGAL_IN_FIPS_MODE"


class IllegalVBDDevice(XenError):
    """"""

    code = "ILLEGAL_VBD_DEVICE"

    vbd: Any
    device: Any


class ImportError(XenError):
    """"""

    code = "IMPORT_ERROR"

    msg: Any


class ImportErrorAttachedDisksNotFound(XenError):
    """"""

    code = "IMPORT_ERROR_ATTACHED_DISKS_NOT_FOUND"


class ImportErrorCannotHandleChunked(XenError):
    """"""

    code = "IMPORT_ERROR_CANNOT_HANDLE_CHUNKED"


class ImportErrorFailedToFindObject(XenError):
    """"""

    code = "IMPORT_ERROR_FAILED_TO_FIND_OBJECT"

    id: Any


class ImportErrorPrematureEof(XenError):
    """"""

    code = "IMPORT_ERROR_PREMATURE_EOF"


class ImportErrorSomeChecksumsFailed(XenError):
    """"""

    code = "IMPORT_ERROR_SOME_CHECKSUMS_FAILED"


class ImportErrorUnexpectedFile(XenError):
    """"""

    code = "IMPORT_ERROR_UNEXPECTED_FILE"

    filename_expected: Any
    filename_found: Any


class ImportIncompatibleVersion(XenError):
    """"""

    code = "IMPORT_INCOMPATIBLE_VERSION"


class IncompatibleClusterStackActive(XenError):
    """"""

    code = "INCOMPATIBLE_CLUSTER_STACK_ACTIVE"

    cluster_stack: Any


class IncompatiblePIFProperties(XenError):
    """"""

    code = "INCOMPATIBLE_PIF_PROPERTIES"


class IncompatibleStatefileSR(XenError):
    """"""

    code = "INCOMPATIBLE_STATEFILE_SR"

    sr_type: Any


class InterfaceHasNoIp(XenError):
    """"""

    code = "INTERFACE_HAS_NO_IP"

    interface: Any


class InternalError(XenError):
    """"""

    code = "INTERNAL_ERROR"
    is_bug = True

    message: Any


class InvalidBaseUrl(XenError):
    """"""

    code = "INVALID_BASE_URL"

    url: Any


class InvalidCidrAddressSpecified(XenError):
    """"""

    code = "INVALID_CIDR_ADDRESS_SPECIFIED"

    parameter: Any


class InvalidClusterStack(XenError):
    """"""

    code = "INVALID_CLUSTER_STACK"

    cluster_stack: Any


class InvalidDevice(XenError):
    """"""

    code = "INVALID_DEVICE"

    device: Any


class InvalidEdition(XenError):
    """"""

    code = "INVALID_EDITION"

    edition: Any


class InvalidFeatureString(XenError):
    """"""

    code = "INVALID_FEATURE_STRING"

    details: Any


class InvalidGpgkeyPath(XenError):
    """"""

    code = "INVALID_GPGKEY_PATH"

    gpgkey_path: Any


class InvalidIpAddressSpecified(XenError):
    """"""

    code = "INVALID_IP_ADDRESS_SPECIFIED"

    parameter: Any


class InvalidNtpConfig(XenError):
    """"""

    code = "INVALID_NTP_CONFIG"

    reason: Any


class InvalidPatch(XenError):
    """"""

    code = "INVALID_PATCH"


class InvalidPatchWithLog(XenError):
    """"""

    code = "INVALID_PATCH_WITH_LOG"

    log: Any


class InvalidRepomdXml(XenError):
    """"""

    code = "INVALID_REPOMD_XML"


class InvalidRepositoryDomainAllowlist(XenError):
    """"""

    code = "INVALID_REPOSITORY_DOMAIN_ALLOWLIST"

    domains: Any


class InvalidRepositoryProxyCredential(XenError):
    """"""

    code = "INVALID_REPOSITORY_PROXY_CREDENTIAL"


class InvalidRepositoryProxyUrl(XenError):
    """"""

    code = "INVALID_REPOSITORY_PROXY_URL"

    url: Any


class InvalidUpdate(XenError):
    """"""

    code = "INVALID_UPDATE"

    info: Any


class InvalidUpdateinfoXml(XenError):
    """"""

    code = "INVALID_UPDATEINFO_XML"


class InvalidUpdateSyncDay(XenError):
    """"""

    code = "INVALID_UPDATE_SYNC_DAY"

    day: Any


class InvalidValue(XenError):
    """"""

    code = "INVALID_VALUE"

    field: Any
    value: Any


class IsTunnelAccessPIF(XenError):
    """"""

    code = "IS_TUNNEL_ACCESS_PIF"

    pif: Any


class JoiningHostCannotBeMasterOfOtherHosts(XenError):
    """"""

    code = "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS"


class JoiningHostCannotContainSharedSrs(XenError):
    """"""

    code = "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS"


class JoiningHostCannotHaveRunningOrSuspendedVMs(XenError):
    """"""

    code = "JOINING_HOST_CANNOT_HAVE_RUNNING_OR_SUSPENDED_VMS"


class JoiningHostCannotHaveRunningVMs(XenError):
    """"""

    code = "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"


class JoiningHostCannotHaveVMsWithCurrentOperations(XenError):
    """"""

    code = "JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS"


class JoiningHostConnectionFailed(XenError):
    """"""

    code = "JOINING_HOST_CONNECTION_FAILED"


class JoiningHostServiceFailed(XenError):
    """"""

    code = "JOINING_HOST_SERVICE_FAILED"


class LicenceRestriction(XenError):
    """"""

    code = "LICENCE_RESTRICTION"

    feature: Any


class LicenseCannotDowngradeWhileInPool(XenError):
    """"""

    code = "LICENSE_CANNOT_DOWNGRADE_WHILE_IN_POOL"


class LicenseCheckoutError(XenError):
    """"""

    code = "LICENSE_CHECKOUT_ERROR"

    error_code: Any
    message: Any


class LicenseDoesNotSupportPooling(XenError):
    """"""

    code = "LICENSE_DOES_NOT_SUPPORT_POOLING"


class LicenseDoesNotSupportXha(XenError):
    """"""

    code = "LICENSE_DOES_NOT_SUPPORT_XHA"


class LicenseExpired(XenError):
    """"""

    code = "LICENSE_EXPIRED"


class LicenseFileDeprecated(XenError):
    """"""

    code = "LICENSE_FILE_DEPRECATED"


class LicenseHostPoolMismatch(XenError):
    """"""

    code = "LICENSE_HOST_POOL_MISMATCH"


class LicenseProcessingError(XenError):
    """"""

    code = "LICENSE_PROCESSING_ERROR"


class LocationNotUnique(XenError):
    """"""

    code = "LOCATION_NOT_UNIQUE"

    sr: Any
    location: Any


class MacDoesNotExist(XenError):
    """"""

    code = "MAC_DOES_NOT_EXIST"

    mac: Any


class MacInvalid(XenError):
    """"""

    code = "MAC_INVALID"

    mac: Any


class MacStillExists(XenError):
    """"""

    code = "MAC_STILL_EXISTS"

    mac: Any


class MapDuplicateKey(XenError):
    """"""

    code = "MAP_DUPLICATE_KEY"

    type: Any
    param_name: Any
    uuid: Any
    key: Any


class MemoryConstraintViolation(XenError):
    """"""

    code = "MEMORY_CONSTRAINT_VIOLATION"

    constraint: Any


class MemoryConstraintViolationMaxpin(XenError):
    """"""

    code = "MEMORY_CONSTRAINT_VIOLATION_MAXPIN"

    reason: Any


class MemoryConstraintViolationOrder(XenError):
    """"""

    code = "MEMORY_CONSTRAINT_VIOLATION_ORDER"


class MessageDeprecated(XenError):
    """"""

    code = "MESSAGE_DEPRECATED"


class MessageMethodUnknown(XenError):
    """"""

    code = "MESSAGE_METHOD_UNKNOWN"

    method: Any


class MessageParameterCountMismatch(XenError):
    """"""

    code = "MESSAGE_PARAMETER_COUNT_MISMATCH"

    method: Any
    expected: Any
    received: Any


class MessageRemoved(XenError):
    """"""

    code = "MESSAGE_REMOVED"


class MirrorFailed(XenError):
    """"""

    code = "MIRROR_FAILED"

    vdi: Any


class MissingConnectionDetails(XenError):
    """"""

    code = "MISSING_CONNECTION_DETAILS"


class MultipleUpdateRepositoriesEnabled(XenError):
    """"""

    code = "MULTIPLE_UPDATE_REPOSITORIES_ENABLED"


class NetworkAlreadyConnected(XenError):
    """"""

    code = "NETWORK_ALREADY_CONNECTED"

    network: Any
    connected_pif: Any


class NetworkContainsPIF(XenError):
    """"""

    code = "NETWORK_CONTAINS_PIF"

    pifs: Any


class NetworkContainsVIF(XenError):
    """"""

    code = "NETWORK_CONTAINS_VIF"

    vifs: Any


class NetworkHasIncompatibleSriovPIFs(XenError):
    """"""

    code = "NETWORK_HAS_INCOMPATIBLE_SRIOV_PIFS"

    pif: Any
    network: Any


class NetworkHasIncompatibleVLANOnSriovPIFs(XenError):
    """"""

    code = "NETWORK_HAS_INCOMPATIBLE_VLAN_ON_SRIOV_PIFS"

    pif: Any
    network: Any


class NetworkIncompatiblePurposes(XenError):
    """"""

    code = "NETWORK_INCOMPATIBLE_PURPOSES"

    new_purpose: Any
    conflicting_purpose: Any


class NetworkIncompatibleWithBond(XenError):
    """"""

    code = "NETWORK_INCOMPATIBLE_WITH_BOND"

    network: Any


class NetworkIncompatibleWithSriov(XenError):
    """"""

    code = "NETWORK_INCOMPATIBLE_WITH_SRIOV"

    network: Any


class NetworkIncompatibleWithTrunks(XenError):
    """"""

    code = "NETWORK_INCOMPATIBLE_WITH_TRUNKS"

    network: Any


class NetworkIncompatibleWithTunnel(XenError):
    """"""

    code = "NETWORK_INCOMPATIBLE_WITH_TUNNEL"

    network: Any


class NetworkIncompatibleWithVLANOnBridge(XenError):
    """"""

    code = "NETWORK_INCOMPATIBLE_WITH_VLAN_ON_BRIDGE"

    network: Any


class NetworkIncompatibleWithVLANOnSriov(XenError):
    """"""

    code = "NETWORK_INCOMPATIBLE_WITH_VLAN_ON_SRIOV"

    network: Any


class NetworkSriovAlreadyEnabled(XenError):
    """"""

    code = "NETWORK_SRIOV_ALREADY_ENABLED"

    pif: Any


class NetworkSriovDisableFailed(XenError):
    """"""

    code = "NETWORK_SRIOV_DISABLE_FAILED"

    pif: Any
    msg: Any


class NetworkSriovEnableFailed(XenError):
    """"""

    code = "NETWORK_SRIOV_ENABLE_FAILED"

    pif: Any
    msg: Any


class NetworkSriovInsufficientCapacity(XenError):
    """"""

    code = "NETWORK_SRIOV_INSUFFICIENT_CAPACITY"

    network: Any


class NetworkUnmanaged(XenError):
    """"""

    code = "NETWORK_UNMANAGED"

    network: Any


class NotAllowedOnOemEdition(XenError):
    """"""

    code = "NOT_ALLOWED_ON_OEM_EDITION"

    command: Any


class NotAllowedWhenNtpIsEnabled(XenError):
    """"""

    code = "NOT_ALLOWED_WHEN_NTP_IS_ENABLED"

    host: Any


class NotImplemented(XenError):
    """"""

    code = "NOT_IMPLEMENTED"

    function: Any


class NotInEmergencyMode(XenError):
    """"""

    code = "NOT_IN_EMERGENCY_MODE"


class NotSupportedDuringUpgrade(XenError):
    """"""

    code = "NOT_SUPPORTED_DURING_UPGRADE"


class NotSystemDomain(XenError):
    """"""

    code = "NOT_SYSTEM_DOMAIN"

    vm: Any


class NotTrustedCertificate(XenError):
    """"""

    code = "NOT_TRUSTED_CERTIFICATE"

    ref: Any


class NoClusterHostsReachable(XenError):
    """"""

    code = "NO_CLUSTER_HOSTS_REACHABLE"

    cluster: Any


class NoCompatibleClusterHost(XenError):
    """"""

    code = "NO_COMPATIBLE_CLUSTER_HOST"

    host: Any


class NoHostsAvailable(XenError):
    """"""

    code = "NO_HOSTS_AVAILABLE"


class NoLocalStorage(XenError):
    """"""

    code = "NO_LOCAL_STORAGE"


class NoMoreRedoLogsAllowed(XenError):
    """"""

    code = "NO_MORE_REDO_LOGS_ALLOWED"


class NoRepositoriesConfigured(XenError):
    """"""

    code = "NO_REPOSITORIES_CONFIGURED"


class NoRepositoryEnabled(XenError):
    """"""

    code = "NO_REPOSITORY_ENABLED"


class NvidiaSriovMisconfigured(XenError):
    """"""

    code = "NVIDIA_SRIOV_MISCONFIGURED"

    host: Any
    device_name: Any


class NvidiaToolsError(XenError):
    """"""

    code = "NVIDIA_TOOLS_ERROR"

    host: Any


class ObjectNolongerExists(XenError):
    """"""

    code = "OBJECT_NOLONGER_EXISTS"


class OnlyAllowedOnOemEdition(XenError):
    """"""

    code = "ONLY_ALLOWED_ON_OEM_EDITION"

    command: Any


class OpenvswitchNotActive(XenError):
    """"""

    code = "OPENVSWITCH_NOT_ACTIVE"


class OperationBlocked(XenError):
    """"""

    code = "OPERATION_BLOCKED"

    ref: Any
    error_code: Any


class OperationNotAllowed(XenError):
    """"""

    code = "OPERATION_NOT_ALLOWED"

    reason: Any


class OperationPartiallyFailed(XenError):
    """"""

    code = "OPERATION_PARTIALLY_FAILED"

    operation: Any


class OtherOperationInProgress(XenError):
    """"""

    code = "OTHER_OPERATION_IN_PROGRESS"

    cls: Any
    object: Any
    operation_type: Any
    operation_ref: Any


class OutOfSpace(XenError):
    """"""

    code = "OUT_OF_SPACE"

    location: Any


class PatchAlreadyApplied(XenError):
    """"""

    code = "PATCH_ALREADY_APPLIED"

    patch: Any


class PatchAlreadyExists(XenError):
    """"""

    code = "PATCH_ALREADY_EXISTS"

    uuid: Any


class PatchApplyFailed(XenError):
    """"""

    code = "PATCH_APPLY_FAILED"

    output: Any


class PatchApplyFailedBackupFilesExist(XenError):
    """"""

    code = "PATCH_APPLY_FAILED_BACKUP_FILES_EXIST"

    output: Any


class PatchIsApplied(XenError):
    """"""

    code = "PATCH_IS_APPLIED"


class PatchPrecheckFailedIsoMounted(XenError):
    """"""

    code = "PATCH_PRECHECK_FAILED_ISO_MOUNTED"

    patch: Any


class PatchPrecheckFailedOutOfSpace(XenError):
    """"""

    code = "PATCH_PRECHECK_FAILED_OUT_OF_SPACE"

    patch: Any
    found_space: Any
    required_required: Any


class PatchPrecheckFailedPrerequisiteMissing(XenError):
    """"""

    code = "PATCH_PRECHECK_FAILED_PREREQUISITE_MISSING"

    patch: Any
    prerequisite_patch_uuid_list: Any


class PatchPrecheckFailedUnknownError(XenError):
    """"""

    code = "PATCH_PRECHECK_FAILED_UNKNOWN_ERROR"

    patch: Any
    info: Any


class PatchPrecheckFailedVMRunning(XenError):
    """"""

    code = "PATCH_PRECHECK_FAILED_VM_RUNNING"

    patch: Any


class PatchPrecheckFailedWrongServerBuild(XenError):
    """"""

    code = "PATCH_PRECHECK_FAILED_WRONG_SERVER_BUILD"

    patch: Any
    found_build: Any
    required_build: Any


class PatchPrecheckFailedWrongServerVersion(XenError):
    """"""

    code = "PATCH_PRECHECK_FAILED_WRONG_SERVER_VERSION"

    patch: Any
    found_version: Any
    required_version: Any


class PBDExists(XenError):
    """"""

    code = "PBD_EXISTS"

    sr: Any
    host: Any
    pbd: Any


class PermissionDenied(XenError):
    """"""

    code = "PERMISSION_DENIED"

    message: Any


class PGPUInsufficientCapacityForVGPU(XenError):
    """"""

    code = "PGPU_INSUFFICIENT_CAPACITY_FOR_VGPU"

    pgpu: Any
    vgpu_type: Any


class PGPUInUseByVM(XenError):
    """"""

    code = "PGPU_IN_USE_BY_VM"

    vms: Any


class PGPUNotCompatibleWithGPUGroup(XenError):
    """"""

    code = "PGPU_NOT_COMPATIBLE_WITH_GPU_GROUP"

    type: Any
    group_types: Any


class PIFAllowsUnplug(XenError):
    """"""

    code = "PIF_ALLOWS_UNPLUG"

    pif: Any


class PIFAlreadyBonded(XenError):
    """"""

    code = "PIF_ALREADY_BONDED"

    pif: Any


class PIFBondMoreThanOneIp(XenError):
    """"""

    code = "PIF_BOND_MORE_THAN_ONE_IP"


class PIFBondNeedsMoreMembers(XenError):
    """"""

    code = "PIF_BOND_NEEDS_MORE_MEMBERS"


class PIFCannotBondCrossHost(XenError):
    """"""

    code = "PIF_CANNOT_BOND_CROSS_HOST"


class PIFConfigurationError(XenError):
    """"""

    code = "PIF_CONFIGURATION_ERROR"

    pif: Any
    msg: Any


class PIFDeviceNotFound(XenError):
    """"""

    code = "PIF_DEVICE_NOT_FOUND"


class PIFDoesNotAllowUnplug(XenError):
    """"""

    code = "PIF_DOES_NOT_ALLOW_UNPLUG"

    pif: Any


class PIFHasFcoeSRInUse(XenError):
    """"""

    code = "PIF_HAS_FCOE_SR_IN_USE"

    pif: Any
    sr: Any


class PIFHasNoNetworkConfiguration(XenError):
    """"""

    code = "PIF_HAS_NO_NETWORK_CONFIGURATION"

    pif: Any


class PIFHasNoV6NetworkConfiguration(XenError):
    """"""

    code = "PIF_HAS_NO_V6_NETWORK_CONFIGURATION"

    pif: Any


class PIFIncompatiblePrimaryAddressType(XenError):
    """"""

    code = "PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE"

    pif: Any


class PIFIsManagementInterface(XenError):
    """"""

    code = "PIF_IS_MANAGEMENT_INTERFACE"

    pif: Any


class PIFIsNotPhysical(XenError):
    """"""

    code = "PIF_IS_NOT_PHYSICAL"

    pif: Any


class PIFIsNotSriovCapable(XenError):
    """"""

    code = "PIF_IS_NOT_SRIOV_CAPABLE"

    pif: Any


class PIFIsPhysical(XenError):
    """"""

    code = "PIF_IS_PHYSICAL"

    pif: Any


class PIFIsSriovLogical(XenError):
    """"""

    code = "PIF_IS_SRIOV_LOGICAL"

    pif: Any


class PIFIsVLAN(XenError):
    """"""

    code = "PIF_IS_VLAN"

    pif: Any


class PIFNotAttachedToHost(XenError):
    """"""

    code = "PIF_NOT_ATTACHED_TO_HOST"

    pif: Any
    host: Any


class PIFNotPresent(XenError):
    """"""

    code = "PIF_NOT_PRESENT"

    host: Any
    network: Any


class PIFSriovStillExists(XenError):
    """"""

    code = "PIF_SRIOV_STILL_EXISTS"

    pif: Any


class PIFTunnelStillExists(XenError):
    """"""

    code = "PIF_TUNNEL_STILL_EXISTS"

    pif: Any


class PIFUnmanaged(XenError):
    """"""

    code = "PIF_UNMANAGED"

    pif: Any


class PIFVLANExists(XenError):
    """"""

    code = "PIF_VLAN_EXISTS"

    pif: Any


class PIFVLANStillExists(XenError):
    """"""

    code = "PIF_VLAN_STILL_EXISTS"

    pif: Any


class PoolAuthAlreadyEnabled(XenError):
    """"""

    code = "POOL_AUTH_ALREADY_ENABLED"

    host: Any


class PoolAuthDisableFailed(XenError):
    """"""

    code = "POOL_AUTH_DISABLE_FAILED"

    host: Any
    message: Any


class PoolAuthDisableFailedInvalidAccount(XenError):
    """"""

    code = "POOL_AUTH_DISABLE_FAILED_INVALID_ACCOUNT"

    host: Any
    message: Any


class PoolAuthDisableFailedPermissionDenied(XenError):
    """"""

    code = "POOL_AUTH_DISABLE_FAILED_PERMISSION_DENIED"

    host: Any
    message: Any


class PoolAuthDisableFailedWrongCredentials(XenError):
    """"""

    code = "POOL_AUTH_DISABLE_FAILED_WRONG_CREDENTIALS"

    host: Any
    message: Any


class PoolAuthEnableFailed(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED"

    host: Any
    message: Any


class PoolAuthEnableFailedDomainLookupFailed(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED_DOMAIN_LOOKUP_FAILED"

    host: Any
    message: Any


class PoolAuthEnableFailedDuplicateHostname(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED_DUPLICATE_HOSTNAME"

    host: Any
    message: Any


class PoolAuthEnableFailedInvalidAccount(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED_INVALID_ACCOUNT"

    host: Any
    message: Any


class PoolAuthEnableFailedInvalidOu(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED_INVALID_OU"

    host: Any
    message: Any


class PoolAuthEnableFailedInvalidTrustedCerts(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED_INVALID_TRUSTED_CERTS"

    host: Any
    message: Any


class PoolAuthEnableFailedNoSupportEncryptType(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED_NO_SUPPORT_ENCRYPT_TYPE"

    host: Any
    message: Any


class PoolAuthEnableFailedNoTrustedCerts(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED_NO_TRUSTED_CERTS"

    host: Any
    message: Any


class PoolAuthEnableFailedPermissionDenied(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED_PERMISSION_DENIED"

    host: Any
    message: Any


class PoolAuthEnableFailedSetupTlsConnection(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED_SETUP_TLS_CONNECTION"

    host: Any
    message: Any


class PoolAuthEnableFailedUnavailable(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED_UNAVAILABLE"

    host: Any
    message: Any


class PoolAuthEnableFailedWrongCredentials(XenError):
    """"""

    code = "POOL_AUTH_ENABLE_FAILED_WRONG_CREDENTIALS"

    host: Any
    message: Any


class PoolJoiningExternalAuthMismatch(XenError):
    """"""

    code = "POOL_JOINING_EXTERNAL_AUTH_MISMATCH"


class PoolJoiningHostCaCertificatesConflict(XenError):
    """"""

    code = "POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT"


class PoolJoiningHostHasBonds(XenError):
    """"""

    code = "POOL_JOINING_HOST_HAS_BONDS"


class PoolJoiningHostHasNetworkSriovs(XenError):
    """"""

    code = "POOL_JOINING_HOST_HAS_NETWORK_SRIOVS"


class PoolJoiningHostHasNonManagementVLANs(XenError):
    """"""

    code = "POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS"


class PoolJoiningHostHasTunnels(XenError):
    """"""

    code = "POOL_JOINING_HOST_HAS_TUNNELS"


class PoolJoiningHostManagementVLANDoesNotMatch(XenError):
    """"""

    code = "POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH"

    local: Any
    remote: Any


class PoolJoiningHostMustHaveOnlyOneIpOnClusteringNetwork(XenError):
    """"""

    code = "POOL_JOINING_HOST_MUST_HAVE_ONLY_ONE_IP_ON_CLUSTERING_NETWORK"


class PoolJoiningHostMustHavePhysicalManagementNic(XenError):
    """"""

    code = "POOL_JOINING_HOST_MUST_HAVE_PHYSICAL_MANAGEMENT_NIC"


class PoolJoiningHostMustHaveSameApiVersion(XenError):
    """"""

    code = "POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION"

    host_api_version: Any
    master_api_version: Any


class PoolJoiningHostMustHaveSameDbSchema(XenError):
    """"""

    code = "POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA"

    host_db_schema: Any
    master_db_schema: Any


class PoolJoiningHostMustHaveSameProductVersion(XenError):
    """"""

    code = "POOL_JOINING_HOST_MUST_HAVE_SAME_PRODUCT_VERSION"


class PoolJoiningHostMustOnlyHavePhysicalPIFs(XenError):
    """"""

    code = "POOL_JOINING_HOST_MUST_ONLY_HAVE_PHYSICAL_PIFS"


class PoolJoiningHostTlsVerificationMismatch(XenError):
    """"""

    code = "POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH"


class PoolJoiningHostTrustedCertificatesConflict(XenError):
    """"""

    code = "POOL_JOINING_HOST_TRUSTED_CERTIFICATES_CONFLICT"

    ref_in_pool: Any
    ref_on_host: Any


class PoolJoiningMasterCertificateNotInPoolBundle(XenError):
    """"""

    code = "POOL_JOINING_MASTER_CERTIFICATE_NOT_IN_POOL_BUNDLE"

    master_uuid: Any


class PoolJoiningPoolBundleEmptyAfterImport(XenError):
    """"""

    code = "POOL_JOINING_POOL_BUNDLE_EMPTY_AFTER_IMPORT"

    bundle_path: Any


class PoolJoiningPoolCannotEnableClusteringOnVLANNetwork(XenError):
    """"""

    code = "POOL_JOINING_POOL_CANNOT_ENABLE_CLUSTERING_ON_VLAN_NETWORK"

    vlan: Any


class PoolJoiningSMFeaturesIncompatible(XenError):
    """"""

    code = "POOL_JOINING_SM_FEATURES_INCOMPATIBLE"

    pool_sm_ref: Any
    candidate_sm_ref: Any


class PoolSecretRotationPending(XenError):
    """"""

    code = "POOL_SECRET_ROTATION_PENDING"


class ProvisionFailedOutOfSpace(XenError):
    """"""

    code = "PROVISION_FAILED_OUT_OF_SPACE"


class ProvisionOnlyAllowedOnTemplate(XenError):
    """"""

    code = "PROVISION_ONLY_ALLOWED_ON_TEMPLATE"


class PUSBVDIConflict(XenError):
    """"""

    code = "PUSB_VDI_CONFLICT"

    pusb: Any
    vdi: Any


class PVSCacheStorageAlreadyPresent(XenError):
    """"""

    code = "PVS_CACHE_STORAGE_ALREADY_PRESENT"

    site: Any
    host: Any


class PVSCacheStorageIsInUse(XenError):
    """"""

    code = "PVS_CACHE_STORAGE_IS_IN_USE"

    pvs_cache_storage: Any


class PVSProxyAlreadyPresent(XenError):
    """"""

    code = "PVS_PROXY_ALREADY_PRESENT"

    proxies: Any


class PVSProxyPresentOnHigherVIFDevice(XenError):
    """"""

    code = "PVS_PROXY_PRESENT_ON_HIGHER_VIF_DEVICE"

    device: Any


class PVSServerAddressInUse(XenError):
    """"""

    code = "PVS_SERVER_ADDRESS_IN_USE"

    address: Any


class PVSSiteContainsRunningProxies(XenError):
    """"""

    code = "PVS_SITE_CONTAINS_RUNNING_PROXIES"

    proxies: Any


class PVSSiteContainsServers(XenError):
    """"""

    code = "PVS_SITE_CONTAINS_SERVERS"

    servers: Any


class PVSVIFMustBeFirstDevice(XenError):
    """"""

    code = "PVS_VIF_MUST_BE_FIRST_DEVICE"


class RbacPermissionDenied(XenError):
    """"""

    code = "RBAC_PERMISSION_DENIED"

    permission: Any
    message: Any


class RedoLogIsEnabled(XenError):
    """"""

    code = "REDO_LOG_IS_ENABLED"


class RepositoryAlreadyExists(XenError):
    """"""

    code = "REPOSITORY_ALREADY_EXISTS"

    ref: Any


class RepositoryCleanupFailed(XenError):
    """"""

    code = "REPOSITORY_CLEANUP_FAILED"


class RepositoryIsInUse(XenError):
    """"""

    code = "REPOSITORY_IS_IN_USE"


class ReposyncFailed(XenError):
    """"""

    code = "REPOSYNC_FAILED"


class RepoShouldBeSingleOneEnabled(XenError):
    """"""

    code = "REPO_SHOULD_BE_SINGLE_ONE_ENABLED"


class RequiredPIFIsUnplugged(XenError):
    """"""

    code = "REQUIRED_PIF_IS_UNPLUGGED"

    pif: Any


class RestoreIncompatibleVersion(XenError):
    """"""

    code = "RESTORE_INCOMPATIBLE_VERSION"


class RestoreScriptFailed(XenError):
    """"""

    code = "RESTORE_SCRIPT_FAILED"

    log: Any


class RestoreTargetMgmtIfNotInBackup(XenError):
    """"""

    code = "RESTORE_TARGET_MGMT_IF_NOT_IN_BACKUP"


class RestoreTargetMissingDevice(XenError):
    """"""

    code = "RESTORE_TARGET_MISSING_DEVICE"

    device: Any


class RevertOnlyAllowedOnSnapshot(XenError):
    """"""

    code = "REVERT_ONLY_ALLOWED_ON_SNAPSHOT"


class RoleAlreadyExists(XenError):
    """"""

    code = "ROLE_ALREADY_EXISTS"


class RoleNotFound(XenError):
    """"""

    code = "ROLE_NOT_FOUND"


class ServerCertificateChainInvalid(XenError):
    """"""

    code = "SERVER_CERTIFICATE_CHAIN_INVALID"


class ServerCertificateExpired(XenError):
    """"""

    code = "SERVER_CERTIFICATE_EXPIRED"

    now: Any
    not_after: Any


class ServerCertificateInvalid(XenError):
    """"""

    code = "SERVER_CERTIFICATE_INVALID"


class ServerCertificateKeyAlgorithmNotSupported(XenError):
    """"""

    code = "SERVER_CERTIFICATE_KEY_ALGORITHM_NOT_SUPPORTED"

    algorithm_oid: Any


class ServerCertificateKeyInvalid(XenError):
    """"""

    code = "SERVER_CERTIFICATE_KEY_INVALID"


class ServerCertificateKeyMismatch(XenError):
    """"""

    code = "SERVER_CERTIFICATE_KEY_MISMATCH"


class ServerCertificateKeyRsaLengthNotSupported(XenError):
    """"""

    code = "SERVER_CERTIFICATE_KEY_RSA_LENGTH_NOT_SUPPORTED"

    length: Any


class ServerCertificateKeyRsaMultiNotSupported(XenError):
    """"""

    code = "SERVER_CERTIFICATE_KEY_RSA_MULTI_NOT_SUPPORTED"


class ServerCertificateNotValidYet(XenError):
    """"""

    code = "SERVER_CERTIFICATE_NOT_VALID_YET"

    now: Any
    not_before: Any


class ServerCertificateSignatureNotSupported(XenError):
    """"""

    code = "SERVER_CERTIFICATE_SIGNATURE_NOT_SUPPORTED"


class SessionAuthenticationFailed(XenError):
    """"""

    code = "SESSION_AUTHENTICATION_FAILED"


class SessionAuthorizationFailed(XenError):
    """"""

    code = "SESSION_AUTHORIZATION_FAILED"

    username: Any
    msg: Any


class SessionInvalid(XenError):
    """"""

    code = "SESSION_INVALID"

    handle: Any


class SessionNotRegistered(XenError):
    """"""

    code = "SESSION_NOT_REGISTERED"

    handle: Any


class SetConsoleTimeoutPartiallyFailed(XenError):
    """"""

    code = "SET_CONSOLE_TIMEOUT_PARTIALLY_FAILED"

    hosts: Any


class SetSshAutoModePartiallyFailed(XenError):
    """"""

    code = "SET_SSH_AUTO_MODE_PARTIALLY_FAILED"

    hosts: Any


class SetSshTimeoutPartiallyFailed(XenError):
    """"""

    code = "SET_SSH_TIMEOUT_PARTIALLY_FAILED"

    hosts: Any


class SlaveRequiresManagementInterface(XenError):
    """"""

    code = "SLAVE_REQUIRES_MANAGEMENT_INTERFACE"


class SMPluginCommunicationFailure(XenError):
    """"""

    code = "SM_PLUGIN_COMMUNICATION_FAILURE"

    sm: Any


class SRAttached(XenError):
    """"""

    code = "SR_ATTACHED"


class SRAttachFailed(XenError):
    """"""

    code = "SR_ATTACH_FAILED"

    sr: Any


class SRBackendFailure(XenError):
    """A storage driver failed; its own error number is part of the code (`SR_BACKEND_FAILURE_46`)."""

    code = "SR_BACKEND_FAILURE"

    number: Any
    status: Any
    stdout: Any
    stderr: Any

    @property
    def params(self) -> list[str]:
        return [self.status, self.stdout, self.stderr]

    @property
    def wire_code(self) -> str:
        return f"{self.code}_{self.number}" if self.number else self.code


class SRDeviceInUse(XenError):
    """"""

    code = "SR_DEVICE_IN_USE"


class SRDoesNotSupportMigration(XenError):
    """"""

    code = "SR_DOES_NOT_SUPPORT_MIGRATION"

    sr: Any
    capabilities: Any


class SRFull(XenError):
    """"""

    code = "SR_FULL"

    requested: Any
    maximum: Any


class SRHasMultiplePBDs(XenError):
    """"""

    code = "SR_HAS_MULTIPLE_PBDS"

    pbd: Any


class SRHasNoPBDs(XenError):
    """"""

    code = "SR_HAS_NO_PBDS"

    sr: Any


class SRHasPBD(XenError):
    """"""

    code = "SR_HAS_PBD"

    sr: Any


class SRIndestructible(XenError):
    """"""

    code = "SR_INDESTRUCTIBLE"

    sr: Any


class SRIsCacheSR(XenError):
    """"""

    code = "SR_IS_CACHE_SR"

    host: Any


class SRNotAttached(XenError):
    """"""

    code = "SR_NOT_ATTACHED"

    sr: Any


class SRNotEmpty(XenError):
    """"""

    code = "SR_NOT_EMPTY"


class SRNotSharable(XenError):
    """"""

    code = "SR_NOT_SHARABLE"

    sr: Any
    host: Any


class SRNotShared(XenError):
    """"""

    code = "SR_NOT_SHARED"


class SROperationNotSupported(XenError):
    """"""

    code = "SR_OPERATION_NOT_SUPPORTED"

    sr: Any


class SRRequiresUpgrade(XenError):
    """"""

    code = "SR_REQUIRES_UPGRADE"

    sr: Any


class SRSourceSpaceInsufficient(XenError):
    """"""

    code = "SR_SOURCE_SPACE_INSUFFICIENT"

    sr: Any


class SRSuspendSpaceInsufficient(XenError):
    """"""

    code = "SR_SUSPEND_SPACE_INSUFFICIENT"

    sr: Any


class SRUnhealthy(XenError):
    """"""

    code = "SR_UNHEALTHY"

    sr: Any
    health: Any
    fix: Any


class SRUnknownDriver(XenError):
    """"""

    code = "SR_UNKNOWN_DRIVER"

    driver: Any


class SRUuidExists(XenError):
    """"""

    code = "SR_UUID_EXISTS"

    uuid: Any


class SRVDILockingFailed(XenError):
    """"""

    code = "SR_VDI_LOCKING_FAILED"


class SslVerifyError(XenError):
    """"""

    code = "SSL_VERIFY_ERROR"

    reason: Any


class SubjectAlreadyExists(XenError):
    """"""

    code = "SUBJECT_ALREADY_EXISTS"


class SubjectCannotBeResolved(XenError):
    """"""

    code = "SUBJECT_CANNOT_BE_RESOLVED"


class SuspendImageNotAccessible(XenError):
    """"""

    code = "SUSPEND_IMAGE_NOT_ACCESSIBLE"

    vdi: Any


class SuspendVDIReplacementIsNotIdentical(XenError):
    """"""

    code = "SUSPEND_VDI_REPLACEMENT_IS_NOT_IDENTICAL"


class SyncBundleInProgress(XenError):
    """"""

    code = "SYNC_BUNDLE_IN_PROGRESS"


class SyncUpdatesInProgress(XenError):
    """"""

    code = "SYNC_UPDATES_IN_PROGRESS"


class Sysprep(XenError):
    """"""

    code = "SYSPREP"

    vm: Any
    message: Any


class SystemStatusMustUseTarOnOem(XenError):
    """"""

    code = "SYSTEM_STATUS_MUST_USE_TAR_ON_OEM"


class SystemStatusRetrievalFailed(XenError):
    """"""

    code = "SYSTEM_STATUS_RETRIEVAL_FAILED"

    reason: Any


class TaskCancelled(XenError):
    """"""

    code = "TASK_CANCELLED"

    task: Any


class TelemetryNextCollectionTooLate(XenError):
    """"""

    code = "TELEMETRY_NEXT_COLLECTION_TOO_LATE"

    timestamp: Any


class TlsConnectionFailed(XenError):
    """"""

    code = "TLS_CONNECTION_FAILED"

    address: Any
    port: Any


class TlsVerificationEnableInProgress(XenError):
    """"""

    code = "TLS_VERIFICATION_ENABLE_IN_PROGRESS"


class TlsVerificationNotEnabledInPool(XenError):
    """"""

    code = "TLS_VERIFICATION_NOT_ENABLED_IN_POOL"


class TooBusy(XenError):
    """"""

    code = "TOO_BUSY"


class TooManyGroups(XenError):
    """"""

    code = "TOO_MANY_GROUPS"


class TooManyPendingTasks(XenError):
    """"""

    code = "TOO_MANY_PENDING_TASKS"


class TooManyStorageMigrates(XenError):
    """"""

    code = "TOO_MANY_STORAGE_MIGRATES"

    number: Any


class TooManyVUSBs(XenError):
    """"""

    code = "TOO_MANY_VUSBS"

    number: Any


class TransportPIFNotConfigured(XenError):
    """"""

    code = "TRANSPORT_PIF_NOT_CONFIGURED"

    pif: Any


class TrustedCertificateAlreadyExists(XenError):
    """"""

    code = "TRUSTED_CERTIFICATE_ALREADY_EXISTS"

    fingerprint: Any


class TrustedCertificateExpired(XenError):
    """"""

    code = "TRUSTED_CERTIFICATE_EXPIRED"

    now: Any
    not_after: Any


class TrustedCertificateInvalid(XenError):
    """"""

    code = "TRUSTED_CERTIFICATE_INVALID"


class TrustedCertificateNotValidYet(XenError):
    """"""

    code = "TRUSTED_CERTIFICATE_NOT_VALID_YET"

    now: Any
    not_before: Any


class UnimplementedInSMBackend(XenError):
    """"""

    code = "UNIMPLEMENTED_IN_SM_BACKEND"

    message: Any


class UnknownBootloader(XenError):
    """"""

    code = "UNKNOWN_BOOTLOADER"

    vm: Any
    bootloader: Any


class UpdateinfoHashMismatch(XenError):
    """"""

    code = "UPDATEINFO_HASH_MISMATCH"


class UpdateAlreadyApplied(XenError):
    """"""

    code = "UPDATE_ALREADY_APPLIED"

    update: Any


class UpdateAlreadyAppliedInPool(XenError):
    """"""

    code = "UPDATE_ALREADY_APPLIED_IN_POOL"

    update: Any


class UpdateAlreadyExists(XenError):
    """"""

    code = "UPDATE_ALREADY_EXISTS"

    uuid: Any


class UpdateApplyFailed(XenError):
    """"""

    code = "UPDATE_APPLY_FAILED"

    output: Any


class UpdateIsApplied(XenError):
    """"""

    code = "UPDATE_IS_APPLIED"


class UpdatePoolApplyFailed(XenError):
    """"""

    code = "UPDATE_POOL_APPLY_FAILED"

    hosts: Any


class UpdatePrecheckFailedConflictPresent(XenError):
    """"""

    code = "UPDATE_PRECHECK_FAILED_CONFLICT_PRESENT"

    update: Any
    conflict_update: Any


class UpdatePrecheckFailedGpgkeyNotImported(XenError):
    """"""

    code = "UPDATE_PRECHECK_FAILED_GPGKEY_NOT_IMPORTED"

    update: Any


class UpdatePrecheckFailedOutOfSpace(XenError):
    """"""

    code = "UPDATE_PRECHECK_FAILED_OUT_OF_SPACE"

    update: Any
    available_space: Any
    required_space: Any


class UpdatePrecheckFailedPrerequisiteMissing(XenError):
    """"""

    code = "UPDATE_PRECHECK_FAILED_PREREQUISITE_MISSING"

    update: Any
    prerequisite_update: Any


class UpdatePrecheckFailedUnknownError(XenError):
    """"""

    code = "UPDATE_PRECHECK_FAILED_UNKNOWN_ERROR"

    update: Any
    info: Any


class UpdatePrecheckFailedWrongServerVersion(XenError):
    """"""

    code = "UPDATE_PRECHECK_FAILED_WRONG_SERVER_VERSION"

    update: Any
    installed_version: Any
    required_version: Any


class UpdateSyncingRemotePoolCoordinatorConnectionFailed(XenError):
    """"""

    code = "UPDATE_SYNCING_REMOTE_POOL_COORDINATOR_CONNECTION_FAILED"


class UpdateSyncingRemotePoolCoordinatorServiceFailed(XenError):
    """"""

    code = "UPDATE_SYNCING_REMOTE_POOL_COORDINATOR_SERVICE_FAILED"


class USBAlreadyAttached(XenError):
    """"""

    code = "USB_ALREADY_ATTACHED"

    pusb: Any
    vm: Any


class USBGroupConflict(XenError):
    """"""

    code = "USB_GROUP_CONFLICT"

    usb_group: Any


class USBGroupContainsNoPUSBs(XenError):
    """"""

    code = "USB_GROUP_CONTAINS_NO_PUSBS"

    usb_group: Any


class USBGroupContainsPUSB(XenError):
    """"""

    code = "USB_GROUP_CONTAINS_PUSB"

    pusbs: Any


class USBGroupContainsVUSB(XenError):
    """"""

    code = "USB_GROUP_CONTAINS_VUSB"

    vusbs: Any


class UserIsNotLocalSuperuser(XenError):
    """"""

    code = "USER_IS_NOT_LOCAL_SUPERUSER"

    msg: Any


class UuidInvalid(XenError):
    """"""

    code = "UUID_INVALID"

    type: Any
    uuid: Any


class V6dFailure(XenError):
    """"""

    code = "V6D_FAILURE"


class ValueNotSupported(XenError):
    """"""

    code = "VALUE_NOT_SUPPORTED"

    field: Any
    value: Any
    reason: Any


class VBDCdsMustBeReadonly(XenError):
    """"""

    code = "VBD_CDS_MUST_BE_READONLY"


class VBDIsEmpty(XenError):
    """"""

    code = "VBD_IS_EMPTY"

    vbd: Any


class VBDMissing(XenError):
    """"""

    code = "VBD_MISSING"


class VBDNotEmpty(XenError):
    """"""

    code = "VBD_NOT_EMPTY"

    vbd: Any


class VBDNotRemovableMedia(XenError):
    """"""

    code = "VBD_NOT_REMOVABLE_MEDIA"

    vbd: Any


class VBDNotUnpluggable(XenError):
    """"""

    code = "VBD_NOT_UNPLUGGABLE"

    vbd: Any


class VBDTrayLocked(XenError):
    """"""

    code = "VBD_TRAY_LOCKED"

    vbd: Any


class VcpuMaxNotCoresPerSocketMultiple(XenError):
    """"""

    code = "VCPU_MAX_NOT_CORES_PER_SOCKET_MULTIPLE"

    vcpu_max: Any
    cores_per_socket: Any


class VDICbtEnabled(XenError):
    """"""

    code = "VDI_CBT_ENABLED"

    vdi: Any


class VDIContainsMetadataOfThisPool(XenError):
    """"""

    code = "VDI_CONTAINS_METADATA_OF_THIS_POOL"

    vdi: Any
    pool: Any


class VDIContentIdMissing(XenError):
    """"""

    code = "VDI_CONTENT_ID_MISSING"


class VDICopyFailed(XenError):
    """"""

    code = "VDI_COPY_FAILED"


class VDIHasRrds(XenError):
    """"""

    code = "VDI_HAS_RRDS"

    vdi: Any


class VDIIncompatibleType(XenError):
    """"""

    code = "VDI_INCOMPATIBLE_TYPE"

    vdi: Any
    type: Any


class VDIInUse(XenError):
    """"""

    code = "VDI_IN_USE"

    vdi: Any
    operation: Any


class VDIIoError(XenError):
    """"""

    code = "VDI_IO_ERROR"


class VDIIsAPhysicalDevice(XenError):
    """"""

    code = "VDI_IS_A_PHYSICAL_DEVICE"

    vdi: Any


class VDIIsEncrypted(XenError):
    """"""

    code = "VDI_IS_ENCRYPTED"

    vdi: Any


class VDIIsNotIso(XenError):
    """"""

    code = "VDI_IS_NOT_ISO"

    vdi: Any
    type: Any


class VDIIsSharable(XenError):
    """"""

    code = "VDI_IS_SHARABLE"


class VDILocationMissing(XenError):
    """"""

    code = "VDI_LOCATION_MISSING"

    sr: Any
    location: Any


class VDIMissing(XenError):
    """"""

    code = "VDI_MISSING"

    sr: Any
    vdi: Any


class VDINeedsVMForMigrate(XenError):
    """"""

    code = "VDI_NEEDS_VM_FOR_MIGRATE"

    vdi: Any


class VDINotAvailable(XenError):
    """"""

    code = "VDI_NOT_AVAILABLE"

    vdi: Any


class VDINotInMap(XenError):
    """"""

    code = "VDI_NOT_IN_MAP"

    vdi: Any


class VDINotManaged(XenError):
    """"""

    code = "VDI_NOT_MANAGED"

    vdi: Any


class VDINotSparse(XenError):
    """"""

    code = "VDI_NOT_SPARSE"

    vdi: Any


class VDINoCbtMetadata(XenError):
    """"""

    code = "VDI_NO_CBT_METADATA"

    vdi: Any


class VDIOnBootModeIncompatibleWithOperation(XenError):
    """"""

    code = "VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION"


class VDIReadonly(XenError):
    """"""

    code = "VDI_READONLY"

    vdi: Any


class VDITooLarge(XenError):
    """"""

    code = "VDI_TOO_LARGE"

    vdi: Any
    maximum_size: Any


class VDITooSmall(XenError):
    """"""

    code = "VDI_TOO_SMALL"

    vdi: Any
    minimum_size: Any


class VGPUDestinationIncompatible(XenError):
    """"""

    code = "VGPU_DESTINATION_INCOMPATIBLE"

    reason: Any
    vgpu: Any
    host: Any


class VGPUGuestDriverLimit(XenError):
    """"""

    code = "VGPU_GUEST_DRIVER_LIMIT"

    reason: Any
    vm: Any
    host: Any


class VGPUSuspensionNotSupported(XenError):
    """"""

    code = "VGPU_SUSPENSION_NOT_SUPPORTED"

    reason: Any
    vgpu: Any
    host: Any


class VGPUTypeNotCompatible(XenError):
    """"""

    code = "VGPU_TYPE_NOT_COMPATIBLE"

    type: Any


class VGPUTypeNotCompatibleWithRunningType(XenError):
    """"""

    code = "VGPU_TYPE_NOT_COMPATIBLE_WITH_RUNNING_TYPE"

    pgpu: Any
    type: Any
    running_type: Any


class VGPUTypeNotEnabled(XenError):
    """"""

    code = "VGPU_TYPE_NOT_ENABLED"

    type: Any
    enabled_types: Any


class VGPUTypeNotSupported(XenError):
    """"""

    code = "VGPU_TYPE_NOT_SUPPORTED"

    type: Any
    supported_types: Any


class VGPUTypeNoLongerSupported(XenError):
    """"""

    code = "VGPU_TYPE_NO_LONGER_SUPPORTED"

    type: Any


class VIFInUse(XenError):
    """"""

    code = "VIF_IN_USE"

    network: Any
    vif: Any


class VIFNotInMap(XenError):
    """"""

    code = "VIF_NOT_IN_MAP"

    vif: Any


class VLANInUse(XenError):
    """"""

    code = "VLAN_IN_USE"

    device: Any
    vlan: Any


class VLANTagInvalid(XenError):
    """"""

    code = "VLAN_TAG_INVALID"

    vlan: Any


class VMPPArchiveMoreFrequentThanBackup(XenError):
    """"""

    code = "VMPP_ARCHIVE_MORE_FREQUENT_THAN_BACKUP"


class VMPPHasVM(XenError):
    """"""

    code = "VMPP_HAS_VM"


class VMSSHasVM(XenError):
    """"""

    code = "VMSS_HAS_VM"


class VMsFailedToCooperate(XenError):
    """"""

    code = "VMS_FAILED_TO_COOPERATE"


class VMAssignedToProtectionPolicy(XenError):
    """"""

    code = "VM_ASSIGNED_TO_PROTECTION_POLICY"

    vm: Any
    vmpp: Any


class VMAssignedToSnapshotSchedule(XenError):
    """"""

    code = "VM_ASSIGNED_TO_SNAPSHOT_SCHEDULE"

    vm: Any
    vmss: Any


class VMAttachedToMoreThanOneVDIWithTimeoffsetMarkedAsResetOnBoot(XenError):
    """"""

    code = "VM_ATTACHED_TO_MORE_THAN_ONE_VDI_WITH_TIMEOFFSET_MARKED_AS_RESET_ON_BOOT"

    vm: Any


class VMBadPowerState(XenError):
    """"""

    code = "VM_BAD_POWER_STATE"

    vm: Any
    expected: Any
    actual: Any


class VMBiosStringsAlreadySet(XenError):
    """"""

    code = "VM_BIOS_STRINGS_ALREADY_SET"


class VMCallPluginRateLimit(XenError):
    """"""

    code = "VM_CALL_PLUGIN_RATE_LIMIT"

    vm: Any
    interval: Any
    wait: Any


class VMCannotDeleteDefaultTemplate(XenError):
    """"""

    code = "VM_CANNOT_DELETE_DEFAULT_TEMPLATE"

    vm: Any


class VMCheckpointResumeFailed(XenError):
    """"""

    code = "VM_CHECKPOINT_RESUME_FAILED"

    vm: Any


class VMCheckpointSuspendFailed(XenError):
    """"""

    code = "VM_CHECKPOINT_SUSPEND_FAILED"

    vm: Any


class VMCrashed(XenError):
    """"""

    code = "VM_CRASHED"

    vm: Any


class VMDuplicateVBDDevice(XenError):
    """"""

    code = "VM_DUPLICATE_VBD_DEVICE"

    vm: Any
    vbd: Any
    device: Any


class VMFailedShutdownAcknowledgment(XenError):
    """"""

    code = "VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT"

    vm: Any


class VMFailedSuspendAcknowledgment(XenError):
    """"""

    code = "VM_FAILED_SUSPEND_ACKNOWLEDGMENT"

    vm: Any


class VMHalted(XenError):
    """"""

    code = "VM_HALTED"

    vm: Any


class VMHasCheckpoint(XenError):
    """"""

    code = "VM_HAS_CHECKPOINT"

    vm: Any


class VMHasNoSuspendVDI(XenError):
    """"""

    code = "VM_HAS_NO_SUSPEND_VDI"

    vm: Any


class VMHasPCIAttached(XenError):
    """"""

    code = "VM_HAS_PCI_ATTACHED"

    vm: Any


class VMHasSriovVIF(XenError):
    """"""

    code = "VM_HAS_SRIOV_VIF"

    vm: Any


class VMHasTooManySnapshots(XenError):
    """"""

    code = "VM_HAS_TOO_MANY_SNAPSHOTS"

    vm: Any


class VMHasVGPU(XenError):
    """"""

    code = "VM_HAS_VGPU"

    vm: Any


class VMHasVUSBs(XenError):
    """"""

    code = "VM_HAS_VUSBS"

    vm: Any


class VMHostIncompatibleVersion(XenError):
    """"""

    code = "VM_HOST_INCOMPATIBLE_VERSION"

    host: Any
    vm: Any


class VMHostIncompatibleVersionMigrate(XenError):
    """"""

    code = "VM_HOST_INCOMPATIBLE_VERSION_MIGRATE"

    host: Any
    vm: Any


class VMHostIncompatibleVirtualHardwarePlatformVersion(XenError):
    """"""

    code = "VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION"

    host: Any
    host_versions: Any
    vm: Any
    vm_version: Any


class VMHvmRequired(XenError):
    """"""

    code = "VM_HVM_REQUIRED"

    vm: Any


class VMIncompatibleWithThisHost(XenError):
    """"""

    code = "VM_INCOMPATIBLE_WITH_THIS_HOST"

    vm: Any
    host: Any
    reason: Any


class VMIsImmobile(XenError):
    """"""

    code = "VM_IS_IMMOBILE"

    vm: Any


class VMIsPartOfAnAppliance(XenError):
    """"""

    code = "VM_IS_PART_OF_AN_APPLIANCE"

    vm: Any
    appliance: Any


class VMIsProtected(XenError):
    """"""

    code = "VM_IS_PROTECTED"

    vm: Any


class VMIsSnapshot(XenError):
    """"""

    code = "VM_IS_SNAPSHOT"


class VMIsTemplate(XenError):
    """"""

    code = "VM_IS_TEMPLATE"

    vm: Any


class VMIsUsingNestedVirt(XenError):
    """"""

    code = "VM_IS_USING_NESTED_VIRT"

    vm: Any


class VMLacksFeature(XenError):
    """"""

    code = "VM_LACKS_FEATURE"

    vm: Any


class VMMemorySizeTooLow(XenError):
    """"""

    code = "VM_MEMORY_SIZE_TOO_LOW"

    vm: Any


class VMMemoryTargetWaitTimeout(XenError):
    """"""

    code = "VM_MEMORY_TARGET_WAIT_TIMEOUT"


class VMMigrateContactRemoteServiceFailed(XenError):
    """"""

    code = "VM_MIGRATE_CONTACT_REMOTE_SERVICE_FAILED"


class VMMigrateFailed(XenError):
    """"""

    code = "VM_MIGRATE_FAILED"

    vm: Any
    source: Any
    destination: Any
    msg: Any


class VMMissingPvDrivers(XenError):
    """"""

    code = "VM_MISSING_PV_DRIVERS"

    vm: Any


class VMNonSuspendable(XenError):
    """"""

    code = "VM_NON_SUSPENDABLE"

    vm: Any
    reason: Any


class VMNotResidentHere(XenError):
    """"""

    code = "VM_NOT_RESIDENT_HERE"

    vm: Any
    host: Any


class VMNoCrashdumpSR(XenError):
    """"""

    code = "VM_NO_CRASHDUMP_SR"

    vm: Any


class VMNoEmptyCdVBD(XenError):
    """"""

    code = "VM_NO_EMPTY_CD_VBD"

    vm: Any


class VMNoSuspendSR(XenError):
    """"""

    code = "VM_NO_SUSPEND_SR"

    vm: Any


class VMNoVcpus(XenError):
    """"""

    code = "VM_NO_VCPUS"

    vm: Any


class VMOldPvDrivers(XenError):
    """"""

    code = "VM_OLD_PV_DRIVERS"

    vm: Any
    major: Any
    minor: Any


class VMPCIBusFull(XenError):
    """"""

    code = "VM_PCI_BUS_FULL"

    vm: Any


class VMPvDriversInUse(XenError):
    """"""

    code = "VM_PV_DRIVERS_IN_USE"

    vm: Any


class VMRebooted(XenError):
    """"""

    code = "VM_REBOOTED"

    vm: Any


class VMRequiresGPU(XenError):
    """"""

    code = "VM_REQUIRES_GPU"

    vm: Any
    gpu_group: Any


class VMRequiresIommu(XenError):
    """"""

    code = "VM_REQUIRES_IOMMU"

    host: Any


class VMRequiresNetwork(XenError):
    """"""

    code = "VM_REQUIRES_NETWORK"

    vm: Any
    network: Any


class VMRequiresSR(XenError):
    """"""

    code = "VM_REQUIRES_SR"

    vm: Any
    sr: Any


class VMRequiresVDI(XenError):
    """"""

    code = "VM_REQUIRES_VDI"

    vm: Any
    vdi: Any


class VMRequiresVGPU(XenError):
    """"""

    code = "VM_REQUIRES_VGPU"

    vm: Any
    gpu_group: Any
    vgpu_type: Any


class VMRequiresVUSB(XenError):
    """"""

    code = "VM_REQUIRES_VUSB"

    vm: Any
    usb_group: Any


class VMRevertFailed(XenError):
    """"""

    code = "VM_REVERT_FAILED"

    vm: Any
    snapshot: Any


class VMShutdownTimeout(XenError):
    """"""

    code = "VM_SHUTDOWN_TIMEOUT"

    vm: Any
    timeout: Any


class VMSnapshotFailed(XenError):
    """"""

    code = "VM_SNAPSHOT_FAILED"


class VMSnapshotWithQuiesceFailed(XenError):
    """"""

    code = "VM_SNAPSHOT_WITH_QUIESCE_FAILED"

    vm: Any


class VMSnapshotWithQuiesceNotSupported(XenError):
    """"""

    code = "VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED"

    vm: Any
    error: Any


class VMSnapshotWithQuiescePluginDeosNotRespond(XenError):
    """"""

    code = "VM_SNAPSHOT_WITH_QUIESCE_PLUGIN_DEOS_NOT_RESPOND"

    vm: Any


class VMSnapshotWithQuiesceTimeout(XenError):
    """"""

    code = "VM_SNAPSHOT_WITH_QUIESCE_TIMEOUT"

    vm: Any


class VMSuspendTimeout(XenError):
    """"""

    code = "VM_SUSPEND_TIMEOUT"

    vm: Any
    timeout: Any


class VMTooManyVcpus(XenError):
    """"""

    code = "VM_TOO_MANY_VCPUS"

    vm: Any


class VMToImportIsNotNewerVersion(XenError):
    """"""

    code = "VM_TO_IMPORT_IS_NOT_NEWER_VERSION"

    vm: Any
    existing_version: Any
    version_to_import: Any


class VMUnsafeBoot(XenError):
    """"""

    code = "VM_UNSAFE_BOOT"

    vm: Any


class VTPMMaxAmountReached(XenError):
    """"""

    code = "VTPM_MAX_AMOUNT_REACHED"

    amount: Any


class WlbAuthenticationFailed(XenError):
    """"""

    code = "WLB_AUTHENTICATION_FAILED"


class WlbConnectionRefused(XenError):
    """"""

    code = "WLB_CONNECTION_REFUSED"


class WlbConnectionReset(XenError):
    """"""

    code = "WLB_CONNECTION_RESET"


class WlbDisabled(XenError):
    """"""

    code = "WLB_DISABLED"


class WlbInternalError(XenError):
    """"""

    code = "WLB_INTERNAL_ERROR"


class WlbMalformedRequest(XenError):
    """"""

    code = "WLB_MALFORMED_REQUEST"


class WlbMalformedResponse(XenError):
    """"""

    code = "WLB_MALFORMED_RESPONSE"

    method: Any
    reason: Any
    response: Any


class WlbNotInitialized(XenError):
    """"""

    code = "WLB_NOT_INITIALIZED"


class WlbTimeout(XenError):
    """"""

    code = "WLB_TIMEOUT"

    configured_timeout: Any


class WlbUnknownHost(XenError):
    """"""

    code = "WLB_UNKNOWN_HOST"


class WlbUrlInvalid(XenError):
    """"""

    code = "WLB_URL_INVALID"

    url: Any


class WlbXenserverAuthenticationFailed(XenError):
    """"""

    code = "WLB_XENSERVER_AUTHENTICATION_FAILED"


class WlbXenserverConnectionRefused(XenError):
    """"""

    code = "WLB_XENSERVER_CONNECTION_REFUSED"


class WlbXenserverMalformedResponse(XenError):
    """"""

    code = "WLB_XENSERVER_MALFORMED_RESPONSE"


class WlbXenserverTimeout(XenError):
    """"""

    code = "WLB_XENSERVER_TIMEOUT"


class WlbXenserverUnknownHost(XenError):
    """"""

    code = "WLB_XENSERVER_UNKNOWN_HOST"


class XapiHookFailed(XenError):
    """"""

    code = "XAPI_HOOK_FAILED"

    hook_name: Any
    reason: Any
    stdout: Any
    exit_code: Any


class XenapiMissingPlugin(XenError):
    """"""

    code = "XENAPI_MISSING_PLUGIN"

    name: Any


class XenapiPluginFailure(XenError):
    """"""

    code = "XENAPI_PLUGIN_FAILURE"

    status: Any
    stdout: Any
    stderr: Any


class XenIncompatible(XenError):
    """"""

    code = "XEN_INCOMPATIBLE"


class XenVssReqErrorAddingVolumeToSnapsetFailed(XenError):
    """"""

    code = "XEN_VSS_REQ_ERROR_ADDING_VOLUME_TO_SNAPSET_FAILED"

    vm: Any
    error_code: Any


class XenVssReqErrorCreatingSnapshot(XenError):
    """"""

    code = "XEN_VSS_REQ_ERROR_CREATING_SNAPSHOT"

    vm: Any
    error_code: Any


class XenVssReqErrorCreatingSnapshotXmlString(XenError):
    """"""

    code = "XEN_VSS_REQ_ERROR_CREATING_SNAPSHOT_XML_STRING"

    vm: Any
    error_code: Any


class XenVssReqErrorInitFailed(XenError):
    """"""

    code = "XEN_VSS_REQ_ERROR_INIT_FAILED"

    vm: Any
    error_code: Any


class XenVssReqErrorNoVolumesSupported(XenError):
    """"""

    code = "XEN_VSS_REQ_ERROR_NO_VOLUMES_SUPPORTED"

    vm: Any
    error_code: Any


class XenVssReqErrorPreparingWriters(XenError):
    """"""

    code = "XEN_VSS_REQ_ERROR_PREPARING_WRITERS"

    vm: Any
    error_code: Any


class XenVssReqErrorProvNotLoaded(XenError):
    """"""

    code = "XEN_VSS_REQ_ERROR_PROV_NOT_LOADED"

    vm: Any
    error_code: Any


class XenVssReqErrorStartSnapshotSetFailed(XenError):
    """"""

    code = "XEN_VSS_REQ_ERROR_START_SNAPSHOT_SET_FAILED"

    vm: Any
    error_code: Any


class XmlrpcUnmarshalFailure(XenError):
    """"""

    code = "XMLRPC_UNMARSHAL_FAILURE"

    expected: Any
    received: Any
