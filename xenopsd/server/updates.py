"""The feed of changes, and the tasks whose changes it carries."""

from __future__ import annotations

from collections import deque

from common.events import Feed
from common.idl import xen
from common.idl.task import TaskId
from common.idl.xen import (
    Changed,
    ChangedTask,
    ChangedVm,
    Changes,
    DeviceId,
    VmId,
)
from common.tasks import Tasks
from xenopsd.store import Record, Store

REMEMBERED = 1000  # VMs that are gone, for clients that slept


class Updates(xen.UPDATES):
    """What changed. At a start everything counts as changed."""

    def __init__(self, store: Store) -> None:
        self._feed: Feed[Changed] = Feed()
        self._gone: deque[VmId] = deque()
        self._store = store
        for record in store:
            for vbd in record.vbds.values():
                self._feed.add(xen.ChangedVbd(id=vbd.id))
            for vif in record.vifs.values():
                self._feed.add(xen.ChangedVif(id=vif.id))
            self._feed.add(ChangedVm(id=record.vm.id))

    def changed(self, item: Changed) -> None:
        """Tell that `item` changed."""
        self._feed.add(item)

    def forget(self, item: Changed) -> None:
        """Nobody will ask for `item` again."""
        self._feed.forget(item)

    def gone(self, record: Record) -> None:
        """Tell that a VM is no more; the feed keeps the latest thousand of such."""
        vm = record.vm.id
        for device in record.vbds:
            self.forget(xen.ChangedVbd(id=DeviceId(vm=vm, device=device)))
        for device in record.vifs:
            self.forget(xen.ChangedVif(id=DeviceId(vm=vm, device=device)))
        self._feed.add(ChangedVm(id=vm))
        self._gone.append(vm)
        while len(self._gone) > REMEMBERED:
            oldest = self._gone.popleft()
            if oldest not in self._store and oldest not in self._gone:
                self._feed.forget(ChangedVm(id=oldest))

    async def get(self, dbg: str, since: int | None = None, timeout: float = 30.0) -> Changes:
        changed, last = await self._feed.get(since, timeout)
        return Changes(changed=list(changed), last=last, first=self._feed.first)


class FollowedTasks(Tasks):
    """Tasks whose changes go to the feed until they are destroyed."""

    def __init__(self, updates: Updates) -> None:
        super().__init__(lambda id_: updates.changed(ChangedTask(id=id_)))
        self._updates = updates

    def _drop(self, id_: TaskId) -> None:
        super()._drop(id_)
        self._updates.forget(ChangedTask(id=id_))
