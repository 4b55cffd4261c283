"""How records, tables and lists look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

COLUMNS = 76  # of a list of names that is wrapped


def table(pairs: Sequence[tuple[str, str]]) -> str:
    """One record: the first name to the left, the others to the right of a column; two empty lines end it."""
    width = 4 + max((len(name) for name, _ in pairs), default=0)
    lines = [
        f"{name.ljust(width) if index == 0 else name.rjust(width)}: {value}"
        for index, (name, value) in enumerate(pairs)
    ]
    return "\n".join(lines) + "\n\n"


def minimal(values: Iterable[str]) -> str:
    """Values on one line; commas in them are escaped."""
    return ",".join(value.replace("\\", "\\\\").replace(",", "\\,") for value in values)


def split_minimal(text: str) -> list[str]:
    """Words separated by commas; none of an empty text."""
    return text.split(",") if text else []


def wrapped(words: Iterable[str]) -> list[str]:
    """Words, separated by commas, in lines that are indented and fit a terminal; no comma ends a line."""
    lines: list[str] = []
    line = ""
    for word in words:
        longer = f"{line}, {word}" if line else f"    {word}"
        if line and len(longer) > COLUMNS:
            lines.append(line)
            longer = f"    {word}"
        line = longer
    return [*lines, line] if line else lines
