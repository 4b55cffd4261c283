"""Publishes metrics to rrdd from any program: a file in shared memory, in the original's plug-in protocol, version 2.

    with Plugin("mine", [Metric("requests", kind="derive", units="requests/s")]) as plugin:
        while True:
            plugin.publish([count])
            time.sleep(5)

rrdd finds the file by itself. A reader that comes in the middle of a write sees a wrong checksum and comes again.
"""

from __future__ import annotations

import os
import struct
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import msgspec

from common.config import under_root

DIRECTORY = "/dev/shm/metrics"  # noqa: S108 - the protocol's place
MAGIC = b"DATASOURCES"
HEADER = struct.Struct(">11sIII")  # magic, checksum of data, checksum of metadata, number of values
PAGE = 4096


@dataclass(frozen=True, slots=True)
class Metric:
    """A data source. `owner` is `host`, `vm <uuid>` or `sr <uuid>`; `inverse`: one minus the rate is recorded."""

    name: str
    description: str = ""
    units: str = ""
    kind: Literal["gauge", "derive", "absolute"] = "gauge"
    integer: bool = False
    minimum: float = 0.0
    maximum: float = float("inf")
    owner: str = "host"
    default: bool = True
    inverse: bool = False


class Plugin:
    """A file of metrics. Names of owners and values may be changed by `describe`."""

    def __init__(self, uid: str, metrics: Sequence[Metric], *, directory: Path | None = None) -> None:
        self.path = (directory or under_root(DIRECTORY)) / uid
        self._metrics: tuple[Metric, ...] = ()
        self._descriptor = -1
        self.describe(metrics)

    def describe(self, metrics: Sequence[Metric]) -> None:
        """Have these metrics from now on; nothing happens when they are the same."""
        if tuple(metrics) == self._metrics and self._descriptor >= 0:
            return
        self._metrics = tuple(metrics)
        metadata = msgspec.json.encode({"datasources": {each.name: _described(each) for each in metrics}})
        data = bytes(8 + 8 * len(metrics))
        content = HEADER.pack(MAGIC, zlib.crc32(data), zlib.crc32(metadata), len(metrics)) + data
        content += struct.pack(">I", len(metadata)) + metadata
        self.path.parent.mkdir(mode=0o775, parents=True, exist_ok=True)
        beside = self.path.with_name(f"{self.path.name}.tmp")
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        os.pwrite(descriptor, content.ljust(-len(content) // PAGE * -PAGE, b"\0"), 0)
        beside.rename(self.path)
        self._close()
        self._descriptor = descriptor
        self._metadata_sum = zlib.crc32(metadata)

    def publish(self, values: Sequence[float], now: float | None = None) -> None:
        """The values of all metrics, in their order, read at `now`. Raises `ValueError` for another number of them."""
        if len(values) != len(self._metrics):
            raise ValueError(f"{len(values)} values for {len(self._metrics)} metrics")
        formats = "".join("q" if metric.integer else "d" for metric in self._metrics)
        given = [int(v) if metric.integer else v for v, metric in zip(values, self._metrics, strict=True)]
        data = struct.pack(f">d{formats}", time.time() if now is None else now, *given)
        header = HEADER.pack(MAGIC, zlib.crc32(data), self._metadata_sum, len(values))
        os.pwrite(self._descriptor, header + data, 0)

    def close(self) -> None:
        """Take the file away. Safe to repeat."""
        self.path.unlink(missing_ok=True)
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        self.close()

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _described(metric: Metric) -> dict[str, str]:
    found = {
        "owner": metric.owner,
        "value": "0",
        "value_type": "int64" if metric.integer else "float",
        "type": metric.kind,
        "default": "true" if metric.default else "false",
        "units": metric.units,
        "min": f"{metric.minimum:.2f}",
        "max": f"{metric.maximum:.2f}",
    }
    if metric.description:
        found["description"] = metric.description
    if metric.inverse:
        found["transform"] = "inverse"
    return found
