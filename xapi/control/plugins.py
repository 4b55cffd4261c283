"""Runs what administrators and clients put beside xapi: plugins and extensions, programs that speak XML-RPC."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError
from xmlrpc.client import Fault, ResponseError, dumps, loads

from common import command
from common.command import CommandFailed
from common.config import under_root
from common.errors import RemoteError
from xapi.datamodel.errors import InternalError, MessageMethodUnknown, XenapiMissingPlugin, XenapiPluginFailure

PLUGINS = "/etc/xapi.d/plugins"
EXTENSIONS = "/etc/xapi.d/extensions"
DEADLINE = 3600.0  # seconds a plugin may run


def find(folder: str, name: str) -> Path | None:
    """The program `name` in `folder`; None if there is none that can be run. Names with a slash are nobody's."""
    path = under_root(folder) / name
    usable = name not in {"", ".", ".."} and "/" not in name and path.is_file() and os.access(path, os.X_OK)
    return path if usable else None


async def call_plugin(session: str, plugin: str, function: str, args: Mapping[str, str]) -> str:
    """What `function` of `plugin` answers. Raises XENAPI_MISSING_PLUGIN, XENAPI_PLUGIN_FAILURE or the plugin's own."""
    path = find(PLUGINS, plugin)
    if path is None:
        raise XenapiMissingPlugin(plugin)
    try:
        output = await command.run(str(path), dumps((session, dict(args)), function), deadline=DEADLINE)
    except CommandFailed as error:
        raise XenapiPluginFailure("non-zero exit", "", error.stderr) from error
    value = _value(output)
    return value if isinstance(value, str) else str(value)


def has_extension(name: str) -> bool:
    """Whether this host has the extension `Class.message`."""
    return find(EXTENSIONS, name) is not None


async def call_extension(call: str) -> str:
    """Run the extension that the JSON-RPC text `call` names; its result as JSON text."""
    method, params = _parse(call)
    path = find(EXTENSIONS, method)
    if path is None:
        raise MessageMethodUnknown(method)
    request = dumps(tuple(params), method, allow_none=True)
    try:
        output = await command.run(str(path), "--xmlrpc", stdin=request.encode(), deadline=DEADLINE)
    except CommandFailed as error:
        raise XenapiPluginFailure("non-zero exit", "", error.stderr) from error
    return json.dumps(_value(output), default=str)


def _parse(call: str) -> tuple[str, list[Any]]:
    try:
        found = json.loads(call)
        return str(found["method"]), list(found.get("params", []))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InternalError(f"not a JSON-RPC call: {error}") from error


def _value(output: str) -> Any:
    """The value in an XML-RPC response, which may be bare or in the XenAPI's struct of status and value."""
    try:
        (found,), _ = loads(output)
    except Fault as fault:
        raise XenapiPluginFailure(str(fault.faultCode), "", fault.faultString) from fault
    except (ExpatError, ResponseError, ValueError) as error:
        raise XenapiPluginFailure("no response", output, str(error)) from error
    if not isinstance(found, dict) or "Status" not in found:
        return found
    if found["Status"] == "Success":
        return found.get("Value", "")
    code, *params = [str(word) for word in found.get("ErrorDescription", ["INTERNAL_ERROR"])]
    raise RemoteError(code, params)
