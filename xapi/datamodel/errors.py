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
            value = given[name]
            setattr(self, name, str(value).lower() if isinstance(value, bool) else str(value))

    @classmethod
    def param_names(cls) -> tuple[str, ...]:
        return cls.names


class ActivationWhileNotFree(XenError):
    """An activation key cannot replace a licence that is in force."""

    code = "ACTIVATION_WHILE_NOT_FREE"


class AddressViolatesLockingConstraint(XenError):
    """The address is not among those that the locked interface may use."""

    code = "ADDRESS_VIOLATES_LOCKING_CONSTRAINT"

    address: Any


class ApplyGuidanceFailed(XenError):
    """What must be done after an update could not be done."""

    code = "APPLY_GUIDANCE_FAILED"

    ref: Any


class ApplyLivepatchFailed(XenError):
    """Running software could not be patched."""

    code = "APPLY_LIVEPATCH_FAILED"

    livepatch: Any


class ApplyUpdatesFailed(XenError):
    """Updates could not be installed on the host."""

    code = "APPLY_UPDATES_FAILED"

    ref: Any


class ApplyUpdatesInProgress(XenError):
    """Updates are being installed on the host."""

    code = "APPLY_UPDATES_IN_PROGRESS"


class AuthAlreadyEnabled(XenError):
    """The host uses a directory already."""

    code = "AUTH_ALREADY_ENABLED"

    current_auth_type: Any
    current_service_name: Any


class AuthDisableFailed(XenError):
    """The host could not leave the directory."""

    code = "AUTH_DISABLE_FAILED"

    message: Any


class AuthDisableFailedPermissionDenied(XenError):
    """The host could not leave the directory: the user may not do that."""

    code = "AUTH_DISABLE_FAILED_PERMISSION_DENIED"

    message: Any


class AuthDisableFailedWrongCredentials(XenError):
    """The host could not leave the directory: wrong user or password."""

    code = "AUTH_DISABLE_FAILED_WRONG_CREDENTIALS"

    message: Any


class AuthEnableFailed(XenError):
    """The host could not join the directory."""

    code = "AUTH_ENABLE_FAILED"

    message: Any


class AuthEnableFailedDomainLookupFailed(XenError):
    """The host could not join the directory: its domain was not found."""

    code = "AUTH_ENABLE_FAILED_DOMAIN_LOOKUP_FAILED"

    message: Any


class AuthEnableFailedInvalidAccount(XenError):
    """The host could not join the directory: the account is invalid."""

    code = "AUTH_ENABLE_FAILED_INVALID_ACCOUNT"

    message: Any


class AuthEnableFailedInvalidOu(XenError):
    """The host could not join the directory: there is no such organisational unit."""

    code = "AUTH_ENABLE_FAILED_INVALID_OU"

    message: Any


class AuthEnableFailedInvalidTrustedCerts(XenError):
    """The host could not join the directory: a trusted certificate is invalid."""

    code = "AUTH_ENABLE_FAILED_INVALID_TRUSTED_CERTS"

    message: Any


class AuthEnableFailedNoTrustedCerts(XenError):
    """The host could not join the directory: no certificate is trusted for it."""

    code = "AUTH_ENABLE_FAILED_NO_TRUSTED_CERTS"

    message: Any


class AuthEnableFailedPermissionDenied(XenError):
    """The host could not join the directory: the user may not do that."""

    code = "AUTH_ENABLE_FAILED_PERMISSION_DENIED"

    message: Any


class AuthEnableFailedUnavailable(XenError):
    """The host could not join the directory: it does not answer."""

    code = "AUTH_ENABLE_FAILED_UNAVAILABLE"

    message: Any


class AuthEnableFailedWrongCredentials(XenError):
    """The host could not join the directory: wrong user or password."""

    code = "AUTH_ENABLE_FAILED_WRONG_CREDENTIALS"

    message: Any


class AuthInvalidTrustedCerts(XenError):
    """A certificate that is trusted for the directory is invalid."""

    code = "AUTH_INVALID_TRUSTED_CERTS"

    message: Any


class AuthIsDisabled(XenError):
    """No directory is in use."""

    code = "AUTH_IS_DISABLED"


class AuthNoTrustedCerts(XenError):
    """No certificate is trusted for the directory."""

    code = "AUTH_NO_TRUSTED_CERTS"

    message: Any


class AuthServiceError(XenError):
    """The directory could not be asked."""

    code = "AUTH_SERVICE_ERROR"

    message: Any


class AuthSetupTlsConnection(XenError):
    """The directory could not be reached over TLS."""

    code = "AUTH_SETUP_TLS_CONNECTION"

    message: Any


class AuthSetLdapsFailed(XenError):
    """Whether the directory is asked over TLS could not be changed."""

    code = "AUTH_SET_LDAPS_FAILED"

    host: Any
    message: Any


class AuthUnknownType(XenError):
    """There is no such kind of directory."""

    code = "AUTH_UNKNOWN_TYPE"

    type: Any


class BackupScriptFailed(XenError):
    """The backup of the host failed."""

    code = "BACKUP_SCRIPT_FAILED"

    log: Any


class BallooningDisabled(XenError):
    """The balloon driver of the VM is not in use."""

    code = "BALLOONING_DISABLED"


class BallooningTimeoutBeforeMigration(XenError):
    """The guest did not give up memory in time to be moved."""

    code = "BALLOONING_TIMEOUT_BEFORE_MIGRATION"

    vm: Any


class BlockedRepoUrl(XenError):
    """Updates must not be taken from this address."""

    code = "BLOCKED_REPO_URL"

    url: Any


class BootloaderFailed(XenError):
    """The boot loader of the VM failed."""

    code = "BOOTLOADER_FAILED"

    vm: Any
    msg: Any


class BootDevicePassthroughDisallowed(XenError):
    """The host itself boots from that device, so it cannot be passed through."""

    code = "BOOT_DEVICE_PASSTHROUGH_DISALLOWED"

    device: Any


class BridgeNameExists(XenError):
    """Another network has that bridge."""

    code = "BRIDGE_NAME_EXISTS"

    bridge: Any


class BridgeNotAvailable(XenError):
    """The host has no such bridge."""

    code = "BRIDGE_NOT_AVAILABLE"

    bridge: Any


class BundleRepositoryAlreadyExists(XenError):
    """There is a repository for bundles already."""

    code = "BUNDLE_REPOSITORY_ALREADY_EXISTS"

    ref: Any


class BundleRepoNotEnabled(XenError):
    """No repository for bundles is in use."""

    code = "BUNDLE_REPO_NOT_ENABLED"


class BundleSyncFailed(XenError):
    """The content of the bundle could not be taken over."""

    code = "BUNDLE_SYNC_FAILED"


class BundleUnpackFailed(XenError):
    """The bundle could not be unpacked."""

    code = "BUNDLE_UNPACK_FAILED"

    error: Any


class CannotAddTunnelToBondSlave(XenError):
    """A tunnel cannot run over a member of a bond."""

    code = "CANNOT_ADD_TUNNEL_TO_BOND_SLAVE"

    pif: Any


class CannotAddTunnelToSriovLogical(XenError):
    """A tunnel cannot run over an SR-IOV interface."""

    code = "CANNOT_ADD_TUNNEL_TO_SRIOV_LOGICAL"

    pif: Any


class CannotAddTunnelToVLANOnSriovLogical(XenError):
    """A tunnel cannot run over a VLAN of an SR-IOV interface."""

    code = "CANNOT_ADD_TUNNEL_TO_VLAN_ON_SRIOV_LOGICAL"

    pif: Any


class CannotAddVLANToBondSlave(XenError):
    """A VLAN cannot run over a member of a bond."""

    code = "CANNOT_ADD_VLAN_TO_BOND_SLAVE"

    pif: Any


class CannotChangePIFProperties(XenError):
    """Properties of a member of a bond can only be changed at the bond."""

    code = "CANNOT_CHANGE_PIF_PROPERTIES"

    pif: Any


class CannotContactHost(XenError):
    """The host does not answer."""

    code = "CANNOT_CONTACT_HOST"

    host: Any


class CannotCreateStateFile(XenError):
    """High availability could not create the disk for its state."""

    code = "CANNOT_CREATE_STATE_FILE"


class CannotDestroyDisasterRecoveryTask(XenError):
    """The recovery task cannot be destroyed, since something uses its storage."""

    code = "CANNOT_DESTROY_DISASTER_RECOVERY_TASK"

    reason: Any


class CannotDestroySystemNetwork(XenError):
    """The server needs that network."""

    code = "CANNOT_DESTROY_SYSTEM_NETWORK"

    network: Any


class CannotEnableRedoLog(XenError):
    """Changes of the database cannot be kept on shared storage."""

    code = "CANNOT_ENABLE_REDO_LOG"

    reason: Any


class CannotEvacuateHost(XenError):
    """Not all VMs of the host can go elsewhere."""

    code = "CANNOT_EVACUATE_HOST"

    errors: Any


class CannotFetchPatch(XenError):
    """The patch could not be fetched from the coordinator."""

    code = "CANNOT_FETCH_PATCH"

    uuid: Any


class CannotFindOemBackupPartition(XenError):
    """There is no backup partition."""

    code = "CANNOT_FIND_OEM_BACKUP_PARTITION"


class CannotFindPatch(XenError):
    """The file of the patch is nowhere in the pool; upload it again."""

    code = "CANNOT_FIND_PATCH"


class CannotFindStatePartition(XenError):
    """There is no partition for the state."""

    code = "CANNOT_FIND_STATE_PARTITION"


class CannotFindUpdate(XenError):
    """The files of the update are nowhere in the pool; upload them again."""

    code = "CANNOT_FIND_UPDATE"


class CannotForgetSriovLogical(XenError):
    """The interface stands for virtual functions, so it cannot be forgotten."""

    code = "CANNOT_FORGET_SRIOV_LOGICAL"

    pif: Any


class CannotPlugBondSlave(XenError):
    """A member of a bond cannot be brought up by itself."""

    code = "CANNOT_PLUG_BOND_SLAVE"

    pif: Any


class CannotPlugVIF(XenError):
    """The virtual interface cannot be plugged."""

    code = "CANNOT_PLUG_VIF"

    vif: Any


class CannotResetControlDomain(XenError):
    """The power state of the control domain cannot be reset."""

    code = "CANNOT_RESET_CONTROL_DOMAIN"

    vm: Any


class CannotRestartDeviceModel(XenError):
    """Device models cannot be replaced for this VM."""

    code = "CANNOT_RESTART_DEVICE_MODEL"

    ref: Any


class CanNotPeriodicSyncUpdates(XenError):
    """Updates from this kind of repository cannot be fetched by themselves."""

    code = "CAN_NOT_PERIODIC_SYNC_UPDATES"


class CanNotSyncUpdates(XenError):
    """Updates cannot be fetched from the repositories in use."""

    code = "CAN_NOT_SYNC_UPDATES"


class CaCertificateExpired(XenError):
    """The certificate of the authority has expired."""

    code = "CA_CERTIFICATE_EXPIRED"

    now: Any
    not_after: Any


class CaCertificateInvalid(XenError):
    """The certificate of the authority is invalid."""

    code = "CA_CERTIFICATE_INVALID"


class CaCertificateNotValidYet(XenError):
    """The certificate of the authority is not valid yet."""

    code = "CA_CERTIFICATE_NOT_VALID_YET"

    now: Any
    not_before: Any


class CertificateAlreadyExists(XenError):
    """There is a certificate of that name."""

    code = "CERTIFICATE_ALREADY_EXISTS"

    name: Any


class CertificateCorrupt(XenError):
    """The certificate cannot be read."""

    code = "CERTIFICATE_CORRUPT"

    name: Any


class CertificateDoesNotExist(XenError):
    """There is no certificate of that name."""

    code = "CERTIFICATE_DOES_NOT_EXIST"

    name: Any


class CertificateLacksPurpose(XenError):
    """It was not said what the certificate is to be used for."""

    code = "CERTIFICATE_LACKS_PURPOSE"


class CertificateLibraryCorrupt(XenError):
    """The certificates of the host cannot be read."""

    code = "CERTIFICATE_LIBRARY_CORRUPT"


class CertificateNameInvalid(XenError):
    """That is no name for a certificate."""

    code = "CERTIFICATE_NAME_INVALID"

    name: Any


class CertRefreshInProgress(XenError):
    """A certificate is being replaced."""

    code = "CERT_REFRESH_IN_PROGRESS"


class ChangePasswordRejected(XenError):
    """The system does not take that password."""

    code = "CHANGE_PASSWORD_REJECTED"

    msg: Any


class ClusteredSRDegraded(XenError):
    """The clustered storage does not work on all hosts."""

    code = "CLUSTERED_SR_DEGRADED"

    sr: Any


class ClusteringDisabled(XenError):
    """Clustering is disabled on the host."""

    code = "CLUSTERING_DISABLED"

    cluster_host: Any


class ClusteringEnabled(XenError):
    """Clustering is enabled on the host."""

    code = "CLUSTERING_ENABLED"

    cluster_host: Any


class ClusterAlreadyExists(XenError):
    """The pool has a cluster."""

    code = "CLUSTER_ALREADY_EXISTS"


class ClusterCreateInProgress(XenError):
    """A cluster is being created."""

    code = "CLUSTER_CREATE_IN_PROGRESS"


