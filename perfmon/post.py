"""Mails new messages of the pool and tells the hook of them: on the coordinator only, so that each goes out once."""

from __future__ import annotations

import asyncio
import logging
import smtplib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.errors import WireError
from common.inventory import host_uuid
from common.xenapi import XenApi
from perfmon import hook, mail

log = logging.getLogger(__name__)

WAIT = 30.0  # seconds of one wait for messages
TABLES = {"VM": "VM", "Host": "host", "SR": "SR", "Pool": "pool", "VDI": "VDI"}


async def watch(api: XenApi, program: Path) -> None:
    """Mail what comes from now on, until xapi goes away. What happened while there was no session is not mailed."""
    token = (await api.call("event.from", ["message/nothing"], "", 0.0))["token"]
    while True:
        answer = await api.call("event.from", ["message"], token, WAIT)
        token = answer["token"]
        fresh = [event["snapshot"] for event in answer["events"] if event["operation"] == "add"]
        if fresh:
            await _post(api, program, [message for message in fresh if message])


async def _post(api: XenApi, program: Path, messages: list[Mapping[str, Any]]) -> None:
    (pool,) = (await api.call("pool.get_all_records")).values()
    host = await api.call("host.get_record", pool["master"])
    if host["uuid"] != host_uuid():
        return
    given = mail.settings(pool["other_config"], host["hostname"])
    if given is not None:
        await _mail(api, given, pool["name_label"], messages)
    for message in messages:
        await hook.tell(program, message)


async def _mail(api: XenApi, given: mail.Settings, pool: str, messages: list[Mapping[str, Any]]) -> None:
    for message in messages:
        if not given.wants(message):
            continue
        about = await _name(api, message)
        try:
            await asyncio.to_thread(mail.send, given, mail.compose(given, message, about, pool))
        except (OSError, smtplib.SMTPException) as error:
            log.warning("message %s: not mailed: %s", message["uuid"], error)


async def _name(api: XenApi, message: Mapping[str, Any]) -> str:
    table = TABLES.get(message["cls"])
    if table is None:
        return str(message["obj_uuid"])
    try:
        ref = await api.call(f"{table}.get_by_uuid", message["obj_uuid"])
        return str(await api.call(f"{table}.get_name_label", ref))
    except WireError:
        return str(message["obj_uuid"])
