"""Requests beside the RPC: which path is whose. A method and the longest prefix of the path choose the handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from xapi.datamodel.http_actions import HTTP_ACTIONS, HttpAction
from xapi.http import audit_log, cli, console, metrics, migration, root
from xapi.http.exchange import Done
from xapi.http.raw import RawStream
from xapi.http.request import Request

Handler = Callable[[Request], Awaitable[Done]]
ConnectHandler = Callable[[Request, RawStream], Awaitable[None]]

HANDLERS: Mapping[str, Handler] = {
    "get_root": root.page,
    "post_cli": cli.serve,
    "connect_console_ws": console.websocket,
    "rrd_updates": metrics.pass_on,
    "host_rrd": metrics.pass_on,
    "get_host_rrds": metrics.pass_on,
    "vm_rrd": metrics.pass_on,
    "get_vm_rrds": metrics.pass_on,
    "sr_rrd": metrics.pass_on,
    "rrd": metrics.pass_on,
    "get_audit_log": audit_log.download,
    "put_services_xenops": migration.pass_on,
}
"""By the name of the action; an action of the datamodel that is not here is answered 501."""

CONNECT_HANDLERS: Mapping[str, ConnectHandler] = {
    "connect_console": console.connect,
}

RPC = frozenset({"post_root", "post_RPC2", "post_json", "post_jsonrpc"})
OPTIONS = frozenset({"post_root_options", "post_json_options", "post_jsonrpc_options"})

OURS = (("GET", "/graph", "rrd_updates"), ("GET", "/metrics", "rrd_updates"))
"""Paths that the original does not have, with the action whose rights and handler they share."""

_BY_NAME: Mapping[str, HttpAction] = {action.name: action for action in HTTP_ACTIONS}

_ROUTES: Mapping[str, tuple[tuple[str, HttpAction], ...]] = {
    method: tuple(
        sorted(
            [
                *((action.path, action) for action in HTTP_ACTIONS if action.method == method),
                *((path, _BY_NAME[name]) for ours, path, name in OURS if ours == method),
            ],
            key=lambda route: len(route[0]),
            reverse=True,
        )
    )
    for method in {action.method for action in HTTP_ACTIONS}
}


def known(method: str) -> bool:
    """Whether any path takes the method."""
    return method in _ROUTES


def find(method: str, path: str) -> HttpAction | None:
    """The action for a path, percent-decoded and without its query."""
    for prefix, action in _ROUTES.get(method, ()):
        if path.startswith(prefix):
            return action
    return None


def is_rpc(path: str) -> bool:
    """Whether a POST to the path is a call."""
    action = find("POST", path)
    return action is not None and action.name in RPC
