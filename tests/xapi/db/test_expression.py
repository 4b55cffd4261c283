"""The language of get_all_records_where."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from common.errors import WireError
from xapi.datamodel.enums import VMOperations, VMPowerState
from xapi.datamodel.errors import InvalidValue
from xapi.db.database import Database
from xapi.db.expression import parse, select


@pytest.fixture
def db() -> Database:
    db = Database()
    host = db.host.create(ref="OpaqueRef:h")
    db.vm.create(name_label="a", is_a_template=True, uuid="ua", other_config={"k": "it's"}, tags=("x", "y z"))
    db.vm.create(name_label="b", power_state=VMPowerState.RUNNING, resident_on=host.ref, order=3, uuid="ub")
    db.vm.create(name_label='c "quoted" \\', HVM_shadow_multiplier=1.5, allowed_operations=[VMOperations.START])
    return db


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("true", "abc"),
        ("  true ", "abc"),
        ("false", ""),
        ('field "name__label" = "a"', "a"),
        ('"a" = field "name__label"', "a"),
        ('field "name__label"="a" or field "name__label"="b"', "ab"),
        ('field "is_a_template" = "true"', "a"),
        ('(field "is_a_template" = "false") and (not (field "name__label" = "b"))', "c"),
        ('not field "is_a_template" = "true" and field "power_state" = "Running"', "b"),
        ('field "power_state" = "running"', ""),
        ('field "resident_on" = "OpaqueRef:h"', "b"),
        ('field "resident_on" = "OpaqueRef:NULL"', "ac"),
        ('field "uuid" = "ub" and field "order" = "3"', "b"),
        ('field "uuid" = "ub" and field "order" = "4"', ""),
        ('field "HVM__shadow_multiplier" = "1.5"', "c"),
        (r'field "name__label" = "c \"quoted\" \\"', "c"),
        ("field \"tags\" = \"('x' 'y z')\"", "a"),
        ('field "tags" = "()" and true', "bc"),
        (r"""field "other_config" = "(('k' 'it\\'s'))" """, "a"),
        ('field "allowed_operations" = "(\'start\')"', "c"),
        ('field "snapshot_time" = "19700101T00:00:00Z"', "abc"),
        ('"x" = "x"', "abc"),
        ('true or field "nonsense" = "1"', "abc"),
    ],
)
def test_rows_found(db: Database, text: str, names: str) -> None:
    assert "".join(row.name_label[0] for row in select(db.vm, text)) == names


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("this is = bad (", 'Failure("lexing: empty token")'),
        ('field "unclosed', 'Failure("lexing: empty token")'),
        ("", "Stdlib.Parsing.Parse_error"),
        ("true true", "Stdlib.Parsing.Parse_error"),
        ("(true", "Stdlib.Parsing.Parse_error"),
        ('field = "a"', "Stdlib.Parsing.Parse_error"),
        ('field "a"', "Stdlib.Parsing.Parse_error"),
        ("not " * 5000 + "true", "Stdlib.Parsing.Parse_error"),
        ("(" * 5000, "Stdlib.Parsing.Parse_error"),
    ],
)
def test_bad_conditions_name_the_condition_and_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidValue) as error:
        parse(text)

    assert error.value.params == [text, reason]


def test_a_missing_field_is_an_error_only_when_a_row_is_asked_for_it(db: Database) -> None:
    with pytest.raises(WireError) as error:
        select(db.vm, 'field "nosuchfield" = "1"')

    assert (error.value.wire_code, error.value.params) == ("INTERNAL_ERROR", ["missing field", "nosuchfield", ""])
    assert select(db.vdi, 'field "nosuchfield" = "1"') == []


def test_errors_are_as_recorded(db: Database, answer: Callable[[str], dict[str, Any]]) -> None:
    for name in ("bad", "badfield"):
        recorded = answer(f"VM.get_all_records_where.{name}")
        with pytest.raises(WireError) as error:
            select(db.vm, recorded["args"][1])
        assert [error.value.wire_code, *error.value.params] == recorded["decoded"]["ErrorDescription"]


def test_a_name_is_found_as_fast_among_thousands() -> None:
    def seconds(count: int) -> float:
        db = Database()
        for number in range(count):
            db.vm.create(name_label=f"vm {number}")
        best = 1.0
        for _ in range(20):
            start = time.perf_counter()
            assert len(select(db.vm, 'field "name__label" = "vm 7" and field "is_a_template" = "false"')) == 1
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(4000) < 10 * seconds(40)
