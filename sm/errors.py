"""The original's numbers for what can go wrong in a driver, and the mapping of a host's errors to them."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from common.command import CommandFailed
from common.idl.storage import BackendError, OutOfSpace

log = logging.getLogger(__name__)


class Number(Enum):
    """Number and text of a driver's error."""

    INVALID_ARGUMENT = "1", "Invalid argument"
    SR_SCAN = "40", "The scan of the SR failed"
    SR_EXISTS = "42", "The location holds another SR"
    VDI_EXISTS = "43", "The VDI exists already"
    VDI_UNAVAILABLE = "46", "The VDI is not available"
    SR_UNAVAILABLE = "47", "The SR is not available"
    LVM_MOUNT = "52", "The file system could not be mounted"
    FILE_CREATE = "61", "The SR's directory could not be made"
    FILE_DELETE = "63", "The SR could not be deleted"
    LVM_GROUP_CREATE = "77", "The volume group could not be made"
    VDI_CREATE = "78", "The VDI could not be made"
    VDI_SIZE = "79", "The VDI's size is not possible"
    VDI_DELETE = "80", "The VDI could not be deleted"
    VDI_CLONE = "81", "The VDI could not be cloned"
    VDI_SNAPSHOT = "82", "The VDI could not be snapshotted"
    DEVICE_MISSING = "90", "device_config lacks device"
    DEVICE_INVALID = "91", "The device is not a block device"
    LOCATION_MISSING = "94", "device_config lacks location"
    CHAIN_TOO_LONG = "109", "The chain of snapshots is too long"
    VDI_RESIZE = "110", "The VDI could not be resized"
    GENERAL = "202", "The operation failed"
    ISO_LOCATION = "225", "The location is not a directory of this host"
    ISO_NAME = "221", "The name of an ISO ends in .iso or .img"


def error(number: Number, detail: str = "") -> BackendError:
    """The driver's error with what made it happen."""
    code, text = number.value
    return BackendError(code, "", f"{text} [opterr={detail}]" if detail else text, detail)


@contextmanager
def as_number(number: Number) -> Iterator[None]:
    """Errors of the host (files, programs) in the block are raised with `number`; a full disk as `OutOfSpace`."""
    try:
        yield
    except OSError as cause:
        if cause.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise OutOfSpace(0, 0) from cause
        log.warning("%s: %s", number.name, cause)
        raise error(number, str(cause)) from cause
    except CommandFailed as cause:
        log.warning("%s: %s", number.name, cause)
        raise error(number, cause.stderr or str(cause)) from cause
