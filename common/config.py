"""A frozen dataclass is the schema of a daemon's settings: defaults, help, checks, file and flags.

Order of precedence: flags, environment (`XAPI_<NAME>`), the TOML file, the default. An unknown key is refused by name.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")


class ConfigError(Exception):
    """A settings file or flag that can't be used; the text names the key."""


def setting(default: Any, doc: str, *, minimum: float | None = None) -> Any:
    """A field of a settings dataclass."""
    return dataclasses.field(default=default, metadata={"doc": doc, "minimum": minimum})


def root() -> Path:
    """The host's root: every path of ours is below it. `XAPI_ROOT`, `/` by default."""
    return Path(os.environ.get("XAPI_ROOT", "/"))


def under_root(path: str | Path) -> Path:
    """`path` (absolute, as on a real host) below this host's root."""
    return root() / str(path).lstrip("/")


def on_host(path: str | Path) -> Path:
    """A path that an administrator named: of this host, so below its root; one that is there already is kept."""
    given = Path(path)
    return given if given.is_relative_to(root()) else under_root(given)


def load(schema: type[T], program: str, argv: Sequence[str] = ()) -> T:
    """The settings of `program`: `etc/xapi-toolstack/<program>.toml` below the root, environment, flags."""
    parser = argparse.ArgumentParser(prog=program, description=schema.__doc__)
    parser.add_argument("--config", default=str(under_root(f"/etc/xapi-toolstack/{program}.toml")))
    fields = {field.name: field for field in dataclasses.fields(schema)}  # type: ignore[arg-type]
    for field in fields.values():
        flag = "--" + field.name.replace("_", "-")
        parser.add_argument(flag, dest=field.name, default=None, help=field.metadata.get("doc"))
    flags = vars(parser.parse_args(list(argv)))
    values: dict[str, Any] = _read(Path(flags.pop("config")))
    for name in values:
        if name not in fields:
            raise ConfigError(f"{program}: unknown setting {name!r}")
    values |= {name: os.environ[key] for name in fields if (key := f"XAPI_{name.upper()}") in os.environ}
    values |= {name: value for name, value in flags.items() if value is not None}
    hints = get_type_hints(schema)
    return schema(**{name: _convert(fields[name], hints[name], value) for name, value in values.items()})


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error


def _convert(field: dataclasses.Field[Any], hint: Any, value: Any) -> Any:
    converters: Mapping[Any, Any] = {int: int, float: float, str: str, Path: Path, bool: _boolean}
    try:
        converted = converters.get(hint, lambda given: given)(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{field.name}: {value!r} is not a {getattr(hint, '__name__', hint)}") from error
    minimum = field.metadata.get("minimum")
    if minimum is not None and converted < minimum:
        raise ConfigError(f"{field.name}: {value!r} is below {minimum}")
    return converted


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if str(value).lower() not in words:
        raise ValueError(value)
    return words[str(value).lower()]
