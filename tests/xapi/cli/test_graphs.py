"""What the client is told to fetch for a picture."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.xapi.cli.conftest import Xe
from xapi.cli.protocol import HttpGet


async def fetched(xe: Xe, *words: str) -> tuple[str, str, dict[str, list[str]]]:
    got = await xe(*words)
    assert got.status == 0, got.err
    (command,) = [command for command in got.commands if isinstance(command, HttpGet)]
    path = urlsplit(command.path)
    return command.filename, path.path, parse_qs(path.query)


@pytest.mark.parametrize(("filename", "kind"), [("", "text"), ("a.png", "png"), ("a.SVG", "svg"), ("a", "png")])
async def test_the_name_of_the_file_tells_the_format(xe: Xe, filename: str, kind: str) -> None:
    words = [f"filename={filename}"] if filename else []
    target, path, query = await fetched(xe, "host-graph", "data-source=cpu0,pif_*", *words)

    assert (target, path) == (filename, "/graph")
    assert query["format"] == [kind]
    assert query["ds"] == ["cpu0", "pif_*"]
    assert query["uuid"] == [xe.db.host.rows()[0].uuid]


async def test_a_drawing_fits_the_terminal(xe: Xe) -> None:
    xe.columns = 120
    vm = xe.db.vm.create(name_label="a & b")

    _, _, query = await fetched(xe, "vm-graph", "vm=a & b", "data-source=memory", "start=-60")

    assert query["width"] == ["104"]
    assert query["title"] == ["a & b"]
    assert query["uuid"] == [vm.uuid]
    assert query["start"] == ["-60"]


async def test_a_format_that_there_is_not(xe: Xe) -> None:
    got = await xe("host-graph", "data-source=cpu0", "format=gif")

    assert (got.status, got.err) == (1, "Error: format is one of png, svg, text\n")
