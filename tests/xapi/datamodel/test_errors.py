"""Errors as values: parameters by position or name, strings on the wire."""

from __future__ import annotations

import pytest

from common.errors import from_wire
from xapi.datamodel.enums import VMPowerState
from xapi.datamodel.errors import (
    HandleInvalid,
    InternalError,
    InvalidValue,
    MessageRemoved,
    SRBackendFailure,
    VMBadPowerState,
)


def test_parameters_are_strings_in_order() -> None:
    error = VMBadPowerState("OpaqueRef:1", VMPowerState.HALTED, actual=VMPowerState.RUNNING)
    assert error.wire_code == "VM_BAD_POWER_STATE"
    assert error.params == ["OpaqueRef:1", "Halted", "Running"]
    assert str(error) == "VM_BAD_POWER_STATE(OpaqueRef:1, Halted, Running)"


def test_numbers_become_strings() -> None:
    assert SRBackendFailure(46, "", "no such disk", "").params == ["", "no such disk", ""]
    assert SRBackendFailure(46, "", "no such disk", "").wire_code == "SR_BACKEND_FAILURE_46"


def test_booleans_are_written_as_clients_write_them() -> None:
    assert InvalidValue("shared", True).params == ["shared", "true"]


@pytest.mark.parametrize("args", [("VM",), ("VM", "r", "too many")])
def test_wrong_number_of_parameters(args: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match="HandleInvalid takes"):
        HandleInvalid(*args)


def test_unknown_and_doubled_names() -> None:
    with pytest.raises(TypeError):
        HandleInvalid("VM", nonsense="r")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        HandleInvalid("VM", cls="VM")  # type: ignore[call-arg, misc]


def test_errors_come_back_from_the_wire() -> None:
    error = from_wire("HANDLE_INVALID", ["VM", "OpaqueRef:1"])
    assert isinstance(error, HandleInvalid)
    assert (error.cls, error.ref) == ("VM", "OpaqueRef:1")
    assert from_wire("HANDLE_INVALID", ["VM"]).params == ["VM"]


def test_what_is_a_bug() -> None:
    assert InternalError.is_bug
    assert not MessageRemoved.is_bug
