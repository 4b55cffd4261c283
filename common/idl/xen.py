"""What xenopsd offers: running domains and their devices on one host.

xapi pushes what a VM should be (`VM.add`, `VBD.add`, `VIF.add`), asks for operations (a task at once), and learns from
`UPDATES` *which* VM, device or task changed; `stat` tells how it is now. xenopsd never speaks XenAPI; it calls sm
itself to attach a VM's disks. What its calls fail with is declared in `xen_errors`.
"""

from __future__ import annotations

from abc import abstractmethod
from enum import StrEnum
from typing import NewType

import msgspec

from common.idl import xen_errors as xen_errors  # so that whoever calls knows what a call may raise
from common.idl.task import TaskId
from common.rpc.interface import Interface

SOCKET = "/var/lib/xcp/xenopsd"
MIGRATION_SOCKET = "/var/lib/xcp/xenopsd-migration"
"""Where VMs of other hosts arrive: xapi passes on what comes to `MIGRATION_PATH` of its TLS port, by PUT."""
MIGRATION_PATH = "/services/xenops/migrate"

VmId = NewType("VmId", str)
"""The VM's uuid."""


class PowerState(StrEnum):
    RUNNING = "Running"
    HALTED = "Halted"
    SUSPENDED = "Suspended"
    PAUSED = "Paused"


class DomainType(StrEnum):
    HVM = "hvm"
    PV = "pv"
    PVH = "pvh"
    PV_IN_PVH = "pv_in_pvh"


class Action(StrEnum):
    """What to do when the guest powers off, reboots or crashes (the XenAPI's `actions_after_*`)."""

    DESTROY = "destroy"
    RESTART = "restart"
    SOFT_REBOOT = "soft_reboot"
    COREDUMP_AND_DESTROY = "coredump_and_destroy"
    COREDUMP_AND_RESTART = "coredump_and_restart"
    PRESERVE = "preserve"
    RENAME_RESTART = "rename_restart"


class VdiDisk(msgspec.Struct, frozen=True, kw_only=True, tag="vdi"):
    """A virtual disk that sm attaches; `sr` is the SR's uuid, `vdi` the VDI's location in it."""

    sr: str
    vdi: str


class LocalDisk(msgspec.Struct, frozen=True, kw_only=True, tag="local"):
    """A file or block device of this host, given by path."""

    path: str


class RemoteDisk(msgspec.Struct, frozen=True, kw_only=True, tag="remote"):
    """A block device of another VM of this host, a driver domain, whose kernel serves it. Xen only."""

    backend: VmId
    path: str


Disk = VdiDisk | LocalDisk | RemoteDisk


class HvmBoot(msgspec.Struct, frozen=True, kw_only=True, tag="hvm"):
    """Firmware boots the guest. `order` is of `c` disk, `d` CD, `n` network; `firmware` bios or uefi."""

    order: str = "cd"
    firmware: str = "bios"
    secure_boot: bool = False


class DirectBoot(msgspec.Struct, frozen=True, kw_only=True, tag="direct"):
    """The toolstack loads a kernel: paths of this host."""

    kernel: str
    ramdisk: str = ""
    cmdline: str = ""


class BootloaderBoot(msgspec.Struct, frozen=True, kw_only=True, tag="bootloader"):
    """A program (pygrub, eliloader) reads the kernel from the VM's first bootable disk."""

    bootloader: str
    args: str = ""
    legacy_args: str = ""
    bootloader_args: str = ""


Boot = HvmBoot | DirectBoot | BootloaderBoot


class FirmwareState(msgspec.Struct, frozen=True, kw_only=True):
    """What firmware remembers of a VM while it is off, each base64 of zlib; empty: nothing.

    The content is the backend's own: the variable store of its UEFI, the permanent state of its TPM. Both may hold
    keys of the guest, so they are never logged.
    """

    variables: str = ""
    tpm: str = ""

    def __repr__(self) -> str:
        return f"FirmwareState({len(self.variables)}, {len(self.tpm)})"


class NumaPolicy(StrEnum):
    """How a domain is placed on a host of several nodes: as the hypervisor does by itself where nobody chose, anywhere,
    or on as few nodes as hold it.
    """

    DEFAULT = "default"
    ANY = "any"
    BEST_EFFORT = "best_effort"


