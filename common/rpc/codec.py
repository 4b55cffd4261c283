"""Typed values to JSON and back, by msgspec: structs, enums, tagged unions, bytes as base64."""

from __future__ import annotations

from typing import Any

import msgspec


def encode(value: Any) -> Any:
    """`value` as what a JSON encoder takes."""
    return msgspec.to_builtins(value, str_keys=True)


def decode(value: Any, type_: Any) -> Any:
    """The typed value in `value`. Raises `msgspec.ValidationError` with the path of what does not fit."""
    return msgspec.convert(value, type_, str_keys=True, strict=False)
