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

import msgspec

from sm.datapath.qmp import Qmp, QmpRefused
from sm.driver import GraphRefused, Layer

log = logging.getLogger(__name__)

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
        """The node of the disk itself. Raises `QmpRefused` when there is none."""
        nodes = await self._nodes()
        backing = {below for below in nodes.values() if below}
        # An overlay that was added and never became part of the chain has no backing: the exported one is the disk.
        exported = set((await self.exports()).values())
        tops = [node for node in nodes if node not in backing]
        for node in sorted(tops, key=lambda candidate: candidate not in exported):
            return node
        raise QmpRefused("the storage daemon has no disk open")

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
            return
        await self._drop_loose(top)
        try:
            node = await self._add(overlay, None, writable=True)
        except QmpRefused as error:
            raise GraphRefused(str(error)) from error
        try:
            await self._qmp.execute("blockdev-snapshot", {"node": top, "overlay": node})
        except QmpRefused as error:
            await self._remove(node)
            raise GraphRefused(str(error)) from error

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
        await self._qmp.execute("blockdev-del", {"node-name": node})
        (self._links / node).unlink(missing_ok=True)

    async def _drop_loose(self, top: str) -> None:
        """Remove nodes outside the chain of `top`: what a predecessor added and did not come to use."""
        nodes = await self._nodes()
        chained: set[str] = set()
        node: str | None = top
        while node:
            chained.add(node)
            node = nodes.get(node)
        for loose in nodes.keys() - chained:
            log.warning("removing node %s, left by a crash", loose)
            await self._remove(loose)

    async def _nodes(self) -> dict[str, str | None]:
        """Our nodes, each with the node it stands on."""
        answer = await self._qmp.execute("query-named-block-nodes", {"flat": True})
        ours = {node["node-name"]: node for node in answer if (self._links / node["node-name"]).is_symlink()}
        return {name: _node_of(node.get("backing_file", "")) for name, node in ours.items()}

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


def _node_of(filename: str) -> str | None:
    """The node whose link is in QEMU's name for a chain: a plain path, or JSON where that would not say it all."""
    if filename.startswith("json:"):
        filename = msgspec.json.decode(filename.removeprefix("json:"))["file"]["filename"]
    return Path(filename).name or None