class Vm(msgspec.Struct, frozen=True, kw_only=True):
    """What a VM should be, from its next start on."""

    id: VmId
    name: str
    type: DomainType
    boot: Boot
    memory_static_max: int
    """Bytes, as the two below."""
    memory_dynamic_max: int
    memory_dynamic_min: int
    vcpus_max: int
    vcpus: int
    """VCPUs plugged at start."""
    weight: int | None = None
    cap: int | None = None
    affinity: list[list[int]] = []
    platform: dict[str, str] = {}
    bios_strings: dict[str, str] = {}
    xsdata: dict[str, str] = {}
    """What the guest reads in xenstore, by keys that begin with `vm-data/` or `FIST/`."""
    shadow_multiplier: float = 1.0
    timeoffset: str = ""
    generation_id: str = ""
    on_crash: Action = Action.RESTART
    on_shutdown: Action = Action.DESTROY
    on_reboot: Action = Action.RESTART
    on_softreboot: Action = Action.SOFT_REBOOT
    suspended: bool = False
    """xapi says that the VM is suspended: without a domain, `stat` answers Suspended and not Halted."""
    cpu_features: str = ""
    nested_virt: bool = False
    nomigrate: bool = False
    has_vendor_device: bool = False
    tpm: bool = False
    """It has a TPM 2.0."""
    firmware: FirmwareState = FirmwareState()
    """What it remembered when it was last off. `VM.start` takes it, whatever this host still has of the VM.

    A reboot and a resume, whose guest may have changed it since, take it only where this host has nothing.
    """
    numa: NumaPolicy = NumaPolicy.DEFAULT
    pci: list[str] = []
    """Devices of the host that it gets at its start, by address as `0000:00:1f.6`, in this order."""


class ConsoleProtocol(StrEnum):
    RFB = "rfb"
    VT100 = "vt100"


class Console(msgspec.Struct, frozen=True, kw_only=True):
    """Where a console listens on this host: a Unix socket `path`, or `port` of 127.0.0.1 when that is empty."""

    protocol: ConsoleProtocol
    path: str = ""
    port: int = 0


class VmState(msgspec.Struct, frozen=True, kw_only=True):
    """What xenopsd observes of a VM, as opposed to what was asked for."""

    power_state: PowerState
    domids: list[int] = []
    consoles: list[Console] = []
    memory_target: int = 0
    """Bytes, as the two below."""
    memory_actual: int = 0
    memory_limit: int = 0
    vcpu_target: int = 0
    rtc_timeoffset: str = ""
    guest_agent: dict[str, str] = {}
    """Keys as a Xen guest writes them to xenstore: `attr/vif/0/ipv4/0`, `data/os_name`, `control/feature-shutdown`."""
    pv_drivers_detected: bool = False
    last_start_time: float = 0.0
    """Seconds since the epoch; 0 when never."""
    last_crash_time: float = 0.0
    """When its guest last crashed, whatever followed; 0 when never."""
    type: DomainType = DomainType.HVM
    nomigrate: bool = False
    nested_virt: bool = False
    uncooperative: bool = False
    xsdata: dict[str, str] | None = None
    """As `Vm.xsdata`, with what the guest wrote there itself; None where it can't."""
    numa_nodes: int = 0
    """Nodes that its VCPUs prefer; 0 when it was not placed."""
    pci: list[str] = []
    """The host's devices that it has, by address."""


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Another host, which takes VMs at the TLS port of its xapi."""

    url: str
    """`https://address`, or `https://address:port`."""
    cookie: dict[str, str]
    """Who we are there: `session_id` or `pool_secret`. Never logged."""
    certificates: str = ""
    """A file of this host with the certificates that are trusted; empty: any is."""

    def __repr__(self) -> str:
        return f"Destination({self.url})"


class VmStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A VM with its state."""

    vm: Vm
    state: VmState


