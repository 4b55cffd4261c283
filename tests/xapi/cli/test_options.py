"""The client's own options."""

from __future__ import annotations

from pathlib import Path

import pytest

from xapi.cli.options import Options, UsageError, parse


def test_words_and_options_may_be_mixed(tmp_path: Path) -> None:
    found = parse(["vm-list", "-s", "h", "params=all", "-u", "root", "-pw", "a=b", "--minimal"], {}, tmp_path)
    assert found == Options(server="h", username="root", password="a=b", words=("vm-list", "params=all", "--minimal"))
    assert found.effective_port == 443


def test_port_80_and_nossl_are_plain(tmp_path: Path) -> None:
    assert not parse(["x", "-p", "80"], {}, tmp_path).tls
    assert parse(["x", "--nossl"], {}, tmp_path).effective_port == 80
    assert parse(["x", "-p", "8443"], {}, tmp_path).tls


def test_password_file_holds_one_line_or_two(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("secret\n")
    (tmp_path / "two").write_text("admin\nsecret\n")
    one = parse(["x", "-u", "root", "-pwf", str(tmp_path / "one")], {}, tmp_path)
    two = parse(["x", "-pwf", str(tmp_path / "two")], {}, tmp_path)
    assert (one.username, one.password) == ("root", "secret")
    assert (two.username, two.password) == ("admin", "secret")


def test_dot_xe_and_environment_come_before_the_command_line(tmp_path: Path) -> None:
    (tmp_path / ".xe").write_text("server=filed\nport=1\n")
    found = parse(["x", "server=given"], {"XE_EXTRA_ARGS": r"username=a\,b,port=2"}, tmp_path)
    assert (found.server, found.port, found.username) == ("given", 2, "a,b")


@pytest.mark.parametrize("argv", [["x", "-p", "http"], ["x", "-s"], ["x", "-pwf", "/nonexistent"]])
def test_unusable_command_lines_are_refused(argv: list[str], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        parse(argv, {}, tmp_path)