class ClusterDoesNotHaveOneNode(XenError):
    """The cluster has more than one member."""

    code = "CLUSTER_DOES_NOT_HAVE_ONE_NODE"

    number_of_nodes: Any


class ClusterForceDestroyFailed(XenError):
    """The cluster could not be destroyed on all hosts."""

    code = "CLUSTER_FORCE_DESTROY_FAILED"

    cluster: Any


class ClusterHasNoCertificate(XenError):
    """The cluster has no certificate to protect its traffic with."""

    code = "CLUSTER_HAS_NO_CERTIFICATE"

    cluster: Any


class ClusterHostIsLast(XenError):
    """The host is the last member of its cluster."""

    code = "CLUSTER_HOST_IS_LAST"

    cluster_host: Any


class ClusterHostNotJoined(XenError):
    """The host has not joined its cluster yet."""

    code = "CLUSTER_HOST_NOT_JOINED"

    cluster_host: Any


class ClusterStackInUse(XenError):
    """The clustering software is in use."""

    code = "CLUSTER_STACK_IN_USE"

    cluster_stack: Any


class ConfigureRepositoriesInProgress(XenError):
    """Repositories are being configured."""

    code = "CONFIGURE_REPOSITORIES_IN_PROGRESS"


class CouldNotFindNetworkInterfaceWithSpecifiedDeviceNameAndMacAddress(XenError):
    """No interface has this device name and hardware address."""

    code = "COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS"

    device: Any
    mac: Any


class CouldNotImportDatabase(XenError):
    """The saved database could not be read."""

    code = "COULD_NOT_IMPORT_DATABASE"

    reason: Any


class CouldNotUpdateIgmpSnoopingEverywhere(XenError):
    """The setting for multicast could not be changed on all hosts."""

    code = "COULD_NOT_UPDATE_IGMP_SNOOPING_EVERYWHERE"


class CpuFeatureMaskingNotSupported(XenError):
    """These CPUs cannot hide features."""

    code = "CPU_FEATURE_MASKING_NOT_SUPPORTED"

    details: Any


class CreaterepoFailed(XenError):
    """The index of the repository could not be made."""

    code = "CREATEREPO_FAILED"


class CrlAlreadyExists(XenError):
    """There is a list of revoked certificates of that name."""

    code = "CRL_ALREADY_EXISTS"

    name: Any


class CrlCorrupt(XenError):
    """The list of revoked certificates cannot be read."""

    code = "CRL_CORRUPT"

    name: Any


class CrlDoesNotExist(XenError):
    """There is no list of revoked certificates of that name."""

    code = "CRL_DOES_NOT_EXIST"

    name: Any


class CrlNameInvalid(XenError):
    """That is no name for a list of revoked certificates."""

    code = "CRL_NAME_INVALID"

    name: Any


class DbUniquenessConstraintViolation(XenError):
    """Another object has that value in the field."""

    code = "DB_UNIQUENESS_CONSTRAINT_VIOLATION"

    table: Any
    field: Any
    value: Any


class DefaultSRNotFound(XenError):
    """The default repository of the pool does not exist."""

    code = "DEFAULT_SR_NOT_FOUND"

    sr: Any


class DesignateNewMasterInProgress(XenError):
    """The coordinator is being changed."""

    code = "DESIGNATE_NEW_MASTER_IN_PROGRESS"


class DeviceAlreadyAttached(XenError):
    """The device is attached already."""

    code = "DEVICE_ALREADY_ATTACHED"

    device: Any


class DeviceAlreadyDetached(XenError):
    """The device is not attached."""

    code = "DEVICE_ALREADY_DETACHED"

    device: Any


class DeviceAlreadyExists(XenError):
    """The VM has a device of that number."""

    code = "DEVICE_ALREADY_EXISTS"

    device: Any


class DeviceAttachTimeout(XenError):
    """The guest did not take the device in time."""

    code = "DEVICE_ATTACH_TIMEOUT"

    type: Any
    ref: Any


class DeviceDetachRejected(XenError):
    """The guest does not give the device up."""

    code = "DEVICE_DETACH_REJECTED"

    type: Any
    ref: Any
    msg: Any


class DeviceDetachTimeout(XenError):
    """The guest did not give the device up in time."""

    code = "DEVICE_DETACH_TIMEOUT"

    type: Any
    ref: Any


class DeviceNotAttached(XenError):
    """The device is not attached to the VM."""

    code = "DEVICE_NOT_ATTACHED"

    vbd: Any


class DisableSshFailed(XenError):
    """SSH could not be turned off on the host."""

    code = "DISABLE_SSH_FAILED"

    host: Any


class DisableSshPartiallyFailed(XenError):
    """SSH could not be turned off on some hosts."""

    code = "DISABLE_SSH_PARTIALLY_FAILED"

    hosts: Any


class DiskVBDMustBeReadwriteForHvm(XenError):
    """Disks of guests that firmware boots must be writable."""

    code = "DISK_VBD_MUST_BE_READWRITE_FOR_HVM"

    vbd: Any


class DomainBuilderError(XenError):
    """The domain could not be built."""

    code = "DOMAIN_BUILDER_ERROR"

    function: Any
    error_code: Any
    message: Any


class DomainExists(XenError):
    """The VM's domain exists on the host although the VM is not running."""

    code = "DOMAIN_EXISTS"

    vm: Any
    domid: Any


class DuplicateMacSeed(XenError):
    """Another VM has the seed from which hardware addresses are made."""

    code = "DUPLICATE_MAC_SEED"

    seed: Any


class DuplicatePIFDeviceName(XenError):
    """Several interfaces of the host have that device name."""

    code = "DUPLICATE_PIF_DEVICE_NAME"

    device: Any


class DuplicateVM(XenError):
    """The VM exists in the pool already."""

    code = "DUPLICATE_VM"

    vm: Any


class EnableSshFailed(XenError):
    """SSH could not be turned on on the host."""

    code = "ENABLE_SSH_FAILED"

    host: Any


class EnableSshPartiallyFailed(XenError):
    """SSH could not be turned on on some hosts."""

    code = "ENABLE_SSH_PARTIALLY_FAILED"

    hosts: Any


class EventsLost(XenError):
    """Events were dropped because they were not fetched; read everything anew."""

    code = "EVENTS_LOST"


class EventFromTokenParseFailure(XenError):
    """That is no token from `event.from`."""

    code = "EVENT_FROM_TOKEN_PARSE_FAILURE"

    token: Any


class EventSubscriptionParseFailure(XenError):
    """That is no class, `class/ref` or `*`."""

    code = "EVENT_SUBSCRIPTION_PARSE_FAILURE"

    subscription: Any


class ExtensionProtocolFailure(XenError):
    """The extension of the host gave no proper answer."""

    code = "EXTENSION_PROTOCOL_FAILURE"

    name: Any
    reason: Any


class FailedToStartEmulator(XenError):
    """A program that emulates devices of the VM did not start."""

    code = "FAILED_TO_START_EMULATOR"

    vm: Any
    name: Any
    msg: Any


class FeatureRequiresHvm(XenError):
    """Only guests with hardware virtualisation can have that."""

    code = "FEATURE_REQUIRES_HVM"

    details: Any


class FeatureRestricted(XenError):
    """The licence does not include that."""

    code = "FEATURE_RESTRICTED"


class FieldTypeError(XenError):
    """A parameter is of the wrong type."""

    code = "FIELD_TYPE_ERROR"

    field: Any


class GetHostUpdatesFailed(XenError):
    """The host could not say which updates it lacks."""

    code = "GET_HOST_UPDATES_FAILED"

    ref: Any


class GetUpdatesFailed(XenError):
    """Available updates could not be listed."""

    code = "GET_UPDATES_FAILED"


class GetUpdatesInProgress(XenError):
    """Available updates are being listed."""

    code = "GET_UPDATES_IN_PROGRESS"


class GPUGroupContainsNoPGPUs(XenError):
    """The group has no graphics card."""

    code = "GPU_GROUP_CONTAINS_NO_PGPUS"

    gpu_group: Any


class GPUGroupContainsPGPU(XenError):
    """The group has graphics cards."""

    code = "GPU_GROUP_CONTAINS_PGPU"

    pgpus: Any


class GPUGroupContainsVGPU(XenError):
    """Virtual GPUs ask for cards of the group."""

    code = "GPU_GROUP_CONTAINS_VGPU"

    vgpus: Any


class HandleInvalid(XenError):
    """There is no object with this reference."""

    code = "HANDLE_INVALID"

    cls: Any
    ref: Any


class HAAbortNewMaster(XenError):
    """The host does not accept the proposed coordinator."""

    code = "HA_ABORT_NEW_MASTER"

    reason: Any


class HACannotChangeBondStatusOfMgmtIface(XenError):
    """High availability uses the management interface as it is."""

    code = "HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE"


class HAConstraintViolationNetworkNotShared(XenError):
    """A protected VM cannot use a network that not all hosts have."""

    code = "HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED"

    network: Any


class HAConstraintViolationSRNotShared(XenError):
    """A protected VM cannot use storage that not all hosts reach."""

    code = "HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED"

    sr: Any


class HADisableInProgress(XenError):
    """High availability is being turned off."""

    code = "HA_DISABLE_IN_PROGRESS"


class HAEnableInProgress(XenError):
    """High availability is being turned on."""

    code = "HA_ENABLE_IN_PROGRESS"


class HAFailedToFormLiveset(XenError):
    """The hosts did not hear each other in time for high availability."""

    code = "HA_FAILED_TO_FORM_LIVESET"


class HAHeartbeatDaemonStartupFailed(XenError):
    """The program that sends heartbeats did not start."""

    code = "HA_HEARTBEAT_DAEMON_STARTUP_FAILED"


class HAHostCannotAccessStatefile(XenError):
    """The host does not reach the disk with the shared state."""

    code = "HA_HOST_CANNOT_ACCESS_STATEFILE"


class HAHostCannotSeePeers(XenError):
    """The host does not hear all others."""

    code = "HA_HOST_CANNOT_SEE_PEERS"

    host: Any
    all: Any
    subset: Any


class HAHostIsArmed(XenError):
    """High availability may reset the host at any time."""

    code = "HA_HOST_IS_ARMED"

    host: Any


class HAIsEnabled(XenError):
    """High availability is on."""

    code = "HA_IS_ENABLED"


class HALostStatefile(XenError):
    """The host has lost the disk with the shared state."""

    code = "HA_LOST_STATEFILE"


class HANotEnabled(XenError):
    """High availability is off."""

    code = "HA_NOT_ENABLED"


class HANotInstalled(XenError):
    """The host lacks the software for high availability."""

    code = "HA_NOT_INSTALLED"

    host: Any


class HANoPlan(XenError):
    """There is no plan for so many failures."""

    code = "HA_NO_PLAN"


class HAOperationWouldBreakFailoverPlan(XenError):
    """There would be no plan for failures any more."""

    code = "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN"


class HAPoolIsEnabledButHostIsDisabled(XenError):
    """The pool has high availability but it is off on this host."""

    code = "HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED"


class HAShouldBeFenced(XenError):
    """The host was declared dead and must not go on."""

    code = "HA_SHOULD_BE_FENCED"

    host: Any


class HATooFewHosts(XenError):
    """There are too few hosts for high availability."""

    code = "HA_TOO_FEW_HOSTS"


class HostsFailedToDisableCaching(XenError):
    """Some hosts go on caching disks."""

    code = "HOSTS_FAILED_TO_DISABLE_CACHING"

    hosts: Any


class HostsFailedToEnableCaching(XenError):
    """Some hosts cannot cache disks."""

    code = "HOSTS_FAILED_TO_ENABLE_CACHING"

    hosts: Any


class HostsNotCompatible(XenError):
    """The hosts' versions or hardware do not go together."""

    code = "HOSTS_NOT_COMPATIBLE"


class HostsNotHomogeneous(XenError):
    """The hosts differ."""

    code = "HOSTS_NOT_HOMOGENEOUS"

    reason: Any


class HostBroken(XenError):
    """The host failed while it was becoming coordinator."""

    code = "HOST_BROKEN"


class HostCannotAttachNetwork(XenError):
    """The network has no interface on the host."""

    code = "HOST_CANNOT_ATTACH_NETWORK"

    host: Any
    network: Any


class HostCannotDestroySelf(XenError):
    """A host cannot remove itself."""

    code = "HOST_CANNOT_DESTROY_SELF"

    host: Any


class HostCannotReadMetrics(XenError):
    """The metrics of the host cannot be read."""

    code = "HOST_CANNOT_READ_METRICS"


class HostCannotSeeSR(XenError):
    """The host does not reach the repository."""

    code = "HOST_CANNOT_SEE_SR"

    host: Any
    sr: Any


class HostCdDriveEmpty(XenError):
    """There is no medium in the host's CD drive."""

    code = "HOST_CD_DRIVE_EMPTY"


class HostDisabled(XenError):
    """The host does not take VMs."""

    code = "HOST_DISABLED"

    host: Any


class HostDisabledIndefinitely(XenError):
    """The host does not take VMs until somebody enables it."""

    code = "HOST_DISABLED_INDEFINITELY"

    host: Any


class HostDisabledUntilReboot(XenError):
    """The host does not take VMs until it is rebooted."""

    code = "HOST_DISABLED_UNTIL_REBOOT"

    host: Any


class HostDriverNoHardware(XenError):
    """The host has no hardware for that variant of the driver."""

    code = "HOST_DRIVER_NO_HARDWARE"

    driver_variant: Any


