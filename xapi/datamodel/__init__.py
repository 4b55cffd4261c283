"""What the XenAPI consists of, as data: classes with their fields and messages, in the order of the manual."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.datamodel.auth import AUTH
from xapi.datamodel.blob import BLOB
from xapi.datamodel.bond import BOND
from xapi.datamodel.caller import CALLER
from xapi.datamodel.certificate import CERTIFICATE
from xapi.datamodel.cluster import CLUSTER
from xapi.datamodel.cluster_host import CLUSTER_HOST
from xapi.datamodel.console import CONSOLE
from xapi.datamodel.crashdump import CRASHDUMP
from xapi.datamodel.data_source import DATA_SOURCE
from xapi.datamodel.diagnostics import DIAGNOSTICS
from xapi.datamodel.dr_task import DR_TASK
from xapi.datamodel.driver_variant import DRIVER_VARIANT
from xapi.datamodel.event import EVENT
from xapi.datamodel.feature import FEATURE
from xapi.datamodel.gpu_group import GPU_GROUP
from xapi.datamodel.host import HOST
from xapi.datamodel.host_cpu import HOST_CPU
from xapi.datamodel.host_crashdump import HOST_CRASHDUMP
from xapi.datamodel.host_driver import HOST_DRIVER
from xapi.datamodel.host_metrics import HOST_METRICS
from xapi.datamodel.host_patch import HOST_PATCH
from xapi.datamodel.lvhd import LVHD
from xapi.datamodel.message import MESSAGE
from xapi.datamodel.network import NETWORK
from xapi.datamodel.network_sriov import NETWORK_SRIOV
from xapi.datamodel.observer import OBSERVER
from xapi.datamodel.pbd import PBD
from xapi.datamodel.pci import PCI
from xapi.datamodel.pgpu import PGPU
from xapi.datamodel.pif import PIF
from xapi.datamodel.pif_metrics import PIF_METRICS
from xapi.datamodel.pool import POOL
from xapi.datamodel.pool_patch import POOL_PATCH
from xapi.datamodel.pool_update import POOL_UPDATE
from xapi.datamodel.probe_result import PROBE_RESULT
from xapi.datamodel.pusb import PUSB
from xapi.datamodel.pvs_cache_storage import PVS_CACHE_STORAGE
from xapi.datamodel.pvs_proxy import PVS_PROXY
from xapi.datamodel.pvs_server import PVS_SERVER
from xapi.datamodel.pvs_site import PVS_SITE
from xapi.datamodel.rate_limit import RATE_LIMIT
from xapi.datamodel.repository import REPOSITORY
from xapi.datamodel.role import ROLE
from xapi.datamodel.sdn_controller import SDN_CONTROLLER
from xapi.datamodel.secret import SECRET
from xapi.datamodel.session import SESSION
from xapi.datamodel.sm import SM
from xapi.datamodel.sr import SR
from xapi.datamodel.sr_stat import SR_STAT
from xapi.datamodel.subject import SUBJECT
from xapi.datamodel.task import TASK
from xapi.datamodel.tunnel import TUNNEL
from xapi.datamodel.types import Class
from xapi.datamodel.usb_group import USB_GROUP
from xapi.datamodel.user import USER
from xapi.datamodel.vbd import VBD
from xapi.datamodel.vbd_metrics import VBD_METRICS
from xapi.datamodel.vdi import VDI
from xapi.datamodel.vdi_nbd_server_info import VDI_NBD_SERVER_INFO
from xapi.datamodel.vgpu import VGPU
from xapi.datamodel.vgpu_type import VGPU_TYPE
from xapi.datamodel.vif import VIF
from xapi.datamodel.vif_metrics import VIF_METRICS
from xapi.datamodel.vlan import VLAN
from xapi.datamodel.vm import VM
from xapi.datamodel.vm_appliance import VM_APPLIANCE
from xapi.datamodel.vm_group import VM_GROUP
from xapi.datamodel.vm_guest_metrics import VM_GUEST_METRICS
from xapi.datamodel.vm_metrics import VM_METRICS
from xapi.datamodel.vmpp import VMPP
from xapi.datamodel.vmss import VMSS
from xapi.datamodel.vtpm import VTPM
from xapi.datamodel.vusb import VUSB

CLASSES: Mapping[str, Class] = {
    cls.name: cls
    for cls in (
        SESSION,
        AUTH,
        SUBJECT,
        ROLE,
        TASK,
        EVENT,
        POOL,
        POOL_PATCH,
        POOL_UPDATE,
        VM,
        VM_METRICS,
        VM_GUEST_METRICS,
        VMPP,
        VMSS,
        VM_APPLIANCE,
        DR_TASK,
        HOST,
        HOST_CRASHDUMP,
        HOST_PATCH,
        HOST_METRICS,
        HOST_CPU,
        NETWORK,
        VIF,
        VIF_METRICS,
        PIF,
        PIF_METRICS,
        BOND,
        VLAN,
        SM,
        SR,
        SR_STAT,
        PROBE_RESULT,
        LVHD,
        VDI,
        VBD,
        VBD_METRICS,
        PBD,
        CRASHDUMP,
        VTPM,
        CONSOLE,
        USER,
        DATA_SOURCE,
        BLOB,
        MESSAGE,
        SECRET,
        TUNNEL,
        NETWORK_SRIOV,
        PCI,
        PGPU,
        GPU_GROUP,
        VGPU,
        VGPU_TYPE,
        PVS_SITE,
        PVS_SERVER,
        PVS_PROXY,
        PVS_CACHE_STORAGE,
        FEATURE,
        SDN_CONTROLLER,
        VDI_NBD_SERVER_INFO,
        PUSB,
        USB_GROUP,
        VUSB,
        CLUSTER,
        CLUSTER_HOST,
        CERTIFICATE,
        DIAGNOSTICS,
        REPOSITORY,
        OBSERVER,
        VM_GROUP,
        HOST_DRIVER,
        DRIVER_VARIANT,
        CALLER,
        RATE_LIMIT,
    )
}
"""Every class by its wire name (`VM`, `host`, `VM_metrics`)."""

API_VERSION = (2, 23)
SCHEMA_VERSION = (5, 909)
