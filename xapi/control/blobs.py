"""Blobs: files beside the database that objects own by name."""

from __future__ import annotations

from pathlib import Path

from common.config import under_root
from xapi.datamodel.refs import BlobRef
from xapi.datamodel.types import NEVER
from xapi.db.database import Database

FOLDER = "/var/lib/xcp/blobs"
DEFAULT_TYPE = "application/octet-stream"


def path(uuid: str) -> Path:
    """The file that holds the blob's content; absent while nothing was uploaded."""
    return under_root(FOLDER) / uuid


def new_blob(db: Database, name: str, mime_type: str, public: bool) -> BlobRef:
    """A blob without content."""
    row = db.blob.create(
        name_label=name, mime_type=mime_type or DEFAULT_TYPE, public=public, size=0, last_updated=NEVER
    )
    return BlobRef(row.ref)


def create_blob(db: Database, cls: str, owner: str, name: str, mime_type: str, public: bool) -> BlobRef:
    """A blob that `owner`, which has a map `blobs`, knows by `name`. Raises MAP_DUPLICATE_KEY, HANDLE_INVALID."""
    table = db.table(cls)
    table[owner]
    blob = new_blob(db, name, mime_type, public)
    try:
        table.add_to(owner, "blobs", name, blob)
    except BaseException:
        db.blob.delete(blob)
        raise
    return blob


def destroy_blob(db: Database, blob: BlobRef) -> None:
    """Remove the row and the content."""
    path(db.blob[blob].uuid).unlink(missing_ok=True)
    db.blob.delete(blob)
