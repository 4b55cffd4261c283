"""Which operations objects allow, and which are running on them. Importing this registers the rules of all classes."""

from __future__ import annotations

from xapi.control.operations import host as host
from xapi.control.operations import network as network
from xapi.control.operations import pool as pool
from xapi.control.operations import sr as sr
from xapi.control.operations import vbd as vbd
from xapi.control.operations import vdi as vdi
from xapi.control.operations import vif as vif
from xapi.control.operations import vm as vm
from xapi.control.operations import vm_appliance as vm_appliance
from xapi.control.operations import vtpm as vtpm
from xapi.control.operations.core import GUARDED as GUARDED
from xapi.control.operations.core import Guard as Guard
from xapi.control.operations.core import check as check
from xapi.control.operations.core import hold as hold
from xapi.control.operations.core import refresh as refresh
from xapi.control.operations.core import refresh_all as refresh_all
from xapi.control.operations.core import register as register
