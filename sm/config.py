"""Settings of sm."""

from __future__ import annotations

from dataclasses import dataclass

from common.config import setting


@dataclass(frozen=True)
class Settings:
    """The storage daemon: attaches repositories and opens disks."""

    call_deadline: float = setting(60.0, "Seconds a repository's worker may take for a call.", minimum=1)
    create_deadline: float = setting(900.0, "Seconds the making or deleting of a repository may take.", minimum=1)
    health_deadline: float = setting(10.0, "Seconds of silence after which a worker is killed.", minimum=0.1)
    write_through: bool = setting(
        True, "Put every write to a qcow2 disk on stable storage before it is acknowledged; a disk may say otherwise."
    )
    image_format: str = setting("qcow2", "Format of new disks that do not ask for one: qcow2 or raw.")
    tools_directory: str = setting("/opt/xensource/packages/iso", "Where the guest tools' ISO is kept.")