class HostEvacuateInProgress(XenError):
    """VMs are being moved away from the host."""

    code = "HOST_EVACUATE_IN_PROGRESS"

    host: Any


class HostEvacuateVMNotHAProtected(XenError):
    """High availability would not restart the VM elsewhere."""

    code = "HOST_EVACUATE_VM_NOT_HA_PROTECTED"

    vm: Any


class HostEvacuationIsRequired(XenError):
    """VMs must leave the host first."""

    code = "HOST_EVACUATION_IS_REQUIRED"

    host: Any


class HostHasNoManagementIp(XenError):
    """The host has no address to be managed at."""

    code = "HOST_HAS_NO_MANAGEMENT_IP"


class HostHasResidentVMs(XenError):
    """VMs run on the host."""

    code = "HOST_HAS_RESIDENT_VMS"

    host: Any


class HostInEmergencyMode(XenError):
    """The host cannot reach its coordinator."""

    code = "HOST_IN_EMERGENCY_MODE"


class HostInUse(XenError):
    """Something uses the host."""

    code = "HOST_IN_USE"

    host: Any
    type: Any
    ref: Any


class HostIsLive(XenError):
    """The host is alive."""

    code = "HOST_IS_LIVE"

    host: Any


class HostIsSlave(XenError):
    """This host is a member; talk to the coordinator, whose address is given."""

    code = "HOST_IS_SLAVE"

    master_ip_address: Any


class HostItsOwnSlave(XenError):
    """A host cannot be a member of itself."""

    code = "HOST_ITS_OWN_SLAVE"


class HostMasterCannotTalkBack(XenError):
    """The coordinator does not reach the member at its address."""

    code = "HOST_MASTER_CANNOT_TALK_BACK"

    ip: Any


class HostNameInvalid(XenError):
    """That is no name for a host."""

    code = "HOST_NAME_INVALID"

    reason: Any


class HostNotDisabled(XenError):
    """The host must be disabled first."""

    code = "HOST_NOT_DISABLED"


class HostNotEnoughFreeMemory(XenError):
    """The host has too little free memory."""

    code = "HOST_NOT_ENOUGH_FREE_MEMORY"

    needed: Any
    available: Any


class HostNotEnoughPcpus(XenError):
    """The host has fewer CPUs than the VM is to have."""

    code = "HOST_NOT_ENOUGH_PCPUS"

    vcpus: Any
    pcpus: Any


class HostNotLive(XenError):
    """The host is not alive."""

    code = "HOST_NOT_LIVE"


class HostOffline(XenError):
    """The host does not answer."""

    code = "HOST_OFFLINE"

    host: Any


class HostPendingMandatoryGuidanceNotEmpty(XenError):
    """Something must be done on the host first because of an update."""

    code = "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY"

    host: Any


class HostPowerOnModeDisabled(XenError):
    """The host cannot be turned on from afar."""

    code = "HOST_POWER_ON_MODE_DISABLED"


class HostStillBooting(XenError):
    """The host is not ready yet."""

    code = "HOST_STILL_BOOTING"


class HostUnknownToMaster(XenError):
    """The coordinator does not know the host."""

    code = "HOST_UNKNOWN_TO_MASTER"

    host: Any


class HostXapiVersionHigherThanCoordinator(XenError):
    """The host is newer than the coordinator."""

    code = "HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR"

    host_xapi_version: Any


class IllegalInFipsMode(XenError):
    """That is not allowed while only approved cryptography is."""

    code = "ILLEGAL_IN_FIPS_MODE"


class IllegalVBDDevice(XenError):
    """The guest cannot have a device in that place."""

    code = "ILLEGAL_VBD_DEVICE"

    vbd: Any
    device: Any


class ImportError(XenError):
    """The import failed."""

    code = "IMPORT_ERROR"

    msg: Any


class ImportErrorAttachedDisksNotFound(XenError):
    """Disks of the imported VM are missing."""

    code = "IMPORT_ERROR_ATTACHED_DISKS_NOT_FOUND"


class ImportErrorCannotHandleChunked(XenError):
    """Imports cannot be sent in chunks."""

    code = "IMPORT_ERROR_CANNOT_HANDLE_CHUNKED"


class ImportErrorFailedToFindObject(XenError):
    """The import refers to an object that it lacks."""

    code = "IMPORT_ERROR_FAILED_TO_FIND_OBJECT"

    id: Any


class ImportErrorPrematureEof(XenError):
    """The import broke off."""

    code = "IMPORT_ERROR_PREMATURE_EOF"


class ImportErrorSomeChecksumsFailed(XenError):
    """Checksums in the import are wrong."""

    code = "IMPORT_ERROR_SOME_CHECKSUMS_FAILED"


class ImportErrorUnexpectedFile(XenError):
    """The import holds something else than was due."""

    code = "IMPORT_ERROR_UNEXPECTED_FILE"

    filename_expected: Any
    filename_found: Any


class ImportIncompatibleVersion(XenError):
    """The import comes from a version that cannot be read."""

    code = "IMPORT_INCOMPATIBLE_VERSION"


class IncompatibleClusterStackActive(XenError):
    """Other clustering software is in use."""

    code = "INCOMPATIBLE_CLUSTER_STACK_ACTIVE"

    cluster_stack: Any


class IncompatiblePIFProperties(XenError):
    """The interfaces' properties do not go together."""

    code = "INCOMPATIBLE_PIF_PROPERTIES"


class IncompatibleStatefileSR(XenError):
    """The clustering software cannot keep its state on this kind of storage."""

    code = "INCOMPATIBLE_STATEFILE_SR"

    sr_type: Any


class InterfaceHasNoIp(XenError):
    """The interface has no address."""

    code = "INTERFACE_HAS_NO_IP"

    interface: Any


class InternalError(XenError):
    """The server failed in a way that it did not foresee; its log has a traceback."""

    code = "INTERNAL_ERROR"
    is_bug = True

    message: Any


class InvalidBaseUrl(XenError):
    """That is no address for a repository."""

    code = "INVALID_BASE_URL"

    url: Any


class InvalidCidrAddressSpecified(XenError):
    """That is no address with the length of its prefix."""

    code = "INVALID_CIDR_ADDRESS_SPECIFIED"

    parameter: Any


class InvalidClusterStack(XenError):
    """There is no such clustering software."""

    code = "INVALID_CLUSTER_STACK"

    cluster_stack: Any


class InvalidDevice(XenError):
    """There is no such device."""

    code = "INVALID_DEVICE"

    device: Any


class InvalidEdition(XenError):
    """There is no such edition."""

    code = "INVALID_EDITION"

    edition: Any


class InvalidFeatureString(XenError):
    """That is no set of CPU features."""

    code = "INVALID_FEATURE_STRING"

    details: Any


class InvalidGpgkeyPath(XenError):
    """That is no name for the file of a key."""

    code = "INVALID_GPGKEY_PATH"

    gpgkey_path: Any


class InvalidIpAddressSpecified(XenError):
    """That is no address."""

    code = "INVALID_IP_ADDRESS_SPECIFIED"

    parameter: Any


class InvalidNtpConfig(XenError):
    """Time servers cannot be set like that."""

    code = "INVALID_NTP_CONFIG"

    reason: Any


class InvalidPatch(XenError):
    """That is no patch."""

    code = "INVALID_PATCH"


class InvalidPatchWithLog(XenError):
    """That is no patch; what was found is given."""

    code = "INVALID_PATCH_WITH_LOG"

    log: Any


class InvalidRepomdXml(XenError):
    """The index of the repository cannot be read."""

    code = "INVALID_REPOMD_XML"


class InvalidRepositoryDomainAllowlist(XenError):
    """That is no list of domains."""

    code = "INVALID_REPOSITORY_DOMAIN_ALLOWLIST"

    domains: Any


class InvalidRepositoryProxyCredential(XenError):
    """User and password for the proxy must be given together."""

    code = "INVALID_REPOSITORY_PROXY_CREDENTIAL"


class InvalidRepositoryProxyUrl(XenError):
    """That is no address of a proxy."""

    code = "INVALID_REPOSITORY_PROXY_URL"

    url: Any


class InvalidUpdate(XenError):
    """That is no update."""

    code = "INVALID_UPDATE"

    info: Any


class InvalidUpdateinfoXml(XenError):
    """The description of updates cannot be read."""

    code = "INVALID_UPDATEINFO_XML"


class InvalidUpdateSyncDay(XenError):
    """That is no day for fetching updates."""

    code = "INVALID_UPDATE_SYNC_DAY"

    day: Any


class InvalidValue(XenError):
    """The field cannot have that value."""

    code = "INVALID_VALUE"

    field: Any
    value: Any


class IsTunnelAccessPIF(XenError):
    """The interface is that of a tunnel."""

    code = "IS_TUNNEL_ACCESS_PIF"

    pif: Any


class JoiningHostCannotBeMasterOfOtherHosts(XenError):
    """A host that joins must be alone."""

    code = "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS"


class JoiningHostCannotContainSharedSrs(XenError):
    """A host that joins must not have shared storage."""

    code = "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS"


class JoiningHostCannotHaveRunningOrSuspendedVMs(XenError):
    """A host that joins must not have running or suspended VMs."""

    code = "JOINING_HOST_CANNOT_HAVE_RUNNING_OR_SUSPENDED_VMS"


class JoiningHostCannotHaveRunningVMs(XenError):
    """A host that joins must not have running VMs."""

    code = "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"


class JoiningHostCannotHaveVMsWithCurrentOperations(XenError):
    """Something is being done to VMs of the host that joins."""

    code = "JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS"


class JoiningHostConnectionFailed(XenError):
    """The host that joins cannot be reached."""

    code = "JOINING_HOST_CONNECTION_FAILED"


class JoiningHostServiceFailed(XenError):
    """A service of the host that joins does not answer."""

    code = "JOINING_HOST_SERVICE_FAILED"


class LicenceRestriction(XenError):
    """The licence does not include that."""

    code = "LICENCE_RESTRICTION"

    feature: Any


class LicenseCannotDowngradeWhileInPool(XenError):
    """The edition cannot be lowered in a pool."""

    code = "LICENSE_CANNOT_DOWNGRADE_WHILE_IN_POOL"


class LicenseCheckoutError(XenError):
    """No licence could be had."""

    code = "LICENSE_CHECKOUT_ERROR"

    error_code: Any
    message: Any


class LicenseDoesNotSupportPooling(XenError):
    """The licence allows single hosts only."""

    code = "LICENSE_DOES_NOT_SUPPORT_POOLING"


class LicenseDoesNotSupportXha(XenError):
    """The licence does not include high availability."""

    code = "LICENSE_DOES_NOT_SUPPORT_XHA"


class LicenseExpired(XenError):
    """The licence has expired."""

    code = "LICENSE_EXPIRED"


class LicenseFileDeprecated(XenError):
    """Licences of that kind are used no more."""

    code = "LICENSE_FILE_DEPRECATED"


class LicenseHostPoolMismatch(XenError):
    """Host and pool have different licences."""

    code = "LICENSE_HOST_POOL_MISMATCH"


class LicenseProcessingError(XenError):
    """The licence cannot be read."""

    code = "LICENSE_PROCESSING_ERROR"


class LocationNotUnique(XenError):
    """Several disks have the same location."""

    code = "LOCATION_NOT_UNIQUE"

    sr: Any
    location: Any


class MacDoesNotExist(XenError):
    """The host has no card with that hardware address."""

    code = "MAC_DOES_NOT_EXIST"

    mac: Any


class MacInvalid(XenError):
    """That is no hardware address."""

    code = "MAC_INVALID"

    mac: Any


class MacStillExists(XenError):
    """The host has the card still."""

    code = "MAC_STILL_EXISTS"

    mac: Any


class MapDuplicateKey(XenError):
    """The map has that key."""

    code = "MAP_DUPLICATE_KEY"

    type: Any
    param_name: Any
    uuid: Any
    key: Any


class MemoryConstraintViolation(XenError):
    """The bounds of the memory contradict each other."""

    code = "MEMORY_CONSTRAINT_VIOLATION"

    constraint: Any


class MemoryConstraintViolationMaxpin(XenError):
    """The VM's memory must not be squeezed at all."""

    code = "MEMORY_CONSTRAINT_VIOLATION_MAXPIN"

    reason: Any


class MemoryConstraintViolationOrder(XenError):
    """The bounds must ascend: static minimum, dynamic minimum, dynamic maximum, static maximum."""

    code = "MEMORY_CONSTRAINT_VIOLATION_ORDER"


class MessageDeprecated(XenError):
    """The message is used no more."""

    code = "MESSAGE_DEPRECATED"


class MessageMethodUnknown(XenError):
    """There is no such message."""

    code = "MESSAGE_METHOD_UNKNOWN"

    method: Any


class MessageParameterCountMismatch(XenError):
    """The message takes another number of parameters."""

    code = "MESSAGE_PARAMETER_COUNT_MISMATCH"

    method: Any
    expected: Any
    received: Any


class MessageRemoved(XenError):
    """The message has been removed."""

    code = "MESSAGE_REMOVED"


class MirrorFailed(XenError):
    """The copy of the disk fell behind while it was moved."""

    code = "MIRROR_FAILED"

    vdi: Any


class MissingConnectionDetails(XenError):
    """It was not said where to connect."""

    code = "MISSING_CONNECTION_DETAILS"


