"""Local storage in a directory somebody else mounted."""

from __future__ import annotations

from pathlib import Path

from common.idl.storage import ProbeResult, SrId, SrInfo
from sm import paths
from sm.driver import Capability, DriverInfo, Format
from sm.errors import Number, as_number, error
from sm.filedriver import CAPABILITIES, FileDriver
from sm.images import marker
from sm.images.marker import Marker


class LocalDirectory(FileDriver):
    """The directory is made with the SR if need be, and kept when it is destroyed."""

    info = DriverInfo(
        type="file",
        name="Local directory",
        description="qcow2 and raw files in a directory",
        capabilities=CAPABILITIES | {Capability.SR_PROBE},
        configuration={"location": "directory that holds the disks"},
        formats=(Format.QCOW2, Format.RAW),
    )

    @property
    def path(self) -> Path:
        location = self.config.get("location", "")
        if not location.startswith("/"):
            raise error(Number.LOCATION_MISSING, location)
        return paths.on_host(location)

    async def probe(self) -> list[ProbeResult]:
        configuration = {"location": self.config.get("location", "")}
        found = marker.read(self.path)
        if found is None:
            return [ProbeResult(configuration=configuration, complete=True)]
        sr = SrInfo(
            sr=SrId(found.sr), type=self.info.type, name_label=found.name_label, name_description=found.name_description
        )
        return [ProbeResult(configuration=configuration, complete=True, sr=sr)]

    async def create(self, size: int, name_label: str, name_description: str) -> dict[str, str]:
        with as_number(Number.FILE_CREATE):
            self.path.mkdir(parents=True, exist_ok=True)
            if (other := marker.read(self.path)) is not None and other.sr != self.sr:
                raise error(Number.SR_EXISTS, f"{self.path} is of {other.sr}")
            marker.write(self.path, Marker(sr=self.sr, name_label=name_label, name_description=name_description))
        return dict(self.config)

    async def attach(self) -> None:
        with as_number(Number.SR_UNAVAILABLE):
            if not self.path.is_dir():
                raise error(Number.SR_UNAVAILABLE, f"no directory {self.path}")
            found = marker.read(self.path)
            if found is None:
                # Introduced: the directory was filled by hand or comes from elsewhere.
                marker.write(self.path, Marker(sr=self.sr))
            elif found.sr != self.sr:
                raise error(Number.SR_UNAVAILABLE, f"{self.path} is of {found.sr}")

    async def detach(self) -> None:
        """Nothing to undo."""
