"""perfmon: alarms on metrics by rules in `other_config`, and mail about messages. Start-up and the loop."""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from common import client_daemon
from common.client_daemon import Control
from common.config import load, under_root
from common.errors import DaemonUnreachable, WireError
from common.idl.control import PERFMON_SOCKET
from common.inventory import host_uuid
from common.xenapi import XenApi
from perfmon import domain, metrics, post
from perfmon.config import Config
from perfmon.evaluate import Watched
from perfmon.metrics import Owner
from perfmon.rules import KEY, BadRules, Rule, Rules, parse

log = logging.getLogger(__name__)

CLASSES = {"vm": "VM", "host": "host", "sr": "SR"}
"""The class of each kind of owner."""
KINDS = {"vm": "VM", "host": "Host", "sr": "SR"}
"""As messages name the class."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the daemon until SIGTERM."""
    config = load(Config, "perfmon", sys.argv[1:] if argv is None else argv)
    client_daemon.run("perfmon", PERFMON_SOCKET, functools.partial(_work, config))


async def _work(config: Config, api: XenApi, control: Control) -> None:
    watcher = Watcher(api, config.step)
    async with asyncio.TaskGroup() as group:
        group.create_task(post.watch(api, under_root(config.hook)))
        while True:
            await watcher.look()
            control.facts = watcher.facts
            await control.pause(config.interval)


class Watcher:
    """The objects that carry rules and are here."""

    def __init__(self, api: XenApi, step: int) -> None:
        self._api, self._step = api, step
        self._watched: dict[Owner, Watched] = {}
        self._control_domains: set[str] = set()
        self._start = -2 * step
        self._alarms = 0
        self._bad: dict[str, str] = {}

    @property
    def facts(self) -> dict[str, str]:
        """For the curious."""
        return {"watched": str(len(self._watched)), "alarms": str(self._alarms), **self._bad}

    async def look(self) -> None:
        """Read the rules and the rows since the last look, and tell what is wrong."""
        try:
            found = await metrics.since(self._start, self._step)
        except DaemonUnreachable as error:
            log.info("no metrics: %s", error)
            return
        if self._start > found.end + self._step:
            log.info("the clock went back; rows are read from its time on")
            self._start = found.end + 1
            return
        await self._read_rules(found.owners)
        first, self._start = self._start, found.end + 1
        for time, values in found.rows:
            if time < first:
                continue
            for owner, watched in self._watched.items():
                for alarm in watched.take(
                    time, found.step, values.get(owner, {}), functools.partial(self._usage, owner)
                ):
                    await self._tell(owner, alarm.rule.priority, alarm.text)

    def _usage(self, owner: Owner, name: str) -> float | None:
        return domain.usage(name) if owner[1] in self._control_domains else None

    async def _read_rules(self, here: frozenset[Owner]) -> None:
        records = {cls: await self._api.call(f"{cls}.get_all_records") for cls in (*CLASSES.values(), "pool")}
        self._control_domains = {
            record["uuid"]
            for record in records["VM"].values()
            if record["is_control_domain"] and records["host"].get(record["resident_on"], {}).get("uuid") == host_uuid()
        }
        here |= {("vm", uuid) for uuid in self._control_domains}
        self._bad = {}
        rules: dict[Owner, list[Rule]] = {}
        for_hosts: dict[str, Rule] = {}
        for record in records["pool"].values():
            for_hosts |= {rule.name: rule for rule in self._parsed(record, "host").own}
        for kind, cls in CLASSES.items():
            for record in records[cls].values():
                owner = kind, record["uuid"]
                if owner in here and record["other_config"].get(KEY):
                    parsed = self._parsed(record, cls)
                    rules[owner] = list(parsed.own)
                    for_hosts |= {rule.name: rule for rule in parsed.for_hosts}
        for owner in here:
            if owner[0] == "host":
                own = rules.setdefault(owner, [])
                own += [rule for name, rule in for_hosts.items() if name not in {each.name for each in own}]
        self._watched = {owner: self._watched.get(owner) or Watched() for owner, own in rules.items() if own}
        for owner, watched in self._watched.items():
            watched.set_rules(rules[owner])

    def _parsed(self, record: Mapping[str, Any], cls: str) -> Rules:
        text = record["other_config"].get(KEY, "")
        if not text:
            return Rules(())
        try:
            return parse(text, cls, record["uuid"])
        except BadRules as error:
            log.info("rules of %s: %s", record["uuid"], error)
            self._bad[f"rules of {record['uuid']}"] = str(error)
            return Rules(())

    async def _tell(self, owner: Owner, priority: int, text: str) -> None:
        kind, uuid = owner
        log.info("alarm of %s %s: %s", kind, uuid, text.partition("\n")[0])
        self._alarms += 1
        try:
            await self._api.call("message.create", "ALARM", priority, KINDS[kind], uuid, text)
        except DaemonUnreachable:
            raise
        except WireError as error:
            log.info("alarm of %s %s: not told: %s", kind, uuid, error)


if __name__ == "__main__":
    main()
