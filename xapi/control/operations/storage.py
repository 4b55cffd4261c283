"""What both SR and VDI rules ask: what the driver of an SR can do, and the error for an operation in the way."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.datamodel.errors import OtherOperationInProgress
from xapi.datamodel.refs import SRRef
from xapi.db.database import Database


def features(db: Database, sr: SRRef) -> Mapping[str, int]:
    """Features of the SR's driver by name; none when the driver is not registered."""
    found = db.sm.where(type=db.sr[sr].type)
    return found[0].features if found else {}


def in_progress(cls: str, ref: str, current: Mapping[str, str]) -> OtherOperationInProgress:
    """The error that names one of the running operations."""
    task, op = next(iter(current.items()))
    return OtherOperationInProgress(cls, ref, op, task)