class MultipleUpdateRepositoriesEnabled(XenError):
    """More than one repository of updates is in use."""

    code = "MULTIPLE_UPDATE_REPOSITORIES_ENABLED"


class NetworkAlreadyConnected(XenError):
    """An interface of the host is connected to the network."""

    code = "NETWORK_ALREADY_CONNECTED"

    network: Any
    connected_pif: Any


class NetworkContainsPIF(XenError):
    """Interfaces of hosts are connected to the network."""

    code = "NETWORK_CONTAINS_PIF"

    pifs: Any


class NetworkContainsVIF(XenError):
    """Interfaces of VMs are connected to the network."""

    code = "NETWORK_CONTAINS_VIF"

    vifs: Any


class NetworkHasIncompatibleSriovPIFs(XenError):
    """The cards of the network differ in kind."""

    code = "NETWORK_HAS_INCOMPATIBLE_SRIOV_PIFS"

    pif: Any
    network: Any


class NetworkHasIncompatibleVLANOnSriovPIFs(XenError):
    """The cards below the network's VLANs differ in kind."""

    code = "NETWORK_HAS_INCOMPATIBLE_VLAN_ON_SRIOV_PIFS"

    pif: Any
    network: Any


class NetworkIncompatiblePurposes(XenError):
    """The network cannot be used for both."""

    code = "NETWORK_INCOMPATIBLE_PURPOSES"

    new_purpose: Any
    conflicting_purpose: Any


class NetworkIncompatibleWithBond(XenError):
    """The network cannot have a bond."""

    code = "NETWORK_INCOMPATIBLE_WITH_BOND"

    network: Any


class NetworkIncompatibleWithSriov(XenError):
    """The network cannot have virtual functions."""

    code = "NETWORK_INCOMPATIBLE_WITH_SRIOV"

    network: Any


class NetworkIncompatibleWithTrunks(XenError):
    """Interfaces on the network cannot carry several VLANs."""

    code = "NETWORK_INCOMPATIBLE_WITH_TRUNKS"

    network: Any


class NetworkIncompatibleWithTunnel(XenError):
    """The network cannot have a tunnel."""

    code = "NETWORK_INCOMPATIBLE_WITH_TUNNEL"

    network: Any


class NetworkIncompatibleWithVLANOnBridge(XenError):
    """The network cannot have an ordinary VLAN."""

    code = "NETWORK_INCOMPATIBLE_WITH_VLAN_ON_BRIDGE"

    network: Any


class NetworkIncompatibleWithVLANOnSriov(XenError):
    """The network cannot have a VLAN of virtual functions."""

    code = "NETWORK_INCOMPATIBLE_WITH_VLAN_ON_SRIOV"

    network: Any


class NetworkSriovAlreadyEnabled(XenError):
    """The card is split already."""

    code = "NETWORK_SRIOV_ALREADY_ENABLED"

    pif: Any


class NetworkSriovDisableFailed(XenError):
    """The card could not be made whole."""

    code = "NETWORK_SRIOV_DISABLE_FAILED"

    pif: Any
    msg: Any


class NetworkSriovEnableFailed(XenError):
    """The card could not be split."""

    code = "NETWORK_SRIOV_ENABLE_FAILED"

    pif: Any
    msg: Any


class NetworkSriovInsufficientCapacity(XenError):
    """No virtual function of the network is free."""

    code = "NETWORK_SRIOV_INSUFFICIENT_CAPACITY"

    network: Any


class NetworkUnmanaged(XenError):
    """The server does not look after the network."""

    code = "NETWORK_UNMANAGED"

    network: Any


class NotAllowedOnOemEdition(XenError):
    """That is not allowed on the embedded edition."""

    code = "NOT_ALLOWED_ON_OEM_EDITION"

    command: Any


class NotAllowedWhenNtpIsEnabled(XenError):
    """The clock follows a time server."""

    code = "NOT_ALLOWED_WHEN_NTP_IS_ENABLED"

    host: Any


class NotImplemented(XenError):
    """The message has no implementation yet."""

    code = "NOT_IMPLEMENTED"

    function: Any


class NotInEmergencyMode(XenError):
    """The host is not in emergency mode."""

    code = "NOT_IN_EMERGENCY_MODE"


class NotSupportedDuringUpgrade(XenError):
    """That cannot be done while hosts are being upgraded."""

    code = "NOT_SUPPORTED_DURING_UPGRADE"


class NotSystemDomain(XenError):
    """The VM is no system domain."""

    code = "NOT_SYSTEM_DOMAIN"

    vm: Any


class NotTrustedCertificate(XenError):
    """The certificate is not among the trusted ones."""

    code = "NOT_TRUSTED_CERTIFICATE"

    ref: Any


class NoClusterHostsReachable(XenError):
    """No member of the cluster answers."""

    code = "NO_CLUSTER_HOSTS_REACHABLE"

    cluster: Any


class NoCompatibleClusterHost(XenError):
    """The host's cluster does not fit the storage."""

    code = "NO_COMPATIBLE_CLUSTER_HOST"

    host: Any


class NoHostsAvailable(XenError):
    """No host can take the VM."""

    code = "NO_HOSTS_AVAILABLE"


class NoLocalStorage(XenError):
    """The host has no local storage."""

    code = "NO_LOCAL_STORAGE"


class NoMoreRedoLogsAllowed(XenError):
    """No more copies of the database can be kept."""

    code = "NO_MORE_REDO_LOGS_ALLOWED"


class NoRepositoriesConfigured(XenError):
    """The pool takes updates from nowhere."""

    code = "NO_REPOSITORIES_CONFIGURED"


class NoRepositoryEnabled(XenError):
    """The pool takes updates from nowhere."""

    code = "NO_REPOSITORY_ENABLED"


class NvidiaSriovMisconfigured(XenError):
    """The NVIDIA card is not split as it should be."""

    code = "NVIDIA_SRIOV_MISCONFIGURED"

    host: Any
    device_name: Any


class NvidiaToolsError(XenError):
    """NVIDIA's tools failed."""

    code = "NVIDIA_TOOLS_ERROR"

    host: Any


class ObjectNolongerExists(XenError):
    """The object is gone."""

    code = "OBJECT_NOLONGER_EXISTS"


class OnlyAllowedOnOemEdition(XenError):
    """That is only allowed on the embedded edition."""

    code = "ONLY_ALLOWED_ON_OEM_EDITION"

    command: Any


class OpenvswitchNotActive(XenError):
    """The host does not use Open vSwitch."""

    code = "OPENVSWITCH_NOT_ACTIVE"


class OperationBlocked(XenError):
    """Somebody has blocked the operation for this object; the code is theirs."""

    code = "OPERATION_BLOCKED"

    ref: Any
    error_code: Any


class OperationNotAllowed(XenError):
    """That cannot be done now."""

    code = "OPERATION_NOT_ALLOWED"

    reason: Any


class OperationPartiallyFailed(XenError):
    """Only a part of it succeeded."""

    code = "OPERATION_PARTIALLY_FAILED"

    operation: Any


class OtherOperationInProgress(XenError):
    """Something else is being done to the object."""

    code = "OTHER_OPERATION_IN_PROGRESS"

    cls: Any
    object: Any
    operation_type: Any
    operation_ref: Any


class OutOfSpace(XenError):
    """There is no room left."""

    code = "OUT_OF_SPACE"

    location: Any


class PatchAlreadyApplied(XenError):
    """The patch was applied already."""

    code = "PATCH_ALREADY_APPLIED"

    patch: Any


class PatchAlreadyExists(XenError):
    """The patch is there already."""

    code = "PATCH_ALREADY_EXISTS"

    uuid: Any


class PatchApplyFailed(XenError):
    """The patch could not be applied."""

    code = "PATCH_APPLY_FAILED"

    output: Any


class PatchApplyFailedBackupFilesExist(XenError):
    """Files of an earlier attempt are in the way of the patch."""

    code = "PATCH_APPLY_FAILED_BACKUP_FILES_EXIST"

    output: Any


class PatchIsApplied(XenError):
    """The patch is in use."""

    code = "PATCH_IS_APPLIED"


class PatchPrecheckFailedIsoMounted(XenError):
    """The patch cannot be applied: tools are in a CD drive."""

    code = "PATCH_PRECHECK_FAILED_ISO_MOUNTED"

    patch: Any


class PatchPrecheckFailedOutOfSpace(XenError):
    """The patch cannot be applied: there is too little room."""

    code = "PATCH_PRECHECK_FAILED_OUT_OF_SPACE"

    patch: Any
    found_space: Any
    required_required: Any


class PatchPrecheckFailedPrerequisiteMissing(XenError):
    """The patch cannot be applied: others must come first."""

    code = "PATCH_PRECHECK_FAILED_PREREQUISITE_MISSING"

    patch: Any
    prerequisite_patch_uuid_list: Any


class PatchPrecheckFailedUnknownError(XenError):
    """The patch cannot be applied; why is not known."""

    code = "PATCH_PRECHECK_FAILED_UNKNOWN_ERROR"

    patch: Any
    info: Any


class PatchPrecheckFailedVMRunning(XenError):
    """The patch cannot be applied: VMs are running."""

    code = "PATCH_PRECHECK_FAILED_VM_RUNNING"

    patch: Any


class PatchPrecheckFailedWrongServerBuild(XenError):
    """The patch cannot be applied: it is for another build."""

    code = "PATCH_PRECHECK_FAILED_WRONG_SERVER_BUILD"

    patch: Any
    found_build: Any
    required_build: Any


class PatchPrecheckFailedWrongServerVersion(XenError):
    """The patch cannot be applied: it is for another version."""

    code = "PATCH_PRECHECK_FAILED_WRONG_SERVER_VERSION"

    patch: Any
    found_version: Any
    required_version: Any


class PBDExists(XenError):
    """The host is connected to the repository already."""

    code = "PBD_EXISTS"

    sr: Any
    host: Any
    pbd: Any


class PermissionDenied(XenError):
    """That is not allowed."""

    code = "PERMISSION_DENIED"

    message: Any


class PGPUInsufficientCapacityForVGPU(XenError):
    """The graphics card has no room for that type."""

    code = "PGPU_INSUFFICIENT_CAPACITY_FOR_VGPU"

    pgpu: Any
    vgpu_type: Any


class PGPUInUseByVM(XenError):
    """VMs use the graphics card."""

    code = "PGPU_IN_USE_BY_VM"

    vms: Any


class PGPUNotCompatibleWithGPUGroup(XenError):
    """The graphics card is of another model than the group's."""

    code = "PGPU_NOT_COMPATIBLE_WITH_GPU_GROUP"

    type: Any
    group_types: Any


class PIFAllowsUnplug(XenError):
    """The interface may be unplugged."""

    code = "PIF_ALLOWS_UNPLUG"

    pif: Any


class PIFAlreadyBonded(XenError):
    """The interface is a member of a bond."""

    code = "PIF_ALREADY_BONDED"

    pif: Any


class PIFBondMoreThanOneIp(XenError):
    """Only one member of a bond may have an address."""

    code = "PIF_BOND_MORE_THAN_ONE_IP"


class PIFBondNeedsMoreMembers(XenError):
    """A bond needs at least two members."""

    code = "PIF_BOND_NEEDS_MORE_MEMBERS"


class PIFCannotBondCrossHost(XenError):
    """Members of a bond must be on one host."""

    code = "PIF_CANNOT_BOND_CROSS_HOST"


class PIFConfigurationError(XenError):
    """The interface could not be configured."""

    code = "PIF_CONFIGURATION_ERROR"

    pif: Any
    msg: Any


class PIFDeviceNotFound(XenError):
    """The host has no such device."""

    code = "PIF_DEVICE_NOT_FOUND"


class PIFDoesNotAllowUnplug(XenError):
    """The interface must not be unplugged."""

    code = "PIF_DOES_NOT_ALLOW_UNPLUG"

    pif: Any


class PIFHasFcoeSRInUse(XenError):
    """Storage over Ethernet depends on the interface."""

    code = "PIF_HAS_FCOE_SR_IN_USE"

    pif: Any
    sr: Any


class PIFHasNoNetworkConfiguration(XenError):
    """The interface has no IPv4 configuration."""

    code = "PIF_HAS_NO_NETWORK_CONFIGURATION"

    pif: Any


class PIFHasNoV6NetworkConfiguration(XenError):
    """The interface has no IPv6 configuration."""

    code = "PIF_HAS_NO_V6_NETWORK_CONFIGURATION"

    pif: Any


class PIFIncompatiblePrimaryAddressType(XenError):
    """The interface has no address of the kind that is needed."""

    code = "PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE"

    pif: Any


class PIFIsManagementInterface(XenError):
    """The host is managed through the interface."""

    code = "PIF_IS_MANAGEMENT_INTERFACE"

    pif: Any


class PIFIsNotPhysical(XenError):
    """The interface is no card."""

    code = "PIF_IS_NOT_PHYSICAL"

    pif: Any


class PIFIsNotSriovCapable(XenError):
    """The card cannot be split."""

    code = "PIF_IS_NOT_SRIOV_CAPABLE"

    pif: Any


class PIFIsPhysical(XenError):
    """The interface is a card."""

    code = "PIF_IS_PHYSICAL"

    pif: Any


class PIFIsSriovLogical(XenError):
    """The interface stands for virtual functions."""

    code = "PIF_IS_SRIOV_LOGICAL"

    pif: Any