class VM(Interface, prefix="VM"):
    """Domain life cycle. Calls that return a `TaskId` are queued behind the VM's others and watched by `TASK`."""

    @abstractmethod
    async def add(self, dbg: str, vm: Vm) -> None:
        """Know `vm`, or know it anew. A running domain keeps what can't change while it runs. Safe to repeat."""

    @abstractmethod
    async def remove(self, dbg: str, id: VmId) -> None:
        """Forget a halted VM and its devices. Raises `BadPowerState`, `DoesNotExist`."""

    @abstractmethod
    async def stat(self, dbg: str, id: VmId) -> VmStatus:
        """Observe the VM now. Raises `DoesNotExist`."""

    @abstractmethod
    async def all(self, dbg: str) -> list[VmStatus]:
        """Every VM that was added."""

    @abstractmethod
    async def start(self, dbg: str, id: VmId, force: bool = False) -> TaskId:
        """Create, build and plug the domain, leaving it paused. Fails with `BadPowerState` unless Halted."""

    @abstractmethod
    async def unpause(self, dbg: str, id: VmId) -> TaskId:
        """Let the VCPUs run."""

    @abstractmethod
    async def pause(self, dbg: str, id: VmId) -> TaskId:
        """Stop the VCPUs."""

    @abstractmethod
    async def shutdown(self, dbg: str, id: VmId, timeout: float | None = None) -> TaskId:
        """Clean with `timeout` seconds for the guest (`FailedToShutdown` when it ignores us), hard without."""

    @abstractmethod
    async def reboot(self, dbg: str, id: VmId, timeout: float | None = None) -> TaskId:
        """Clean with `timeout` seconds, hard without. `stat` answers Running throughout."""

    @abstractmethod
    async def suspend(self, dbg: str, id: VmId, disk: Disk) -> TaskId:
        """Write the running VM's memory to `disk` and destroy the domain."""

    @abstractmethod
    async def resume(self, dbg: str, id: VmId, disk: Disk) -> TaskId:
        """Build the domain from `disk`, leaving it paused."""

    @abstractmethod
    async def assert_can_migrate(self, dbg: str, id: VmId) -> None:
        """Raises `CannotMigrate` if the VM as it runs could not be moved, wherever to; `BadPowerState`."""

    @abstractmethod
    async def migrate(
        self,
        dbg: str,
        id: VmId,
        destination: Destination | None,
        disks: dict[str, Disk],
        bridges: dict[str, str],
        compress: bool = False,
    ) -> TaskId:
        """Move the running VM to `destination` while it runs on; without one, to a new domain of this host.

        `disks` and `bridges` say what a device, by its name, has there, if it is called otherwise than here.
        Afterwards the VM is known there and not here any more. On failure it runs on here: `CannotMigrate`,
        `MigrationFailed`, or the destination's own error. `MigrationInDoubt` is the exception: the guest is
        stopped here until `unpause` or `shutdown` says that it doesn't run there. Cancellable until the end.
        """

    @abstractmethod
    async def set_vcpus(self, dbg: str, id: VmId, vcpus: int) -> TaskId:
        """Plug or unplug VCPUs of a running VM."""

    @abstractmethod
    async def set_memory_dynamic_range(self, dbg: str, id: VmId, minimum: int, maximum: int) -> TaskId:
        """Change the range (bytes) of a running VM."""

    @abstractmethod
    async def set_xsdata(self, dbg: str, id: VmId, xsdata: dict[str, str]) -> TaskId:
        """Replace what the guest reads under `vm-data/`."""

    @abstractmethod
    async def send_sysrq(self, dbg: str, id: VmId, key: str) -> None:
        """Press a SysRq key."""

    @abstractmethod
    async def freeze(self, dbg: str, id: VmId) -> bool:
        """Ask the guest agent to flush and freeze its filesystems; False when there is no agent."""

    @abstractmethod
    async def thaw(self, dbg: str, id: VmId) -> None:
        """End `freeze`. Safe to repeat."""

    @abstractmethod
    async def firmware(self, dbg: str, id: VmId) -> FirmwareState:
        """What firmware remembers of the VM now: final once it is off or suspended. Raises `DoesNotExist`."""

    @abstractmethod
    async def counters(self, dbg: str) -> list[VmCounters]:
        """Counters of every running VM, for rrdd: one call each tick."""


class DiskCounters(msgspec.Struct, frozen=True, kw_only=True):
    """Since the domain started."""

    device: str
    sr: str = ""
    """Uuid of the SR that holds the disk; empty when it is not a VDI."""
    read_bytes: int = 0
    write_bytes: int = 0
    read_requests: int = 0
    write_requests: int = 0
    read_ns: int = 0
    write_ns: int = 0
    in_flight: int | None = None
    """Requests being worked on now; None where it is not known."""


class InterfaceCounters(msgspec.Struct, frozen=True, kw_only=True):
    """As the guest sees it: `rx` is what it received. Since the domain started."""

    device: str
    """The interface's position: `0`."""
    rx_bytes: int = 0
    tx_bytes: int = 0
    rx_errors: int = 0
    tx_errors: int = 0


class GrantedMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """Pages that a guest granted to this host, with metrics in them as plug-ins write them to a file."""

    name: str
    references: list[int]
    """Of the grants, in the order of the pages."""


class VmCounters(msgspec.Struct, frozen=True, kw_only=True):
    """Counters of one running VM."""

    id: VmId
    domid: int
    vcpu_seconds: list[float] = []
    """CPU time of each VCPU since the domain started."""
    memory: int = 0
    """Bytes the domain has."""
    memory_target: int = 0
    memory_dynamic_min: int = 0
    """Bytes, as the one below: what the balancer keeps to. 0 where it is not known."""
    memory_dynamic_max: int = 0
    memory_internal_free: int | None = None
    """KiB free inside the guest, when its agent or balloon driver tells."""
    disks: list[DiskCounters] = []
    interfaces: list[InterfaceCounters] = []
    granted: list[GrantedMetrics] = []


class DeviceId(msgspec.Struct, frozen=True, kw_only=True):
    """A device of a VM: `device` is `xvda` or the like for a disk, the position (`0`) for an interface."""

    vm: VmId
    device: str


class DeviceState(msgspec.Struct, frozen=True, kw_only=True):
    """`active`: it belongs to the VM as it runs or will next start; `plugged`: the domain has it now."""

    active: bool = False
    plugged: bool = False
    device: str = ""
    """While it is plugged: an interface's name on this host (`vif3.0`), a drive's in the domain (`xvda`)."""


class DiskType(StrEnum):
    DISK = "Disk"
    CDROM = "CD"
    FLOPPY = "Floppy"


