from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from xapi.datamodel.enums import OnNormalExit
from xapi.datamodel.errors import InternalError, MessageParameterCountMismatch
from xapi.datamodel.types import MapOf, OptionOf, Ref, SetOf, Type
from xapi.datamodel.wire import MESSAGES
from xapi.dispatch.arguments import Arguments, decoder


@pytest.mark.parametrize(
    ("type_", "given", "value"),
    [
        (str, "a", "a"),
        (Ref("VM"), "OpaqueRef:x", "OpaqueRef:x"),
        (int, "5", 5),
        (int, 5, 5),
        (int, " -7 ", -7),
        (int, "9223372036854775807", 2**63 - 1),
        (float, 1, 1.0),
        (float, "60.1", 60.1),
        (float, 2.5, 2.5),
        (bool, True, True),
        (datetime, "20261122T07:25:48Z", datetime(2026, 11, 22, 7, 25, 48, tzinfo=UTC)),
        (datetime, "2026-11-22T07:25:48Z", datetime(2026, 11, 22, 7, 25, 48, tzinfo=UTC)),
        (OnNormalExit, "destroy", OnNormalExit.DESTROY),
        (OnNormalExit, "Destroy", OnNormalExit.DESTROY),
        (SetOf(str), ["b", "a", "b"], ("b", "a", "b")),
        (SetOf(int), ["1", 2], (1, 2)),
        (MapOf(str, str), {"k": "v"}, {"k": "v"}),
        (MapOf(int, float), {"1": 2}, {1: 2.0}),
        (OptionOf(str), None, None),
        (OptionOf(str), "x", "x"),
    ],
    ids=repr,
)
def test_values_become_typed(type_: Type, given: Any, value: Any) -> None:
    decoded = decoder(type_)(given)

    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize(
    ("type_", "given", "text"),
    [
        (bool, "notabool", "Failure(\"Expected bool, got 'S(notabool)'\")"),
        (bool, 1, "Failure(\"Expected bool, got 'I(1)'\")"),
        (int, "abc", 'Failure("Int64.of_string")'),
        (int, "", 'Failure("Int64.of_string")'),
        (int, "9223372036854775808", 'Failure("Int64.of_string")'),
        (int, "\u0661", 'Failure("Int64.of_string")'),
        (int, True, "Failure(\"Expected int64, got 'B(true)'\")"),
        (OnNormalExit, "nonsense", 'Failure("Unknown tag/contents")'),
        (str, {"a": "b"}, "Failure(\"Expected string, got '{a:S(b)}'\")"),
        (SetOf(str), "x", "Failure(\"Expected list, got 'S(x)'\")"),
        (MapOf(str, str), [], "Failure(\"Expected dict, got '[]'\")"),
    ],
    ids=repr,
)
def test_a_wrong_type_is_told_as_the_original_does(type_: Type, given: Any, text: str) -> None:
    with pytest.raises(InternalError) as raised:
        decoder(type_)(given)

    assert raised.value.params == [text]
    assert not raised.value.is_bug, "it is the caller's mistake and needs no traceback"


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        ("VM.get_all", [], ["VM.get_all", "0", "-1"]),
        ("VM.get_all", ["s", "x"], ["VM.get_all", "0", "1"]),
        ("VM.get_record", ["s"], ["VM.get_record", "1", "0"]),
        ("session.login_with_password", [], ["session.login_with_password", "2", "0"]),
        ("session.login_with_password", ["a"] * 5, ["session.login_with_password", "2", "5"]),
    ],
)
def test_a_wrong_number_is_refused(method: str, params: list[Any], expected: list[str]) -> None:
    with pytest.raises(MessageParameterCountMismatch) as raised:
        Arguments(MESSAGES[method]).check_count(params)

    assert raised.value.params == expected


def test_trailing_parameters_with_defaults_may_be_left_out() -> None:
    arguments = Arguments(MESSAGES["session.login_with_password"])

    arguments.check_count(["root", "x"])

    assert arguments.decode(["root", "x"]) == ["root", "x", "1.1", ""]


def test_a_constructor_ignores_what_it_does_not_know_and_fills_in_defaults() -> None:
    given = {
        "SR": "OpaqueRef:s",
        "virtual_size": "1024",
        "type": "user",
        "sharable": False,
        "read_only": False,
        "other_config": {},
        "nonsense": 1,
        "uuid": "x",
        "allowed_operations": [],
    }

    (record,) = Arguments(MESSAGES["VDI.create"]).decode(["session", given])

    assert record["virtual_size"] == 1024
    assert record["name_label"] == ""
    assert record["xenstore_data"] == {}
    assert not {"nonsense", "uuid", "allowed_operations"} & record.keys()


def test_a_constructor_names_the_first_missing_field() -> None:
    with pytest.raises(InternalError) as raised:
        Arguments(MESSAGES["VM.create"]).decode(["session", {"name_label": "x"}])

    assert raised.value.params == ['Server_helpers.Dispatcher_FieldNotFound("user_version")']


def test_every_message_has_decoders() -> None:
    for message in MESSAGES.values():
        Arguments(message)