class PIFIsVLAN(XenError):
    """The interface is a VLAN."""

    code = "PIF_IS_VLAN"

    pif: Any


class PIFNotAttachedToHost(XenError):
    """The interface is on another host."""

    code = "PIF_NOT_ATTACHED_TO_HOST"

    pif: Any
    host: Any


class PIFNotPresent(XenError):
    """The host has no interface on the network."""

    code = "PIF_NOT_PRESENT"

    host: Any
    network: Any


class PIFSriovStillExists(XenError):
    """The card is split."""

    code = "PIF_SRIOV_STILL_EXISTS"

    pif: Any


class PIFTunnelStillExists(XenError):
    """A tunnel runs over the interface."""

    code = "PIF_TUNNEL_STILL_EXISTS"

    pif: Any


class PIFUnmanaged(XenError):
    """The server does not look after the interface."""

    code = "PIF_UNMANAGED"

    pif: Any


class PIFVLANExists(XenError):
    """The interface has that VLAN."""

    code = "PIF_VLAN_EXISTS"

    pif: Any


class PIFVLANStillExists(XenError):
    """VLANs run over the interface."""

    code = "PIF_VLAN_STILL_EXISTS"

    pif: Any


class PoolAuthAlreadyEnabled(XenError):
    """A host of the pool uses a directory already."""

    code = "POOL_AUTH_ALREADY_ENABLED"

    host: Any


class PoolAuthDisableFailed(XenError):
    """A host could not leave the directory."""

    code = "POOL_AUTH_DISABLE_FAILED"

    host: Any
    message: Any


class PoolAuthDisableFailedInvalidAccount(XenError):
    """A host could not leave the directory: the account is invalid."""

    code = "POOL_AUTH_DISABLE_FAILED_INVALID_ACCOUNT"

    host: Any
    message: Any


class PoolAuthDisableFailedPermissionDenied(XenError):
    """A host could not leave the directory: the user may not do that."""

    code = "POOL_AUTH_DISABLE_FAILED_PERMISSION_DENIED"

    host: Any
    message: Any


class PoolAuthDisableFailedWrongCredentials(XenError):
    """A host could not leave the directory: wrong user or password."""

    code = "POOL_AUTH_DISABLE_FAILED_WRONG_CREDENTIALS"

    host: Any
    message: Any


class PoolAuthEnableFailed(XenError):
    """A host could not join the directory."""

    code = "POOL_AUTH_ENABLE_FAILED"

    host: Any
    message: Any


class PoolAuthEnableFailedDomainLookupFailed(XenError):
    """A host could not join the directory: its domain was not found."""

    code = "POOL_AUTH_ENABLE_FAILED_DOMAIN_LOOKUP_FAILED"

    host: Any
    message: Any


class PoolAuthEnableFailedDuplicateHostname(XenError):
    """A host could not join the directory: another has its name."""

    code = "POOL_AUTH_ENABLE_FAILED_DUPLICATE_HOSTNAME"

    host: Any
    message: Any


class PoolAuthEnableFailedInvalidAccount(XenError):
    """A host could not join the directory: the account is invalid."""

    code = "POOL_AUTH_ENABLE_FAILED_INVALID_ACCOUNT"

    host: Any
    message: Any


class PoolAuthEnableFailedInvalidOu(XenError):
    """A host could not join the directory: there is no such organisational unit."""

    code = "POOL_AUTH_ENABLE_FAILED_INVALID_OU"

    host: Any
    message: Any


class PoolAuthEnableFailedInvalidTrustedCerts(XenError):
    """A host could not join the directory: a trusted certificate is invalid."""

    code = "POOL_AUTH_ENABLE_FAILED_INVALID_TRUSTED_CERTS"

    host: Any
    message: Any


class PoolAuthEnableFailedNoSupportEncryptType(XenError):
    """A host could not join the directory: they share no kind of encryption."""

    code = "POOL_AUTH_ENABLE_FAILED_NO_SUPPORT_ENCRYPT_TYPE"

    host: Any
    message: Any


class PoolAuthEnableFailedNoTrustedCerts(XenError):
    """A host could not join the directory: no certificate is trusted for it."""

    code = "POOL_AUTH_ENABLE_FAILED_NO_TRUSTED_CERTS"

    host: Any
    message: Any


class PoolAuthEnableFailedPermissionDenied(XenError):
    """A host could not join the directory: the user may not do that."""

    code = "POOL_AUTH_ENABLE_FAILED_PERMISSION_DENIED"

    host: Any
    message: Any


class PoolAuthEnableFailedSetupTlsConnection(XenError):
    """A host could not join the directory: it cannot be reached over TLS."""

    code = "POOL_AUTH_ENABLE_FAILED_SETUP_TLS_CONNECTION"

    host: Any
    message: Any


class PoolAuthEnableFailedUnavailable(XenError):
    """A host could not join the directory: it does not answer."""

    code = "POOL_AUTH_ENABLE_FAILED_UNAVAILABLE"

    host: Any
    message: Any


class PoolAuthEnableFailedWrongCredentials(XenError):
    """A host could not join the directory: wrong user or password."""

    code = "POOL_AUTH_ENABLE_FAILED_WRONG_CREDENTIALS"

    host: Any
    message: Any


class PoolJoiningExternalAuthMismatch(XenError):
    """The host that joins uses another directory."""

    code = "POOL_JOINING_EXTERNAL_AUTH_MISMATCH"


class PoolJoiningHostCaCertificatesConflict(XenError):
    """The host that joins has another certificate of the same name."""

    code = "POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT"


class PoolJoiningHostHasBonds(XenError):
    """A host that joins must not have bonds."""

    code = "POOL_JOINING_HOST_HAS_BONDS"


class PoolJoiningHostHasNetworkSriovs(XenError):
    """A host that joins must not have split cards."""

    code = "POOL_JOINING_HOST_HAS_NETWORK_SRIOVS"


class PoolJoiningHostHasNonManagementVLANs(XenError):
    """A host that joins must not have VLANs but for its management."""

    code = "POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS"


class PoolJoiningHostHasTunnels(XenError):
    """A host that joins must not have tunnels."""

    code = "POOL_JOINING_HOST_HAS_TUNNELS"


class PoolJoiningHostManagementVLANDoesNotMatch(XenError):
    """The host that joins is managed on another VLAN."""

    code = "POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH"

    local: Any
    remote: Any


class PoolJoiningHostMustHaveOnlyOneIpOnClusteringNetwork(XenError):
    """The host that joins needs exactly one address on the cluster's network."""

    code = "POOL_JOINING_HOST_MUST_HAVE_ONLY_ONE_IP_ON_CLUSTERING_NETWORK"


class PoolJoiningHostMustHavePhysicalManagementNic(XenError):
    """A host that joins must be managed through a card."""

    code = "POOL_JOINING_HOST_MUST_HAVE_PHYSICAL_MANAGEMENT_NIC"


class PoolJoiningHostMustHaveSameApiVersion(XenError):
    """The host that joins speaks another version of the API."""

    code = "POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION"

    host_api_version: Any
    master_api_version: Any


class PoolJoiningHostMustHaveSameDbSchema(XenError):
    """The host that joins has another version of the database."""

    code = "POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA"

    host_db_schema: Any
    master_db_schema: Any


class PoolJoiningHostMustHaveSameProductVersion(XenError):
    """The host that joins has another version."""

    code = "POOL_JOINING_HOST_MUST_HAVE_SAME_PRODUCT_VERSION"


class PoolJoiningHostMustOnlyHavePhysicalPIFs(XenError):
    """A host that joins must have no interfaces but cards."""

    code = "POOL_JOINING_HOST_MUST_ONLY_HAVE_PHYSICAL_PIFS"


class PoolJoiningHostTlsVerificationMismatch(XenError):
    """Only one of host and pool checks certificates."""

    code = "POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH"


class PoolJoiningHostTrustedCertificatesConflict(XenError):
    """Host and pool trust different certificates under one name."""

    code = "POOL_JOINING_HOST_TRUSTED_CERTIFICATES_CONFLICT"

    ref_in_pool: Any
    ref_on_host: Any


class PoolJoiningMasterCertificateNotInPoolBundle(XenError):
    """The coordinator's certificate is not among those it handed out."""

    code = "POOL_JOINING_MASTER_CERTIFICATE_NOT_IN_POOL_BUNDLE"

    master_uuid: Any


class PoolJoiningPoolBundleEmptyAfterImport(XenError):
    """The pool handed out no certificates."""

    code = "POOL_JOINING_POOL_BUNDLE_EMPTY_AFTER_IMPORT"

    bundle_path: Any


class PoolJoiningPoolCannotEnableClusteringOnVLANNetwork(XenError):
    """The pool's cluster uses a VLAN, which a joining host cannot have yet."""

    code = "POOL_JOINING_POOL_CANNOT_ENABLE_CLUSTERING_ON_VLAN_NETWORK"

    vlan: Any


class PoolJoiningSMFeaturesIncompatible(XenError):
    """A storage driver of the host can do less than that of the pool."""

    code = "POOL_JOINING_SM_FEATURES_INCOMPATIBLE"

    pool_sm_ref: Any
    candidate_sm_ref: Any


class PoolSecretRotationPending(XenError):
    """A change of the pool's secret must be finished first."""

    code = "POOL_SECRET_ROTATION_PENDING"


class ProvisionFailedOutOfSpace(XenError):
    """There is no room for the disks that the template asks for."""

    code = "PROVISION_FAILED_OUT_OF_SPACE"


class ProvisionOnlyAllowedOnTemplate(XenError):
    """Only what was made from a template can be provisioned."""

    code = "PROVISION_ONLY_ALLOWED_ON_TEMPLATE"


class PUSBVDIConflict(XenError):
    """The USB device is in use as a disk."""

    code = "PUSB_VDI_CONFLICT"

    pusb: Any
    vdi: Any


class PVSCacheStorageAlreadyPresent(XenError):
    """The host has a place for the site's cache."""

    code = "PVS_CACHE_STORAGE_ALREADY_PRESENT"

    site: Any
    host: Any


class PVSCacheStorageIsInUse(XenError):
    """Proxies use the cache."""

    code = "PVS_CACHE_STORAGE_IS_IN_USE"

    pvs_cache_storage: Any


class PVSProxyAlreadyPresent(XenError):
    """The VM has a proxy."""

    code = "PVS_PROXY_ALREADY_PRESENT"

    proxies: Any


class PVSProxyPresentOnHigherVIFDevice(XenError):
    """The VM has a proxy on an interface of a higher number."""

    code = "PVS_PROXY_PRESENT_ON_HIGHER_VIF_DEVICE"

    device: Any


class PVSServerAddressInUse(XenError):
    """Another server has that address."""

    code = "PVS_SERVER_ADDRESS_IN_USE"

    address: Any


class PVSSiteContainsRunningProxies(XenError):
    """Proxies of the site are at work."""

    code = "PVS_SITE_CONTAINS_RUNNING_PROXIES"

    proxies: Any


class PVSSiteContainsServers(XenError):
    """The site has servers."""

    code = "PVS_SITE_CONTAINS_SERVERS"

    servers: Any


class PVSVIFMustBeFirstDevice(XenError):
    """Only the VM's first interface can have a proxy."""

    code = "PVS_VIF_MUST_BE_FIRST_DEVICE"


class RbacPermissionDenied(XenError):
    """The user's roles do not allow that."""

    code = "RBAC_PERMISSION_DENIED"

    permission: Any
    message: Any


class RedoLogIsEnabled(XenError):
    """Changes of the database are kept on shared storage."""

    code = "REDO_LOG_IS_ENABLED"


class RepositoryAlreadyExists(XenError):
    """There is such a repository."""

    code = "REPOSITORY_ALREADY_EXISTS"

    ref: Any


class RepositoryCleanupFailed(XenError):
    """Files of the repository could not be deleted."""

    code = "REPOSITORY_CLEANUP_FAILED"


class RepositoryIsInUse(XenError):
    """The pool takes updates from the repository."""

    code = "REPOSITORY_IS_IN_USE"


class ReposyncFailed(XenError):
    """Updates could not be fetched."""

    code = "REPOSYNC_FAILED"


class RepoShouldBeSingleOneEnabled(XenError):
    """No other repository can be in use beside this one."""

    code = "REPO_SHOULD_BE_SINGLE_ONE_ENABLED"


class RequiredPIFIsUnplugged(XenError):
    """An interface that is needed is down."""

    code = "REQUIRED_PIF_IS_UNPLUGGED"

    pif: Any


class RestoreIncompatibleVersion(XenError):
    """The backup comes from another version."""

    code = "RESTORE_INCOMPATIBLE_VERSION"


class RestoreScriptFailed(XenError):
    """The backup could not be restored."""

    code = "RESTORE_SCRIPT_FAILED"

    log: Any


class RestoreTargetMgmtIfNotInBackup(XenError):
    """The backup lacks the interface through which the host is managed."""

    code = "RESTORE_TARGET_MGMT_IF_NOT_IN_BACKUP"


class RestoreTargetMissingDevice(XenError):
    """The host lacks a device that is in the backup."""

    code = "RESTORE_TARGET_MISSING_DEVICE"

    device: Any


class RevertOnlyAllowedOnSnapshot(XenError):
    """One can only go back to a snapshot."""

    code = "REVERT_ONLY_ALLOWED_ON_SNAPSHOT"


