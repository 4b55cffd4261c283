"""The block graph inside a storage daemon: nodes for images, exports for clients.

QEMU opens an image again by its file name now and then, and we rename images under it. So each image is opened through
a private link, named like its node, which is turned to the new name in the same step as the rename. Links and the
daemon's own answers are all the state there is: a successor of this process reads them.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sm.datapath.qmp import Qmp, QmpRefused
from sm.driver import GraphRefused, Layer

log = logging.getLogger(__name__)

TOP = "top"  # name of the link that tells the top's node
WRITER = "rw"
READER = "ro"


class Graph:
    """The graph of one disk; `links` is the directory of its links."""

    def __init__(self, qmp: Qmp, links: Path) -> None:
        self._qmp, self._links = qmp, links

    async def open(self, layers: Sequence[Layer], *, writable: bool) -> str:
        """Open a chain, top first; answers the top's node. Raises `QmpRefused`, `QmpGone`."""
        node: str | None = None
        for number, layer in reversed(list(enumerate(layers))):
            node = await self._add(layer, node, writable=writable and number == 0)
        assert node is not None, "a chain has at least one layer"  # noqa: S101
        self._link(TOP, Path(node))
        return node

    async def export(self, kind: str, name: str, node: str, *, write_through: bool) -> None:
        """Offer `node` to NBD clients as `name`."""
        arguments = {"type": "nbd", "id": kind, "name": name, "node-name": node, "writable": kind == WRITER}
        await self._qmp.execute("block-export-add", arguments | {"writethrough": write_through})

    async def unexport(self, kind: str) -> None:
        """Disconnect the clients of an export and remove it. Safe to repeat."""
        if kind not in await self.exports():
            return
        async with self._qmp.event(
            lambda event: event["event"] == "BLOCK_EXPORT_DELETED" and event["data"]["id"] == kind
        ):
            await self._qmp.execute("block-export-del", {"id": kind, "mode": "hard"})

    async def exports(self) -> dict[str, str]:
        """The node of each export."""
        answer = await self._qmp.execute("query-block-exports")
        return {export["id"]: export["node-name"] for export in answer if not export["shutting-down"]}

    async def top(self) -> str:
        """The node of the disk itself: what is exported or, between two exports, what was last."""
        # Not from the nodes' backing files: QEMU cuts these off where a chain is long.
        for node in (await self.exports()).values():
            return node
        return str((self._links / TOP).readlink())

    def retarget(self, old: Path, new: Path) -> None:
        """Turn the links to `old` to `new`. Safe to repeat."""
        for link in self._links.iterdir():
            if link.is_symlink() and link.readlink() == old:
                self._link(link.name, new)

    async def snapshot(self, old: Path, overlay: Layer) -> None:
        """Put the empty image `overlay` above the top, which is the image at `old`.

        Safe to repeat: where it has been done already, nothing happens. Raises `GraphRefused` when nothing was changed.
        """
        top = await self.top()
        if self._target(top) != old:
            self._link(TOP, Path(top))
            return
        await self._drop_loose(overlay.path)
        try:
            node = await self._add(overlay, None, writable=True)
        except QmpRefused as error:
            raise GraphRefused(str(error)) from error
        try:
            await self._qmp.execute("blockdev-snapshot", {"node": top, "overlay": node})
        except QmpRefused as error:
            await self._remove(node)
            raise GraphRefused(str(error)) from error
        self._link(TOP, Path(node))

    async def resize(self, size: int) -> None:
        """Grow the top. An export forbids it, so all have to be away."""
        await self._qmp.execute("block_resize", {"node-name": await self.top(), "size": size})

    async def _add(self, layer: Layer, backing: str | None, *, writable: bool) -> str:
        node = f"i{secrets.token_hex(6)}"
        self._link(node, layer.path)
        file = {"driver": "file", "filename": str(self._links / node), "discard": "unmap", "read-only": not writable}
        options: dict[str, Any] = {
            "driver": str(layer.format),
            "node-name": node,
            "read-only": not writable,
            "discard": "unmap",
            "file": file,
        }
        if layer.format == "qcow2":
            options["backing"] = backing
        try:
            await self._qmp.execute("blockdev-add", options)
        except QmpRefused:
            (self._links / node).unlink()
            raise
        return node

    async def _remove(self, node: str) -> None:
        try:
            await self._qmp.execute("blockdev-del", {"node-name": node})
        except QmpRefused as error:
            # A link is made before its node: there may be none.
            log.info("node %s: %s", node, error)
        (self._links / node).unlink(missing_ok=True)

    async def _drop_loose(self, path: Path) -> None:
        """Remove nodes of an overlay that a predecessor added and did not come to use."""
        for link in self._links.iterdir():
            if link.readlink() == path:
                log.warning("removing node %s, left by a crash", link.name)
                await self._remove(link.name)

    def _target(self, node: str) -> Path | None:
        try:
            return (self._links / node).readlink()
        except FileNotFoundError:
            return None

    def _link(self, node: str, target: Path) -> None:
        fresh = self._links / f".{node}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.rename(self._links / node)
