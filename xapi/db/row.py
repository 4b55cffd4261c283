"""A row of the store: one object, its fields as slots, and its two wire forms until it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from xapi.db.shape import Shape


class Row:
    """Base of the generated records. Live and read-only: only the store writes, through `writer`.

    A subclass has a slot for each field of its class, by wire name; `created` and `generation` are fields of some.
    """

    __slots__ = ("_created", "_extra", "_generation", "_json", "_xml", "ref")

    shape: ClassVar[Shape]
    """Attached when a store is built for the class."""

    ref: str
    _created: int
    """Generation at which the row was made."""
    _generation: int
    """Generation of its last change."""
    _extra: dict[str, Any] | None
    """Fields on disk that this version does not know; kept for the one that does."""
    _xml: bytes | None
    _json: bytes | None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name}: rows are written through their table")

    def __repr__(self) -> str:
        shown = "…" if self.shape.name == "session" else self.ref  # whoever knows it is logged in
        return f"<{type(self).__name__} {shown}>"


Writer = Callable[[Row, Any], None]


def writer(cls: type[Row], name: str) -> Writer:
    """What writes slot `name` of rows of `cls`; for the store alone."""
    write: Writer = getattr(cls, name).__set__
    return write


set_ref = writer(Row, "ref")
set_created = writer(Row, "_created")
set_generation = writer(Row, "_generation")
set_extra = writer(Row, "_extra")
set_xml = writer(Row, "_xml")
set_json = writer(Row, "_json")