class RoleAlreadyExists(XenError):
    """The subject has that role."""

    code = "ROLE_ALREADY_EXISTS"


class RoleNotFound(XenError):
    """The subject does not have that role."""

    code = "ROLE_NOT_FOUND"


class ServerCertificateChainInvalid(XenError):
    """The chain of certificates is invalid."""

    code = "SERVER_CERTIFICATE_CHAIN_INVALID"


class ServerCertificateExpired(XenError):
    """The certificate has expired."""

    code = "SERVER_CERTIFICATE_EXPIRED"

    now: Any
    not_after: Any


class ServerCertificateInvalid(XenError):
    """The certificate is invalid."""

    code = "SERVER_CERTIFICATE_INVALID"


class ServerCertificateKeyAlgorithmNotSupported(XenError):
    """Keys of that kind cannot be used."""

    code = "SERVER_CERTIFICATE_KEY_ALGORITHM_NOT_SUPPORTED"

    algorithm_oid: Any


class ServerCertificateKeyInvalid(XenError):
    """The key is invalid."""

    code = "SERVER_CERTIFICATE_KEY_INVALID"


class ServerCertificateKeyMismatch(XenError):
    """The key does not belong to the certificate."""

    code = "SERVER_CERTIFICATE_KEY_MISMATCH"


class ServerCertificateKeyRsaLengthNotSupported(XenError):
    """The key must have 2048 to 4096 bits."""

    code = "SERVER_CERTIFICATE_KEY_RSA_LENGTH_NOT_SUPPORTED"

    length: Any


class ServerCertificateKeyRsaMultiNotSupported(XenError):
    """Keys of more than two primes cannot be used."""

    code = "SERVER_CERTIFICATE_KEY_RSA_MULTI_NOT_SUPPORTED"


class ServerCertificateNotValidYet(XenError):
    """The certificate is not valid yet."""

    code = "SERVER_CERTIFICATE_NOT_VALID_YET"

    now: Any
    not_before: Any


class ServerCertificateSignatureNotSupported(XenError):
    """The certificate is not signed with SHA-256 or SHA-512."""

    code = "SERVER_CERTIFICATE_SIGNATURE_NOT_SUPPORTED"


class SessionAuthenticationFailed(XenError):
    """Wrong user or password."""

    code = "SESSION_AUTHENTICATION_FAILED"


class SessionAuthorizationFailed(XenError):
    """The user is known but may not log in."""

    code = "SESSION_AUTHORIZATION_FAILED"

    username: Any
    msg: Any


class SessionInvalid(XenError):
    """There is no such session; log in again."""

    code = "SESSION_INVALID"

    handle: Any


class SessionNotRegistered(XenError):
    """The session has registered for no events."""

    code = "SESSION_NOT_REGISTERED"

    handle: Any


class SetConsoleTimeoutPartiallyFailed(XenError):
    """The time for idle consoles could not be set on some hosts."""

    code = "SET_CONSOLE_TIMEOUT_PARTIALLY_FAILED"

    hosts: Any


class SetSshAutoModePartiallyFailed(XenError):
    """The mode of SSH could not be set on some hosts."""

    code = "SET_SSH_AUTO_MODE_PARTIALLY_FAILED"

    hosts: Any


class SetSshTimeoutPartiallyFailed(XenError):
    """The time for SSH could not be set on some hosts."""

    code = "SET_SSH_TIMEOUT_PARTIALLY_FAILED"

    hosts: Any


class SlaveRequiresManagementInterface(XenError):
    """A member must be managed through an interface."""

    code = "SLAVE_REQUIRES_MANAGEMENT_INTERFACE"


class SMPluginCommunicationFailure(XenError):
    """The storage driver gave no proper answer."""

    code = "SM_PLUGIN_COMMUNICATION_FAILURE"

    sm: Any


class SRAttached(XenError):
    """The repository is attached."""

    code = "SR_ATTACHED"

    sr: Any


class SRAttachFailed(XenError):
    """The repository could not be attached."""

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
    """The device holds a repository already."""

    code = "SR_DEVICE_IN_USE"


class SRDoesNotSupportMigration(XenError):
    """Disks of the repository cannot be moved."""

    code = "SR_DOES_NOT_SUPPORT_MIGRATION"

    sr: Any
    capabilities: Any


class SRFull(XenError):
    """The repository is full."""

    code = "SR_FULL"

    requested: Any
    maximum: Any


class SRHasMultiplePBDs(XenError):
    """Several hosts are connected to the repository."""

    code = "SR_HAS_MULTIPLE_PBDS"

    pbd: Any


class SRHasNoPBDs(XenError):
    """No host is connected to the repository."""

    code = "SR_HAS_NO_PBDS"

    sr: Any


class SRHasPBD(XenError):
    """A host is connected to the repository."""

    code = "SR_HAS_PBD"

    sr: Any


class SRIndestructible(XenError):
    """The repository must not be destroyed."""

    code = "SR_INDESTRUCTIBLE"

    sr: Any


class SRIsCacheSR(XenError):
    """The host caches disks in the repository."""

    code = "SR_IS_CACHE_SR"

    host: Any


class SRNotAttached(XenError):
    """The repository is not attached."""

    code = "SR_NOT_ATTACHED"

    sr: Any


class SRNotEmpty(XenError):
    """There are disks in the repository."""

    code = "SR_NOT_EMPTY"


class SRNotSharable(XenError):
    """Only one host can use the repository."""

    code = "SR_NOT_SHARABLE"

    sr: Any
    host: Any


class SRNotShared(XenError):
    """The repository is not shared."""

    code = "SR_NOT_SHARED"

    sr: Any


class SROperationNotSupported(XenError):
    """The repository's driver cannot do that."""

    code = "SR_OPERATION_NOT_SUPPORTED"

    sr: Any


class SRRequiresUpgrade(XenError):
    """The repository must be upgraded first."""

    code = "SR_REQUIRES_UPGRADE"

    sr: Any


class SRSourceSpaceInsufficient(XenError):
    """The repository has too little room to read from it."""

    code = "SR_SOURCE_SPACE_INSUFFICIENT"

    sr: Any


class SRSuspendSpaceInsufficient(XenError):
    """The repository has too little room for the image of the memory."""

    code = "SR_SUSPEND_SPACE_INSUFFICIENT"

    sr: Any


class SRUnhealthy(XenError):
    """The repository does not work."""

    code = "SR_UNHEALTHY"

    sr: Any
    health: Any
    fix: Any


class SRUnknownDriver(XenError):
    """There is no such driver."""

    code = "SR_UNKNOWN_DRIVER"

    driver: Any


class SRUuidExists(XenError):
    """There is a repository with that UUID."""

    code = "SR_UUID_EXISTS"

    uuid: Any


class SRVDILockingFailed(XenError):
    """The disk could not be locked; somebody else may use it."""

    code = "SR_VDI_LOCKING_FAILED"


class SslVerifyError(XenError):
    """The certificate of the other side is not trusted."""

    code = "SSL_VERIFY_ERROR"

    reason: Any


class SubjectAlreadyExists(XenError):
    """The subject is there already."""

    code = "SUBJECT_ALREADY_EXISTS"


class SubjectCannotBeResolved(XenError):
    """The directory does not know the subject."""

    code = "SUBJECT_CANNOT_BE_RESOLVED"


class SuspendImageNotAccessible(XenError):
    """The image of the memory cannot be reached from the host."""

    code = "SUSPEND_IMAGE_NOT_ACCESSIBLE"

    vdi: Any


class SuspendVDIReplacementIsNotIdentical(XenError):
    """The other disk has not the same content."""

    code = "SUSPEND_VDI_REPLACEMENT_IS_NOT_IDENTICAL"

    vdi: Any
    replacement: Any


class SyncBundleInProgress(XenError):
    """A bundle is being taken over."""

    code = "SYNC_BUNDLE_IN_PROGRESS"


class SyncUpdatesInProgress(XenError):
    """Updates are being fetched."""

    code = "SYNC_UPDATES_IN_PROGRESS"


class Sysprep(XenError):
    """Sysprep failed in the guest."""

    code = "SYSPREP"

    vm: Any
    message: Any


class SystemStatusMustUseTarOnOem(XenError):
    """The report must be a tar file here."""

    code = "SYSTEM_STATUS_MUST_USE_TAR_ON_OEM"


class SystemStatusRetrievalFailed(XenError):
    """The report could not be made."""

    code = "SYSTEM_STATUS_RETRIEVAL_FAILED"

    reason: Any


class TaskCancelled(XenError):
    """The task was given up as asked."""

    code = "TASK_CANCELLED"

    task: Any


class TelemetryNextCollectionTooLate(XenError):
    """Telemetry cannot wait until then."""

    code = "TELEMETRY_NEXT_COLLECTION_TOO_LATE"

    timestamp: Any


class TlsConnectionFailed(XenError):
    """There is no connection over TLS."""

    code = "TLS_CONNECTION_FAILED"

    address: Any
    port: Any


class TlsVerificationEnableInProgress(XenError):
    """Checking of certificates is being turned on."""

    code = "TLS_VERIFICATION_ENABLE_IN_PROGRESS"


class TlsVerificationNotEnabledInPool(XenError):
    """The pool does not check certificates."""

    code = "TLS_VERIFICATION_NOT_ENABLED_IN_POOL"


class TooBusy(XenError):
    """The server has too much to do; try again."""

    code = "TOO_BUSY"


class TooManyGroups(XenError):
    """A VM can be in one group only."""

    code = "TOO_MANY_GROUPS"


class TooManyPendingTasks(XenError):
    """Too many tasks are under way."""

    code = "TOO_MANY_PENDING_TASKS"


class TooManyStorageMigrates(XenError):
    """Too many disks are being moved."""

    code = "TOO_MANY_STORAGE_MIGRATES"

    number: Any


class TooManyVUSBs(XenError):
    """The VM has as many USB devices as it can."""

    code = "TOO_MANY_VUSBS"

    number: Any


class TransportPIFNotConfigured(XenError):
    """The interface of the tunnel has no address."""

    code = "TRANSPORT_PIF_NOT_CONFIGURED"

    pif: Any


class TrustedCertificateAlreadyExists(XenError):
    """The certificate is trusted already."""

    code = "TRUSTED_CERTIFICATE_ALREADY_EXISTS"

    fingerprint: Any


class TrustedCertificateExpired(XenError):
    """The trusted certificate has expired."""

    code = "TRUSTED_CERTIFICATE_EXPIRED"

    now: Any
    not_after: Any


class TrustedCertificateInvalid(XenError):
    """The trusted certificate is invalid."""

    code = "TRUSTED_CERTIFICATE_INVALID"


class TrustedCertificateNotValidYet(XenError):
    """The trusted certificate is not valid yet."""

    code = "TRUSTED_CERTIFICATE_NOT_VALID_YET"

    now: Any
    not_before: Any


class UnimplementedInSMBackend(XenError):
    """The storage driver cannot do that."""

    code = "UNIMPLEMENTED_IN_SM_BACKEND"

    message: Any


class UnknownBootloader(XenError):
    """There is no such boot loader."""

    code = "UNKNOWN_BOOTLOADER"

    vm: Any
    bootloader: Any


class UpdateinfoHashMismatch(XenError):
    """Updates have changed since they were looked at."""

    code = "UPDATEINFO_HASH_MISMATCH"


class UpdateAlreadyApplied(XenError):
    """The update was applied already."""

    code = "UPDATE_ALREADY_APPLIED"

    update: Any


class UpdateAlreadyAppliedInPool(XenError):
    """The update was applied to a host already."""

    code = "UPDATE_ALREADY_APPLIED_IN_POOL"

    update: Any


class UpdateAlreadyExists(XenError):
    """The update is there already."""

    code = "UPDATE_ALREADY_EXISTS"

    uuid: Any


class UpdateApplyFailed(XenError):
    """The update could not be applied."""

    code = "UPDATE_APPLY_FAILED"

    output: Any


class UpdateIsApplied(XenError):
    """The update is in use."""

    code = "UPDATE_IS_APPLIED"


class UpdatePoolApplyFailed(XenError):
    """The update could not be applied to some hosts."""

    code = "UPDATE_POOL_APPLY_FAILED"

    hosts: Any


class UpdatePrecheckFailedConflictPresent(XenError):
    """The update cannot be applied: another one is in its way."""

    code = "UPDATE_PRECHECK_FAILED_CONFLICT_PRESENT"

    update: Any
    conflict_update: Any


class UpdatePrecheckFailedGpgkeyNotImported(XenError):
    """The update cannot be applied: its key is not known."""

    code = "UPDATE_PRECHECK_FAILED_GPGKEY_NOT_IMPORTED"

    update: Any


class UpdatePrecheckFailedOutOfSpace(XenError):
    """The update cannot be applied: there is too little room."""

    code = "UPDATE_PRECHECK_FAILED_OUT_OF_SPACE"

    update: Any
    available_space: Any
    required_space: Any


class UpdatePrecheckFailedPrerequisiteMissing(XenError):
    """The update cannot be applied: others must come first."""

    code = "UPDATE_PRECHECK_FAILED_PREREQUISITE_MISSING"

    update: Any
    prerequisite_update: Any


class UpdatePrecheckFailedUnknownError(XenError):
    """The update cannot be applied; why is not known."""

    code = "UPDATE_PRECHECK_FAILED_UNKNOWN_ERROR"

    update: Any
    info: Any


