from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

import pytest

from xapi.datamodel import CLASSES
from xapi.dispatch import binding
from xapi.dispatch.binding import BindingError


def give(monkeypatch: pytest.MonkeyPatch, function: Any, name: str) -> None:
    """Let `xapi.api.lvhd` be a module with one function."""
    module = ModuleType("xapi.api.lvhd")
    setattr(module, name, function)
    monkeypatch.setitem(sys.modules, "xapi.api.lvhd", module)
    monkeypatch.setattr(binding, "CLASSES", {"LVHD": CLASSES["LVHD"]})
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object())


def test_a_function_whose_parameters_differ_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async def enable_thin_provisioning(ctx: Any, host: str) -> str:
        return host

    give(monkeypatch, enable_thin_provisioning, "enable_thin_provisioning")

    with pytest.raises(BindingError, match=r"LVHD.enable_thin_provisioning takes \(host, SR, "):
        binding.load()


def test_plain_functions_and_helpers_are_not_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    async def helper(ctx: Any) -> None:
        return None

    give(monkeypatch, helper, "helper")

    assert binding.load() == {}


def test_the_real_functions_agree_with_the_datamodel() -> None:
    functions = binding.load()

    assert "session.login_with_password" in functions
    assert "task.cancel" in functions


def test_reads_are_known_as_such() -> None:
    bound = binding.Binding({}).find("VM.get_record")

    assert bound is not None
    assert bound.reads
    assert binding.Binding({}).find("VM.nope") is None
