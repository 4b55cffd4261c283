"""Rows and values are written byte for byte as the original writes them."""

from __future__ import annotations

import json
import re
import xmlrpc.client
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.xapi.db.conftest import fields_of
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.types import MapOf, OptionOf, RecordOf, Ref, SetOf
from xapi.db import render
from xapi.db.database import Database
from xapi.db.render import Rendered
from xapi.db.row import Row
from xapi.db.table import Table

NOON = datetime(2026, 11, 22, 7, 25, 48, tzinfo=UTC)


def row_of(cls: str, record: dict[str, Any]) -> Row:
    return filled(Database().table(cls), fields_of(cls, record))


def filled(table: Table[Any], fields: dict[str, Any], ref: str | None = None) -> Row:
    """A row with the ends of relations put in by hand."""
    backs = {name: fields.pop(name) for name, column in table.shape.columns.items() if column.back and name in fields}
    row: Row = table.create(ref, **fields)
    for name, value in backs.items():
        table.shape.columns[name].write(row, value)
    return row


def xml_value(body: str) -> str:
    found = re.search(r"<name>Value</name><value>(.*)</value></member></struct></value></param></params>", body, re.S)
    assert found
    return found[1]


def test_every_recorded_record_is_written_as_the_original_wrote_it(recorded: Path) -> None:
    compared = 0
    for path in sorted(recorded.glob("*.json")):
        match = re.fullmatch(r"(json\.)?(one|life|pv|sm|task|call)\.(\w+)\.get_record(\.\w+)*", path.stem)
        if not match or match[2] == "task":
            continue
        answer = json.loads(path.read_text("utf-8"))
        cls, body = answer["method"].split(".")[0], answer.get("response_body")
        if cls == "role" or not body or "Failure" in body[:200] or '"error"' in body[:50]:
            continue
        if match[1]:
            decoded = json.loads(body)["result"]
            assert render.json(row_of(cls, decoded)).decode() == re.sub(r"^.*?\"result\":|,\"id\":1}$", "", body), (
                path.name
            )
        else:
            row = row_of(cls, answer["decoded"]["Value"])
            assert render.xml(row).decode() == xml_value(body), path.name
        compared += 1

    assert compared > 40


def test_all_recorded_records_of_a_class_join_as_the_original_joined_them(recorded: Path) -> None:
    compared = 0
    for path in sorted(recorded.glob("all.*.get_all_records.json")):
        answer = json.loads(path.read_text("utf-8"))
        cls, body = answer["method"].split(".")[0], answer.get("response_body")
        if cls == "role" or not body or "Value" not in answer["decoded"]:
            continue
        rows = []
        table = Database().table(cls)
        for ref, record in answer["decoded"]["Value"].items():
            fields = fields_of(cls, record)
            rows.append(filled(table, fields, ref))

        assert render.records(rows).xml().decode() == xml_value(body), path.name
        compared += bool(rows)

    assert compared > 10


@pytest.mark.parametrize(
    ("type_", "value", "xml", "text"),
    [
        (str, "a<&>\"'", "a&lt;&amp;&gt;&quot;'", '"a<&>\\"\'"'),
        (int, -(2**40), "-1099511627776", "-1099511627776"),
        (bool, True, "<boolean>1</boolean>", "true"),
        (float, 1.0, "<double>1</double>", "1.0"),
        (float, 0.1, "<double>0.1</double>", "0.1"),
        (datetime, NOON, "<dateTime.iso8601>20261122T07:25:48Z</dateTime.iso8601>", '"20261122T07:25:48Z"'),
        (VMPowerState, VMPowerState.HALTED, "Halted", '"Halted"'),
        (Ref("VM"), "OpaqueRef:NULL", "OpaqueRef:NULL", '"OpaqueRef:NULL"'),
        (SetOf(str), (), "<array><data></data></array>", "[]"),
        (SetOf(int), (1, 2), "<array><data><value>1</value><value>2</value></data></array>", "[1,2]"),
        (MapOf(str, str), {}, "<struct></struct>", "{}"),
        (
            MapOf(int, float),
            {0: 0.5},
            "<struct><member><name>0</name><value><double>0.5</double></value></member></struct>",
            '{"0":0.5}',
        ),
        (OptionOf(str), "x", "x", '"x"'),
        (
            RecordOf("sr_stat"),
            {"size": 5, "ok": False, "tags": ("a",)},
            "<struct><member><name>size</name><value>5</value></member><member><name>ok</name><value><boolean>0</boolean>"
            "</value></member><member><name>tags</name><value><array><data><value>a</value></data></array></value>"
            "</member></struct>",
            '{"size":5,"ok":false,"tags":["a"]}',
        ),
        (None, None, "", '""'),
    ],
)
def test_values_of_every_type(type_: Any, value: Any, xml: str, text: str) -> None:
    assert render.xml_value(type_, value).decode() == xml
    assert render.json_value(type_, value).decode() == text


def test_what_xml_cannot_carry_is_left_out_and_a_carriage_return_survives() -> None:
    text = render.xml_value(str, "a\x00b\x0bc\rd\ud800e￾").decode()
    document = f"<params><param><value>{text}</value></param></params>"

    assert xmlrpc.client.loads(document)[0] == ("abc\rde",)


def test_wire_forms_are_kept_until_the_row_changes() -> None:
    db = Database()
    vm = db.vm.create(name_label="before")
    kept = render.xml(vm)

    assert render.xml(vm) is kept
    db.vm.update(vm.ref, name_label="after")
    assert b"after" in render.xml(vm)
    assert b"after" in render.json(vm)


def test_wire_forms_are_kept_only_while_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    db = Database()
    vm, other = db.vm.create(), db.vm.create()
    monkeypatch.setattr(render._Kept, "size", render.KEEP - 1)
    render.xml(vm)
    assert vm._xml is not None
    assert render.xml(other) == render.xml(other)
    assert other._xml is None
    db.vm.delete(vm.ref)

    assert render._Kept.size == render.KEEP - 1


def test_two_databases_share_their_shapes() -> None:
    db, other = Database(), Database()
    vm = db.vm.create()

    assert db.vm.shape is other.vm.shape
    assert db.vm.by_uuid(vm.uuid) is vm


def test_a_result_is_made_once_for_many() -> None:
    made: list[str] = []

    def make() -> bytes:
        made.append("xml")
        return b"x"

    result = Rendered(make, lambda: b"j")

    assert (result.xml(), result.xml(), render.xml_value(SetOf(str), result)) == (b"x", b"x", b"x")
    assert made == ["xml"]


def test_a_long_result_comes_in_chunks() -> None:
    db = Database()
    for number in range(50):
        db.vm.create(name_label=str(number))
    result = render.records(db.vm.rows())
    assert render.xml_pieces(None, result) is result.xml_pieces()
    assert render.json_pieces(str, "x") == [b'"x"']

    for whole, pieces in ((result.xml(), result.xml_pieces()), (result.json(), result.json_pieces())):
        sent = list(render.chunks(pieces, 20_000))
        assert b"".join(sent) == whole
        assert len(sent) > 3
        assert all(20_000 <= len(chunk) < 40_000 for chunk in sent[:-1])
