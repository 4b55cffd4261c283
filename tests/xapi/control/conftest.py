"""The hypervisor and the messages for the tests here."""

from __future__ import annotations

from tests.xapi.hypervisor import api as api
from tests.xapi.hypervisor import hypervisor as hypervisor
from tests.xapi.hypervisor import sr as sr