class Vbd(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual disk drive. `disk` None is an empty CD drive."""

    id: DeviceId
    position: int
    """The XenAPI's `userdevice`: 0 is the first disk."""
    type: DiskType = DiskType.DISK
    read_only: bool = False
    disk: Disk | None = None
    unpluggable: bool = True
    bootable: bool = False
    qos_class: str = ""
    """ionice class and priority as the original writes them; empty for none."""


class VBD(Interface, prefix="VBD"):
    """Disks of VMs."""

    @abstractmethod
    async def add(self, dbg: str, vbd: Vbd) -> None:
        """Know `vbd`, or know it anew. Safe to repeat."""

    @abstractmethod
    async def remove(self, dbg: str, id: DeviceId) -> None:
        """Forget an unplugged disk. Raises `DeviceIsConnected`. Safe to repeat."""

    @abstractmethod
    async def stat(self, dbg: str, id: DeviceId) -> DeviceState:
        """Observe the disk now. Raises `DoesNotExist`."""

    @abstractmethod
    async def all(self, dbg: str, vm: VmId) -> list[Vbd]:
        """The disks of `vm`."""

    @abstractmethod
    async def plug(self, dbg: str, id: DeviceId) -> TaskId:
        """Attach through sm and connect."""

    @abstractmethod
    async def unplug(self, dbg: str, id: DeviceId, force: bool = False) -> TaskId:
        """Disconnect and detach. Fails with `DeviceDetachRejected` when the guest refuses and `force` is not given."""

    @abstractmethod
    async def insert(self, dbg: str, id: DeviceId, disk: Disk) -> TaskId:
        """Put `disk` into an empty CD drive."""

    @abstractmethod
    async def eject(self, dbg: str, id: DeviceId) -> TaskId:
        """Empty a CD drive."""


class LockingMode(StrEnum):
    UNLOCKED = "unlocked"
    DISABLED = "disabled"
    LOCKED = "locked"


class Vif(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual network interface."""

    id: DeviceId
    position: int
    mac: str
    bridge: str
    mtu: int = 1500
    carrier: bool = True
    rate: int | None = None
    """KiB a second."""
    locking_mode: LockingMode = LockingMode.UNLOCKED
    ipv4_allowed: list[str] = []
    ipv6_allowed: list[str] = []
    other_config: dict[str, str] = {}
    backend: str = ""
    """The VM of this host, a driver domain, whose kernel serves it on a bridge of its own; empty: none. Xen only."""


class VIF(Interface, prefix="VIF"):
    """Network interfaces of VMs."""

    @abstractmethod
    async def add(self, dbg: str, vif: Vif) -> None:
        """Know `vif`, or know it anew. Safe to repeat."""

    @abstractmethod
    async def remove(self, dbg: str, id: DeviceId) -> None:
        """Forget an unplugged interface. Raises `DeviceIsConnected`. Safe to repeat."""

    @abstractmethod
    async def stat(self, dbg: str, id: DeviceId) -> DeviceState:
        """Observe the interface now. Raises `DoesNotExist`."""

    @abstractmethod
    async def all(self, dbg: str, vm: VmId) -> list[Vif]:
        """The interfaces of `vm`."""

    @abstractmethod
    async def plug(self, dbg: str, id: DeviceId) -> TaskId:
        """Connect to its bridge."""

    @abstractmethod
    async def unplug(self, dbg: str, id: DeviceId, force: bool = False) -> TaskId:
        """Disconnect."""

    @abstractmethod
    async def move(self, dbg: str, id: DeviceId, bridge: str) -> TaskId:
        """Connect to another bridge without unplugging."""

    @abstractmethod
    async def set_carrier(self, dbg: str, id: DeviceId, carrier: bool) -> TaskId:
        """Link up or down, as the guest sees it."""

    @abstractmethod
    async def set_locking_mode(
        self,
        dbg: str,
        id: DeviceId,
        mode: LockingMode,
        ipv4: list[str],
        ipv6: list[str],
    ) -> TaskId:
        """Filter what the guest may send."""


class CpuInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The host's processors, as `host.cpu_info` shows them."""

    cpu_count: int
    socket_count: int
    threads_per_core: int
    vendor: str
    speed: float
    """MHz."""
    model_name: str
    family: str = ""
    model: str = ""
    stepping: str = ""
    flags: str = ""
    features: str = ""
    features_pv: str = ""
    """The most that a guest may have, as the next; what it gets when nobody chose are the two below."""
    features_hvm: str = ""
    features_pv_host: str = ""
    features_hvm_host: str = ""
    nodes: int = 1


class HostState(msgspec.Struct, frozen=True, kw_only=True):
    """The hypervisor of this host."""

    backend: str
    """libxl, libvirt or simulator."""
    hypervisor: str
    """Name and version, as `Xen 4.17.5` or `QEMU 7.2.22 (tcg)`."""
    capabilities: list[str]
    cpu: CpuInfo
    memory_total: int
    """Bytes, as the one below."""
    memory_free: int
    memory_overhead: int = 0
    """What no guest can have: the hypervisor's own, and what is kept free."""
    memory_control: int = 0
    """The control domain's; 0 where there is none but the host itself."""
    iommu: bool = False
    """Whether guests can have devices of the host."""


class HOST(Interface, prefix="HOST"):
    """The host itself."""

    @abstractmethod
    async def stat(self, dbg: str) -> HostState:
        """Observe the hypervisor now."""

    @abstractmethod
    async def dmesg(self, dbg: str) -> str:
        """The hypervisor's message buffer; empty where there is none."""

    @abstractmethod
    async def send_debug_keys(self, dbg: str, keys: str) -> None:
        """Send keys to the hypervisor's debug console."""

    @abstractmethod
    async def set_worker_pool_size(self, dbg: str, size: int) -> None:
        """Operations that may run at once."""


class ChangedVm(msgspec.Struct, frozen=True, kw_only=True, tag="vm"):
    """The VM changed, or is gone."""

    id: VmId


class ChangedVbd(msgspec.Struct, frozen=True, kw_only=True, tag="vbd"):
    id: DeviceId


class ChangedVif(msgspec.Struct, frozen=True, kw_only=True, tag="vif"):
    id: DeviceId


class ChangedTask(msgspec.Struct, frozen=True, kw_only=True, tag="task"):
    id: TaskId


Changed = ChangedVm | ChangedVbd | ChangedVif | ChangedTask


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `UPDATES.get`: what changed, and the id to ask with next."""

    changed: list[Changed]
    last: int
    first: int = 0
    """Another one than before: xenopsd was started anew, and what it forgot it can't tell."""


class UPDATES(Interface, prefix="UPDATES"):
    """The feed of changes. Ids start anew with the process: an unknown one gets everything."""

    @abstractmethod
    async def get(self, dbg: str, since: int | None = None, timeout: float = 30.0) -> Changes:
        """What changed after `since`; waits up to `timeout` seconds for something."""