class UpdatePrecheckFailedWrongServerVersion(XenError):
    """The update cannot be applied: it is for another version."""

    code = "UPDATE_PRECHECK_FAILED_WRONG_SERVER_VERSION"

    update: Any
    installed_version: Any
    required_version: Any


class UpdateSyncingRemotePoolCoordinatorConnectionFailed(XenError):
    """The other pool's coordinator cannot be reached for updates."""

    code = "UPDATE_SYNCING_REMOTE_POOL_COORDINATOR_CONNECTION_FAILED"


class UpdateSyncingRemotePoolCoordinatorServiceFailed(XenError):
    """The other pool's coordinator does not hand out updates."""

    code = "UPDATE_SYNCING_REMOTE_POOL_COORDINATOR_SERVICE_FAILED"


class USBAlreadyAttached(XenError):
    """Another VM has the USB device."""

    code = "USB_ALREADY_ATTACHED"

    pusb: Any
    vm: Any


class USBGroupConflict(XenError):
    """The VM has a device of that group."""

    code = "USB_GROUP_CONFLICT"

    usb_group: Any


class USBGroupContainsNoPUSBs(XenError):
    """The group has no USB device."""

    code = "USB_GROUP_CONTAINS_NO_PUSBS"

    usb_group: Any


class USBGroupContainsPUSB(XenError):
    """The group has USB devices."""

    code = "USB_GROUP_CONTAINS_PUSB"

    pusbs: Any


class USBGroupContainsVUSB(XenError):
    """VMs ask for devices of the group."""

    code = "USB_GROUP_CONTAINS_VUSB"

    vusbs: Any


class UserIsNotLocalSuperuser(XenError):
    """Only the local administrator may do that."""

    code = "USER_IS_NOT_LOCAL_SUPERUSER"

    msg: Any


class UuidInvalid(XenError):
    """No object of the class has this UUID."""

    code = "UUID_INVALID"

    type: Any
    uuid: Any


class V6dFailure(XenError):
    """The licensing service failed."""

    code = "V6D_FAILURE"


class ValueNotSupported(XenError):
    """The field cannot have that value here; why is given."""

    code = "VALUE_NOT_SUPPORTED"

    field: Any
    value: Any
    reason: Any


class VBDCdsMustBeReadonly(XenError):
    """CD drives cannot be written."""

    code = "VBD_CDS_MUST_BE_READONLY"


class VBDIsEmpty(XenError):
    """There is no medium in the drive."""

    code = "VBD_IS_EMPTY"

    vbd: Any


class VBDMissing(XenError):
    """The VM has no such block device."""

    code = "VBD_MISSING"


class VBDNotEmpty(XenError):
    """There is a medium in the drive."""

    code = "VBD_NOT_EMPTY"

    vbd: Any


class VBDNotRemovableMedia(XenError):
    """The medium cannot be taken out."""

    code = "VBD_NOT_REMOVABLE_MEDIA"

    vbd: Any


class VBDNotUnpluggable(XenError):
    """The device cannot be unplugged while the VM runs."""

    code = "VBD_NOT_UNPLUGGABLE"

    vbd: Any


class VBDTrayLocked(XenError):
    """The guest has locked the drive."""

    code = "VBD_TRAY_LOCKED"

    vbd: Any


class VcpuMaxNotCoresPerSocketMultiple(XenError):
    """The CPUs do not fill whole sockets."""

    code = "VCPU_MAX_NOT_CORES_PER_SOCKET_MULTIPLE"

    vcpu_max: Any
    cores_per_socket: Any


class VDICbtEnabled(XenError):
    """That cannot be done while changed blocks are tracked."""

    code = "VDI_CBT_ENABLED"

    vdi: Any


class VDIContainsMetadataOfThisPool(XenError):
    """The database of this pool is on the disk."""

    code = "VDI_CONTAINS_METADATA_OF_THIS_POOL"

    vdi: Any
    pool: Any


class VDIContentIdMissing(XenError):
    """The content of the disk is not identified."""

    code = "VDI_CONTENT_ID_MISSING"


class VDICopyFailed(XenError):
    """The disk could not be copied."""

    code = "VDI_COPY_FAILED"


class VDIHasRrds(XenError):
    """Performance data are on the disk."""

    code = "VDI_HAS_RRDS"

    vdi: Any


class VDIIncompatibleType(XenError):
    """That cannot be done to disks of this type."""

    code = "VDI_INCOMPATIBLE_TYPE"

    vdi: Any
    type: Any


class VDIInUse(XenError):
    """Something uses the disk."""

    code = "VDI_IN_USE"

    vdi: Any
    operation: Any


class VDIIoError(XenError):
    """The disk could not be read or written."""

    code = "VDI_IO_ERROR"

    message: Any


class VDIIsAPhysicalDevice(XenError):
    """That cannot be done to a drive of the host."""

    code = "VDI_IS_A_PHYSICAL_DEVICE"

    vdi: Any


class VDIIsEncrypted(XenError):
    """The disk is encrypted."""

    code = "VDI_IS_ENCRYPTED"

    vdi: Any


class VDIIsNotIso(XenError):
    """Only an image of a CD can be put into a CD drive."""

    code = "VDI_IS_NOT_ISO"

    vdi: Any
    type: Any


class VDIIsSharable(XenError):
    """That cannot be done to a disk that several VMs may use at once."""

    code = "VDI_IS_SHARABLE"

    vdi: Any


class VDILocationMissing(XenError):
    """The repository has no disk at that location."""

    code = "VDI_LOCATION_MISSING"

    sr: Any
    location: Any


class VDIMissing(XenError):
    """The repository does not have the disk any more."""

    code = "VDI_MISSING"

    sr: Any
    vdi: Any


class VDINeedsVMForMigrate(XenError):
    """Only disks of a VM can be moved like that."""

    code = "VDI_NEEDS_VM_FOR_MIGRATE"

    vdi: Any


class VDINotAvailable(XenError):
    """The disk cannot be used now."""

    code = "VDI_NOT_AVAILABLE"

    vdi: Any


class VDINotInMap(XenError):
    """It was not said where the disk is to go."""

    code = "VDI_NOT_IN_MAP"

    vdi: Any


class VDINotManaged(XenError):
    """The disk is an inner part of others."""

    code = "VDI_NOT_MANAGED"

    vdi: Any


class VDINotSparse(XenError):
    """The disk is not sparse."""

    code = "VDI_NOT_SPARSE"

    vdi: Any


class VDINoCbtMetadata(XenError):
    """No changes of the disk were tracked."""

    code = "VDI_NO_CBT_METADATA"

    vdi: Any


class VDIOnBootModeIncompatibleWithOperation(XenError):
    """That cannot be done to a disk that is reset at boot."""

    code = "VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION"


class VDIReadonly(XenError):
    """The disk cannot be written."""

    code = "VDI_READONLY"

    vdi: Any


class VDITooLarge(XenError):
    """The disk would be too large."""

    code = "VDI_TOO_LARGE"

    vdi: Any
    maximum_size: Any


class VDITooSmall(XenError):
    """The disk would be too small."""

    code = "VDI_TOO_SMALL"

    vdi: Any
    minimum_size: Any


class VGPUDestinationIncompatible(XenError):
    """The virtual GPU does not fit the cards of the host."""

    code = "VGPU_DESTINATION_INCOMPATIBLE"

    reason: Any
    vgpu: Any
    host: Any


class VGPUGuestDriverLimit(XenError):
    """The guest's driver cannot be moved with its virtual GPU."""

    code = "VGPU_GUEST_DRIVER_LIMIT"

    reason: Any
    vm: Any
    host: Any


class VGPUSuspensionNotSupported(XenError):
    """The virtual GPU cannot be suspended."""

    code = "VGPU_SUSPENSION_NOT_SUPPORTED"

    reason: Any
    vgpu: Any
    host: Any


class VGPUTypeNotCompatible(XenError):
    """The VM cannot have a virtual GPU of that type beside the others."""

    code = "VGPU_TYPE_NOT_COMPATIBLE"

    type: Any


class VGPUTypeNotCompatibleWithRunningType(XenError):
    """The card serves another type at present."""

    code = "VGPU_TYPE_NOT_COMPATIBLE_WITH_RUNNING_TYPE"

    pgpu: Any
    type: Any
    running_type: Any


class VGPUTypeNotEnabled(XenError):
    """The card may not offer that type."""

    code = "VGPU_TYPE_NOT_ENABLED"

    type: Any
    enabled_types: Any


class VGPUTypeNotSupported(XenError):
    """The card cannot offer that type."""

    code = "VGPU_TYPE_NOT_SUPPORTED"

    type: Any
    supported_types: Any


class VGPUTypeNoLongerSupported(XenError):
    """That type is gone."""

    code = "VGPU_TYPE_NO_LONGER_SUPPORTED"

    type: Any


class VIFInUse(XenError):
    """The network is in use by an interface that is plugged."""

    code = "VIF_IN_USE"

    network: Any
    vif: Any


class VIFNotInMap(XenError):
    """It was not said to which network the interface is to be connected."""

    code = "VIF_NOT_IN_MAP"

    vif: Any


class VLANInUse(XenError):
    """Something outside of the server uses that VLAN."""

    code = "VLAN_IN_USE"

    device: Any
    vlan: Any


class VLANTagInvalid(XenError):
    """That is no VLAN tag."""

    code = "VLAN_TAG_INVALID"

    vlan: Any


class VMPPArchiveMoreFrequentThanBackup(XenError):
    """Archives cannot be made more often than backups."""

    code = "VMPP_ARCHIVE_MORE_FREQUENT_THAN_BACKUP"


class VMPPHasVM(XenError):
    """VMs are under the policy."""

    code = "VMPP_HAS_VM"


class VMSSHasVM(XenError):
    """VMs are under the schedule."""

    code = "VMSS_HAS_VM"


class VMsFailedToCooperate(XenError):
    """Guests did not give up memory when told to."""

    code = "VMS_FAILED_TO_COOPERATE"


class VMAssignedToProtectionPolicy(XenError):
    """The VM is under a protection policy."""

    code = "VM_ASSIGNED_TO_PROTECTION_POLICY"

    vm: Any
    vmpp: Any


class VMAssignedToSnapshotSchedule(XenError):
    """The VM is under a schedule of snapshots."""

    code = "VM_ASSIGNED_TO_SNAPSHOT_SCHEDULE"

    vm: Any
    vmss: Any


class VMAttachedToMoreThanOneVDIWithTimeoffsetMarkedAsResetOnBoot(XenError):
    """Several disks of the VM would reset its clock."""

    code = "VM_ATTACHED_TO_MORE_THAN_ONE_VDI_WITH_TIMEOFFSET_MARKED_AS_RESET_ON_BOOT"

    vm: Any


class VMBadPowerState(XenError):
    """The VM is not in a power state from which that is possible."""

    code = "VM_BAD_POWER_STATE"

    vm: Any
    expected: Any
    actual: Any


class VMBiosStringsAlreadySet(XenError):
    """What the VM's firmware says was set already."""

    code = "VM_BIOS_STRINGS_ALREADY_SET"


class VMCallPluginRateLimit(XenError):
    """The guest's agent was called too often; wait a little."""

    code = "VM_CALL_PLUGIN_RATE_LIMIT"

    vm: Any
    interval: Any
    wait: Any


class VMCannotDeleteDefaultTemplate(XenError):
    """The server's own templates cannot be destroyed."""

    code = "VM_CANNOT_DELETE_DEFAULT_TEMPLATE"

    vm: Any


class VMCheckpointResumeFailed(XenError):
    """The VM did not run on after its snapshot."""

    code = "VM_CHECKPOINT_RESUME_FAILED"

    vm: Any


class VMCheckpointSuspendFailed(XenError):
    """The VM's memory could not be saved for the snapshot."""

    code = "VM_CHECKPOINT_SUSPEND_FAILED"

    vm: Any


class VMCrashed(XenError):
    """The guest crashed."""

    code = "VM_CRASHED"

    vm: Any


class VMDuplicateVBDDevice(XenError):
    """Two block devices of the VM are in the same place."""

    code = "VM_DUPLICATE_VBD_DEVICE"

    vm: Any
    vbd: Any
    device: Any


class VMFailedShutdownAcknowledgment(XenError):
    """The guest does not react to the request to shut down."""

    code = "VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT"

    vm: Any


class VMFailedSuspendAcknowledgment(XenError):
    """The guest does not react to the request to suspend."""

    code = "VM_FAILED_SUSPEND_ACKNOWLEDGMENT"

    vm: Any


class VMHalted(XenError):
    """The guest shut down unexpectedly."""

    code = "VM_HALTED"

    vm: Any


class VMHasCheckpoint(XenError):
    """The VM has a snapshot with memory, so it cannot be moved."""

    code = "VM_HAS_CHECKPOINT"

    vm: Any


class VMHasNoSuspendVDI(XenError):
    """The VM has no image of its memory."""

    code = "VM_HAS_NO_SUSPEND_VDI"

    vm: Any


class VMHasPCIAttached(XenError):
    """A device of the host is passed through to the VM."""

    code = "VM_HAS_PCI_ATTACHED"

    vm: Any


class VMHasSriovVIF(XenError):
    """The VM has a virtual function as network interface."""

    code = "VM_HAS_SRIOV_VIF"

    vm: Any


class VMHasTooManySnapshots(XenError):
    """The VM has too many snapshots to be moved."""

    code = "VM_HAS_TOO_MANY_SNAPSHOTS"

    vm: Any


