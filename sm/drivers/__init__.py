"""The SR types of this host: one line each."""

from __future__ import annotations

from collections.abc import Mapping

from common.idl.storage import UnknownDriver
from sm.driver import Driver
from sm.drivers.ext import ExtDriver
from sm.drivers.file import LocalDirectory
from sm.drivers.iso import IsoDriver

DRIVERS: Mapping[str, type[Driver]] = {driver.info.type: driver for driver in (ExtDriver, LocalDirectory, IsoDriver)}


def find(type_: str) -> type[Driver]:
    """The driver of an SR type. Raises `UnknownDriver`."""
    driver = DRIVERS.get(type_)
    if driver is None:
        raise UnknownDriver(type_)
    return driver
