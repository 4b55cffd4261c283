"""What an image file itself can't hold, in `<uuid>.json` beside it: names, type, what it is a snapshot of."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from common.files import write_atomically
from common.idl.storage import VdiInfo

log = logging.getLogger(__name__)

DERIVED = ("vhd-parent", "image-format", "vdi_type")  # keys of sm_config that the image itself tells


class Sidecar(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Facts about an image; all have a default, so that a file of another version can be read.

    `hidden`: a base that only its children need. `virtual_size`: bytes, for when the image can't be read any more.
    """

    name_label: str = ""
    name_description: str = ""
    type: str = "user"
    virtual_size: int = 0
    read_only: bool = False
    sharable: bool = False
    hidden: bool = False
    is_a_snapshot: bool = False
    snapshot_of: str = ""
    snapshot_time: str = "19700101T00:00:00Z"
    metadata_of_pool: str = ""
    sm_config: dict[str, str] = {}


def of(info: VdiInfo, virtual_size: int) -> Sidecar:
    """The sidecar of a new disk that is to be like `info`."""
    return Sidecar(
        name_label=info.name_label,
        name_description=info.name_description,
        type=info.type,
        virtual_size=virtual_size,
        read_only=info.read_only,
        sharable=info.sharable,
        is_a_snapshot=info.is_a_snapshot,
        snapshot_of=info.snapshot_of,
        snapshot_time=info.snapshot_time,
        metadata_of_pool=info.metadata_of_pool,
        sm_config={key: value for key, value in info.sm_config.items() if key not in DERIVED},
    )


def read(path: Path) -> Sidecar:
    """The sidecar at `path`; its defaults when there is none, as beside an image somebody copied here."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Sidecar)
    except FileNotFoundError:
        return Sidecar()
    except msgspec.DecodeError as error:
        log.warning("%s: %s; the image is shown without its names", path, error)
        return Sidecar()


def write(path: Path, sidecar: Sidecar) -> None:
    """Replace the sidecar at `path`, on stable storage when this returns."""
    write_atomically(path, msgspec.json.encode(sidecar))
