"""Implementation of blob: files beside the database; content comes and goes over HTTP."""

from __future__ import annotations

from xapi.context import Context
from xapi.control import blobs
from xapi.datamodel.refs import BlobRef


async def create(ctx: Context, mime_type: str, public: bool) -> BlobRef:
    return blobs.new_blob(ctx.db, "", mime_type, public)


async def destroy(ctx: Context, self: BlobRef) -> None:
    blobs.destroy_blob(ctx.db, self)
