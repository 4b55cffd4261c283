"""Consoles: a VM's RFB or text stream, over CONNECT as bare bytes or over a WebSocket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import WSMsgType, web

from common import unix
from common.errors import WireError
from common.idl import xen
from xapi.datamodel.enums import ConsoleProtocol, VMPowerState
from xapi.db.records import VM, Console
from xapi.http import authorize, pages
from xapi.http.exchange import Done
from xapi.http.raw import CHUNK, RawStream, relay
from xapi.http.request import Request

log = logging.getLogger(__name__)

CONNECT_WITHIN = 5.0  # seconds
HEARTBEAT = 30.0  # seconds between WebSocket pings
GREETING = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n"


async def connect(request: Request, raw: RawStream) -> None:
    """`CONNECT /console?uuid=…`: the console's bytes follow the header."""
    async with _stream(request) as (reader, writer):
        await raw.write(GREETING)
        await relay(raw, reader, writer)


async def websocket(request: Request) -> Done:
    """`GET /console?uuid=…` with an upgrade: binary frames hold the console's bytes."""
    aio = request.aio
    if aio is None or aio.headers.get("Upgrade", "").lower() != "websocket":
        raise pages.HttpError(400, "a WebSocket is expected here")
    async with _stream(request) as (reader, writer):
        socket = web.WebSocketResponse(protocols=("binary",), heartbeat=HEARTBEAT, compress=False)
        await socket.prepare(aio)
        await _relay(socket, reader, writer)
    return Done(False)


async def _relay(socket: web.WebSocketResponse, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async def back() -> None:
        while data := await reader.read(CHUNK):
            await socket.send_bytes(data)
        await socket.close()

    job = asyncio.get_running_loop().create_task(back())
    try:
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                writer.write(message.data)
            elif message.type is WSMsgType.TEXT:
                writer.write(message.data.encode())
            else:
                break
            await writer.drain()
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


@asynccontextmanager
async def _stream(request: Request) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the console that the request names. Raises `HttpError` 403, 404, 503."""
    vm, protocol = _find(request)
    if vm.is_control_domain:
        authorize.check(request, request.session, f"{request.action.permission}/{request.action.sub_actions[0][0]}")
    if vm.power_state is not VMPowerState.RUNNING or vm.resident_on != request.ctx.host:
        raise pages.HttpError(404, "the VM does not run on this host")
    where = await _address(request, vm, protocol)
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            if where.path:
                reader, writer = await asyncio.open_unix_connection(unix.short(where.path))
            else:
                reader, writer = await asyncio.open_connection("127.0.0.1", where.port)
    except (OSError, TimeoutError) as error:
        raise pages.HttpError(503, f"the console does not answer: {error}") from error
    log.info("console of VM %s: opened", vm.uuid)
    try:
        yield reader, writer
    finally:
        writer.close()
        log.info("console of VM %s: closed", vm.uuid)


async def _address(request: Request, vm: VM, protocol: ConsoleProtocol) -> xen.Console:
    ctx = request.ctx
    try:
        status = await ctx.services.xen.vm.stat(ctx.dbg, xen.VmId(vm.uuid))
    except WireError as error:
        raise pages.HttpError(503, str(error)) from error
    for console in status.state.consoles:
        if str(console.protocol) == str(protocol):
            return console
    raise pages.HttpError(404, f"the VM has no {protocol} console")


def _find(request: Request) -> tuple[VM, ConsoleProtocol]:
    """The VM and the protocol of its console; a VM stands for its graphical one."""
    db = request.ctx.db
    row = db.find(request.query.get("ref", "")) or db.by_uuid(request.query.get("uuid", ""))
    if isinstance(row, Console) and row.VM in db.vm:
        return db.vm[row.VM], row.protocol
    if isinstance(row, VM):
        return row, ConsoleProtocol.RFB
    raise pages.HttpError(404, "no such console")
