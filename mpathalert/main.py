"""mpathalert: counts the paths of this host's devices, and tells losses and recoveries of all hosts of the pool.

Every host counts its own; the coordinator tells, so that each is told once.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from common import client_daemon
from common.client_daemon import Control
from common.config import load, setting
from common.idl.control import MPATHALERT_SOCKET
from common.inventory import host_uuid
from common.xenapi import XenApi
from mpathalert import multipathd, policy, uevents
from mpathalert.policy import Ledger, Paths, Place

log = logging.getLogger(__name__)

SETTLE = 1.0  # seconds after an event until multipathd is asked: it hears of it, too
LOOK_EVERY = 60.0  # seconds between two looks without an event
WAIT = 30.0  # seconds of one wait for changes of objects


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of mpathalert."""

    delay: float = setting(120.0, "Seconds between two messages; changes in between go into one.", minimum=0.1)
    socket: str = setting("", "multipathd's socket; empty looks where it usually is.")


def main(argv: Sequence[str] | None = None) -> None:
    """Run the daemon until SIGTERM."""
    config = load(Config, "mpathalert", sys.argv[1:] if argv is None else argv)
    client_daemon.run("mpathalert", MPATHALERT_SOCKET, functools.partial(_work, config))


async def _work(config: Config, api: XenApi, control: Control) -> None:
    ledger, listening = Ledger(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(_listen(api, ledger, listening, control.wanted.set))
        group.create_task(_tell(config, api, ledger))
        # What was lost while we were away shall be a change, and not what we find.
        await listening.wait()
        group.create_task(_count(config, api, control))


async def _count(config: Config, api: XenApi, control: Control) -> None:
    """Keep `other_config` of this host's PBDs true."""
    sockets = (config.socket,) if config.socket else multipathd.SOCKETS
    with uevents.watch(control.wanted.set):
        while True:
            await _look(sockets, api, control)
            await control.pause(LOOK_EVERY)
            await asyncio.sleep(SETTLE)
            control.wanted.clear()


async def _look(sockets: tuple[str, ...], api: XenApi, control: Control) -> None:
    pbds, hosts = await api.call("PBD.get_all_records"), await api.call("host.get_all_records")
    here = {ref for ref, record in hosts.items() if record["uuid"] == host_uuid()}
    mine = [ref for ref in policy.multipathed(pbds, hosts) if pbds[ref]["host"] in here]
    control.facts = {"multipathed_pbds": str(len(mine))}
    if not mine:
        return
    try:
        counts = await multipathd.counts(sockets)
    except multipathd.NoAnswer as error:
        control.facts["multipathd"] = str(error)
        return
    mapped = multipathd.mapped()
    for ref in mine:
        await _write(api, ref, pbds[ref], policy.wanted(pbds[ref], counts, mapped))


async def _write(api: XenApi, ref: str, record: Mapping[str, Any], wanted: Mapping[str, str]) -> None:
    for key, value in wanted.items():
        log.info("PBD %s: %s is %s", record["uuid"], key, value)
        await api.call("PBD.remove_from_other_config", ref, key)
        await api.call("PBD.add_to_other_config", ref, key, value)


async def _listen(api: XenApi, ledger: Ledger, listening: asyncio.Event, changed: Callable[[], None]) -> None:
    """Follow the PBDs and hosts of the pool; `listening` is set once all of them are known."""
    token, first = "", True
    hosts: dict[str, Mapping[str, Any]] = {}
    while True:
        answer = await api.call("event.from", ["host", "pbd"], token, WAIT)
        token = answer["token"]
        events = [event for event in answer["events"] if event["class"].lower() in {"host", "pbd"}]
        for event in events:
            if event["class"].lower() == "host" and event["operation"] != "del":
                hosts[event["ref"]] = event["snapshot"]
        for event in events:
            _see(ledger, hosts, event, first=first)
        if events:
            changed()
        first = False
        listening.set()


def _see(ledger: Ledger, hosts: Mapping[str, Mapping[str, Any]], event: Mapping[str, Any], *, first: bool) -> None:
    ref, record = event["ref"], event.get("snapshot")
    if event["operation"] == "del" or not record:
        ledger.forget(ref)
        return
    is_pbd = event["class"].lower() == "pbd"
    host = hosts.get(record["host"]) if is_pbd else record
    if host is None:
        return
    places: dict[str, tuple[Place, Paths]] = {
        scsi_id: (Place(host["uuid"], host["name_label"], record["uuid"] if is_pbd else "", scsi_id), found)
        for scsi_id, found in policy.paths(record["other_config"]).items()
    }
    ledger.see(ref, places, _now(), new=first or event["operation"] == "add")


async def _tell(config: Config, api: XenApi, ledger: Ledger) -> None:
    while True:
        await asyncio.sleep(config.delay)
        text = ledger.report(_now(), round(config.delay))
        if text is None:
            continue
        (pool,) = (await api.call("pool.get_all_records")).values()
        master = await api.call("host.get_record", pool["master"])
        if master["uuid"] == host_uuid():
            await api.call("message.create", policy.MESSAGE, policy.PRIORITY, "Pool", pool["uuid"], text)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H:%M:%SZ")


if __name__ == "__main__":
    main()
