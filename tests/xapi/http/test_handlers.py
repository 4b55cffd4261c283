from __future__ import annotations

import pytest

from xapi.datamodel.http_actions import HTTP_ACTIONS
from xapi.http import handlers


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/", "get_root"),
        ("GET", "/nosuchpath", "get_root"),
        ("GET", "/console", "connect_console_ws"),
        ("GET", "/rrd_updates", "rrd_updates"),
        ("GET", "/host_rrds", "get_host_rrds"),
        ("GET", "/host_rrd", "host_rrd"),
        ("GET", "/export_raw_vdi/", "get_export_raw_vdi"),
        ("POST", "/RPC2", "post_RPC2"),
        ("POST", "/xmlrpc", "post_root"),
        ("POST", "/jsonrpc", "post_jsonrpc"),
        ("POST", "/json", "post_json"),
        ("POST", "/cli", "post_cli"),
        ("CONNECT", "/console", "connect_console"),
        ("OPTIONS", "/anything", "post_root_options"),
    ],
)
def test_the_longest_prefix_wins(method: str, path: str, name: str) -> None:
    action = handlers.find(method, path)

    assert action is not None
    assert action.name == name


@pytest.mark.parametrize(("method", "path"), [("PUT", "/"), ("CONNECT", "/nope"), ("PUT", "/jsonrpc")])
def test_a_path_that_is_nobodys_has_no_action(method: str, path: str) -> None:
    assert handlers.find(method, path) is None


def test_every_handler_is_an_action_of_the_datamodel() -> None:
    names = {action.name for action in HTTP_ACTIONS}

    assert set(handlers.HANDLERS) | set(handlers.CONNECT_HANDLERS) | handlers.RPC | handlers.OPTIONS <= names


@pytest.mark.parametrize("method", ["DELETE", "HEAD", "PATCH"])
def test_other_methods_are_unknown(method: str) -> None:
    assert not handlers.known(method)