class VMHasVGPU(XenError):
    """The VM has a virtual GPU."""

    code = "VM_HAS_VGPU"

    vm: Any


class VMHasVUSBs(XenError):
    """The VM has USB devices."""

    code = "VM_HAS_VUSBS"

    vm: Any


class VMHostIncompatibleVersion(XenError):
    """The host's version is too old for the VM."""

    code = "VM_HOST_INCOMPATIBLE_VERSION"

    host: Any
    vm: Any


class VMHostIncompatibleVersionMigrate(XenError):
    """The VM can only move to a host of the same version or a newer one."""

    code = "VM_HOST_INCOMPATIBLE_VERSION_MIGRATE"

    host: Any
    vm: Any


class VMHostIncompatibleVirtualHardwarePlatformVersion(XenError):
    """The host does not offer the virtual hardware that the VM needs."""

    code = "VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION"

    host: Any
    host_versions: Any
    vm: Any
    vm_version: Any


class VMHvmRequired(XenError):
    """Only guests with hardware virtualisation can do that."""

    code = "VM_HVM_REQUIRED"

    vm: Any


class VMIncompatibleWithThisHost(XenError):
    """The host cannot run the VM."""

    code = "VM_INCOMPATIBLE_WITH_THIS_HOST"

    vm: Any
    host: Any
    reason: Any


class VMIsImmobile(XenError):
    """The VM is configured in a way that ties it to its host."""

    code = "VM_IS_IMMOBILE"

    vm: Any


class VMIsPartOfAnAppliance(XenError):
    """The VM is a member of an appliance."""

    code = "VM_IS_PART_OF_AN_APPLIANCE"

    vm: Any
    appliance: Any


class VMIsProtected(XenError):
    """High availability protects the VM."""

    code = "VM_IS_PROTECTED"

    vm: Any


class VMIsSnapshot(XenError):
    """That cannot be done to a snapshot."""

    code = "VM_IS_SNAPSHOT"

    vm: Any


class VMIsTemplate(XenError):
    """That cannot be done to a template."""

    code = "VM_IS_TEMPLATE"

    vm: Any


class VMIsUsingNestedVirt(XenError):
    """The guest uses virtualisation itself."""

    code = "VM_IS_USING_NESTED_VIRT"

    vm: Any


class VMLacksFeature(XenError):
    """The guest's drivers cannot do that."""

    code = "VM_LACKS_FEATURE"

    vm: Any


class VMMemorySizeTooLow(XenError):
    """The VM has too little memory for that."""

    code = "VM_MEMORY_SIZE_TOO_LOW"

    vm: Any


class VMMemoryTargetWaitTimeout(XenError):
    """The VM's memory did not reach its target in time."""

    code = "VM_MEMORY_TARGET_WAIT_TIMEOUT"

    vm: Any


class VMMigrateContactRemoteServiceFailed(XenError):
    """The other pool does not answer."""

    code = "VM_MIGRATE_CONTACT_REMOTE_SERVICE_FAILED"


class VMMigrateFailed(XenError):
    """The VM could not be moved."""

    code = "VM_MIGRATE_FAILED"

    vm: Any
    source: Any
    destination: Any
    msg: Any


class VMMissingPvDrivers(XenError):
    """The guest lacks drivers for that."""

    code = "VM_MISSING_PV_DRIVERS"

    vm: Any


class VMNonSuspendable(XenError):
    """The VM cannot be suspended as it is configured."""

    code = "VM_NON_SUSPENDABLE"

    vm: Any
    reason: Any


class VMNotResidentHere(XenError):
    """The VM does not run on that host."""

    code = "VM_NOT_RESIDENT_HERE"

    vm: Any
    host: Any


class VMNoCrashdumpSR(XenError):
    """There is no place for crash dumps."""

    code = "VM_NO_CRASHDUMP_SR"

    vm: Any


class VMNoEmptyCdVBD(XenError):
    """The VM has no empty CD drive."""

    code = "VM_NO_EMPTY_CD_VBD"

    vm: Any


class VMNoSuspendSR(XenError):
    """There is no place for the image of the memory."""

    code = "VM_NO_SUSPEND_SR"

    vm: Any


class VMNoVcpus(XenError):
    """A VM needs at least one CPU."""

    code = "VM_NO_VCPUS"

    vm: Any


class VMOldPvDrivers(XenError):
    """The guest's drivers are too old."""

    code = "VM_OLD_PV_DRIVERS"

    vm: Any
    major: Any
    minor: Any


class VMPCIBusFull(XenError):
    """The VM has no place for another device."""

    code = "VM_PCI_BUS_FULL"

    vm: Any


class VMPvDriversInUse(XenError):
    """The guest's drivers are at work."""

    code = "VM_PV_DRIVERS_IN_USE"

    vm: Any


class VMRebooted(XenError):
    """The guest rebooted unexpectedly."""

    code = "VM_REBOOTED"

    vm: Any


class VMRequiresGPU(XenError):
    """The host has no graphics card for the VM."""

    code = "VM_REQUIRES_GPU"

    vm: Any
    gpu_group: Any


class VMRequiresIommu(XenError):
    """The host cannot pass devices through."""

    code = "VM_REQUIRES_IOMMU"

    host: Any


class VMRequiresNetwork(XenError):
    """The host lacks a network of the VM."""

    code = "VM_REQUIRES_NETWORK"

    vm: Any
    network: Any


class VMRequiresSR(XenError):
    """The host does not reach storage of the VM."""

    code = "VM_REQUIRES_SR"

    vm: Any
    sr: Any


class VMRequiresVDI(XenError):
    """A disk of the VM is out of reach."""

    code = "VM_REQUIRES_VDI"

    vm: Any
    vdi: Any


class VMRequiresVGPU(XenError):
    """The host has no room for the VM's virtual GPU."""

    code = "VM_REQUIRES_VGPU"

    vm: Any
    gpu_group: Any
    vgpu_type: Any


class VMRequiresVUSB(XenError):
    """The host has no USB device for the VM."""

    code = "VM_REQUIRES_VUSB"

    vm: Any
    usb_group: Any


class VMRevertFailed(XenError):
    """The VM could not be put back into the state of its snapshot."""

    code = "VM_REVERT_FAILED"

    vm: Any
    snapshot: Any


class VMShutdownTimeout(XenError):
    """The guest did not shut down in time."""

    code = "VM_SHUTDOWN_TIMEOUT"

    vm: Any
    timeout: Any


class VMSnapshotFailed(XenError):
    """No snapshot could be taken."""

    code = "VM_SNAPSHOT_FAILED"


class VMSnapshotWithQuiesceFailed(XenError):
    """No consistent snapshot could be taken."""

    code = "VM_SNAPSHOT_WITH_QUIESCE_FAILED"

    vm: Any


class VMSnapshotWithQuiesceNotSupported(XenError):
    """The guest cannot take consistent snapshots."""

    code = "VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED"

    vm: Any
    error: Any


class VMSnapshotWithQuiescePluginDeosNotRespond(XenError):
    """The guest's part in consistent snapshots does not answer."""

    code = "VM_SNAPSHOT_WITH_QUIESCE_PLUGIN_DEOS_NOT_RESPOND"

    vm: Any


class VMSnapshotWithQuiesceTimeout(XenError):
    """The consistent snapshot took too long."""

    code = "VM_SNAPSHOT_WITH_QUIESCE_TIMEOUT"

    vm: Any


class VMSuspendTimeout(XenError):
    """The guest did not suspend in time."""

    code = "VM_SUSPEND_TIMEOUT"

    vm: Any
    timeout: Any


class VMTooManyVcpus(XenError):
    """The VM has more CPUs than it can."""

    code = "VM_TOO_MANY_VCPUS"

    vm: Any


class VMToImportIsNotNewerVersion(XenError):
    """The pool has the VM in the same version or a newer one."""

    code = "VM_TO_IMPORT_IS_NOT_NEWER_VERSION"

    vm: Any
    existing_version: Any
    version_to_import: Any


class VMUnsafeBoot(XenError):
    """The VM was not shut down properly and may run elsewhere."""

    code = "VM_UNSAFE_BOOT"

    vm: Any


class VTPMMaxAmountReached(XenError):
    """The VM has as many TPMs as it can."""

    code = "VTPM_MAX_AMOUNT_REACHED"

    amount: Any


class WlbAuthenticationFailed(XenError):
    """Workload balancing does not accept user and password."""

    code = "WLB_AUTHENTICATION_FAILED"


class WlbConnectionRefused(XenError):
    """Workload balancing refuses the connection."""

    code = "WLB_CONNECTION_REFUSED"


class WlbConnectionReset(XenError):
    """Workload balancing broke the connection off."""

    code = "WLB_CONNECTION_RESET"


class WlbDisabled(XenError):
    """Workload balancing is not used."""

    code = "WLB_DISABLED"


class WlbInternalError(XenError):
    """Workload balancing failed."""

    code = "WLB_INTERNAL_ERROR"


class WlbMalformedRequest(XenError):
    """Workload balancing did not understand the request."""

    code = "WLB_MALFORMED_REQUEST"


class WlbMalformedResponse(XenError):
    """Workload balancing gave no proper answer."""

    code = "WLB_MALFORMED_RESPONSE"

    method: Any
    reason: Any
    response: Any


class WlbNotInitialized(XenError):
    """Workload balancing was not set up."""

    code = "WLB_NOT_INITIALIZED"


class WlbTimeout(XenError):
    """Workload balancing did not answer in time."""

    code = "WLB_TIMEOUT"

    configured_timeout: Any


class WlbUnknownHost(XenError):
    """There is no such host for workload balancing."""

    code = "WLB_UNKNOWN_HOST"


class WlbUrlInvalid(XenError):
    """That is no address of workload balancing."""

    code = "WLB_URL_INVALID"

    url: Any


class WlbXenserverAuthenticationFailed(XenError):
    """Workload balancing could not log in here."""

    code = "WLB_XENSERVER_AUTHENTICATION_FAILED"


class WlbXenserverConnectionRefused(XenError):
    """Workload balancing was refused a connection here."""

    code = "WLB_XENSERVER_CONNECTION_REFUSED"


class WlbXenserverMalformedResponse(XenError):
    """Workload balancing got no proper answer here."""

    code = "WLB_XENSERVER_MALFORMED_RESPONSE"


class WlbXenserverTimeout(XenError):
    """Workload balancing got no answer here in time."""

    code = "WLB_XENSERVER_TIMEOUT"


class WlbXenserverUnknownHost(XenError):
    """Workload balancing did not find this host."""

    code = "WLB_XENSERVER_UNKNOWN_HOST"


class XapiHookFailed(XenError):
    """A script that takes part in the operation failed."""

    code = "XAPI_HOOK_FAILED"

    hook_name: Any
    reason: Any
    stdout: Any
    exit_code: Any


class XenapiMissingPlugin(XenError):
    """There is no such plug-in."""

    code = "XENAPI_MISSING_PLUGIN"

    name: Any


class XenapiPluginFailure(XenError):
    """The plug-in failed."""

    code = "XENAPI_PLUGIN_FAILURE"

    status: Any
    stdout: Any
    stderr: Any


class XenIncompatible(XenError):
    """The hypervisor is of a version that cannot be used."""

    code = "XEN_INCOMPATIBLE"


class XenVssReqErrorAddingVolumeToSnapsetFailed(XenError):
    """VSS in the guest could not add a volume."""

    code = "XEN_VSS_REQ_ERROR_ADDING_VOLUME_TO_SNAPSET_FAILED"

    vm: Any
    error_code: Any


class XenVssReqErrorCreatingSnapshot(XenError):
    """VSS in the guest could not take the snapshot."""

    code = "XEN_VSS_REQ_ERROR_CREATING_SNAPSHOT"

    vm: Any
    error_code: Any


class XenVssReqErrorCreatingSnapshotXmlString(XenError):
    """VSS in the guest could not describe the snapshot."""

    code = "XEN_VSS_REQ_ERROR_CREATING_SNAPSHOT_XML_STRING"

    vm: Any
    error_code: Any


class XenVssReqErrorInitFailed(XenError):
    """VSS in the guest did not start."""

    code = "XEN_VSS_REQ_ERROR_INIT_FAILED"

    vm: Any
    error_code: Any


class XenVssReqErrorNoVolumesSupported(XenError):
    """VSS in the guest supports none of the volumes."""

    code = "XEN_VSS_REQ_ERROR_NO_VOLUMES_SUPPORTED"

    vm: Any
    error_code: Any


class XenVssReqErrorPreparingWriters(XenError):
    """VSS in the guest could not bring programs to a halt."""

    code = "XEN_VSS_REQ_ERROR_PREPARING_WRITERS"

    vm: Any
    error_code: Any


class XenVssReqErrorProvNotLoaded(XenError):
    """VSS in the guest has no provider."""

    code = "XEN_VSS_REQ_ERROR_PROV_NOT_LOADED"

    vm: Any
    error_code: Any


class XenVssReqErrorStartSnapshotSetFailed(XenError):
    """VSS in the guest could not begin the snapshot."""

    code = "XEN_VSS_REQ_ERROR_START_SNAPSHOT_SET_FAILED"

    vm: Any
    error_code: Any


class XmlrpcUnmarshalFailure(XenError):
    """A value is not what was due."""

    code = "XMLRPC_UNMARSHAL_FAILURE"

    expected: Any
    received: Any
