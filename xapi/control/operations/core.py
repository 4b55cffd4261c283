"""Operations on objects: whether one may begin now, which are running, and what `allowed_operations` shows.

Each class registers its rules (`vm.py`, `vbd.py`, …) when this package is imported; everybody else calls `check`,
`hold` and `refresh`. What runs is kept in the row's `current_operations` only, which does not survive a restart:
neither do the calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from xapi.context import Context
from xapi.datamodel.errors import XenError
from xapi.datamodel.types import NULL
from xapi.db.database import Database

IN_PROGRESS = "OTHER_OPERATION_IN_PROGRESS"

Object = tuple[str, str]
"""Class and reference."""
Check = Callable[[Database, Any, str, bool], XenError | None]
Allowed = Callable[[Database, Any], tuple[str, ...]]
Related = Callable[[Database, Any, str], Iterable[Object]]


@dataclass(frozen=True, slots=True)
class Guard:
    """What the dispatcher does around a message: hold `op` on the object that parameter `param` names.

    `wait`: seconds to wait for other operations on it to end before OTHER_OPERATION_IN_PROGRESS is answered.
    """

    param: str
    op: str
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class _Rules:
    check: Check
    allowed: Allowed
    related: Related


GUARDED: dict[str, Guard] = {}
"""Guards by wire name (`VM.start`); filled by the modules of this package when it is imported, then constant."""

_RULES: dict[str, _Rules] = {}
_waiting: dict[str, set[asyncio.Future[None]]] = {}


def register(
    cls: str,
    check: Check,
    *,
    listed: Iterable[str] = (),
    allowed: Allowed | None = None,
    related: Related = lambda _db, _ref, _op: (),
    guarded: dict[str, Guard] | None = None,
) -> None:
    """Declare the rules of `cls`.

    `check(db, ref, op, strict)` answers the error or None. `allowed_operations` shows those of `listed` that pass it,
    in that order, or what `allowed(db, ref)` answers. `related(db, ref, op)`: other objects whose allowed operations
    change when `op` begins or ends on `ref`.
    """

    def passing(db: Database, ref: str) -> tuple[str, ...]:
        return tuple(op for op in operations if check(db, ref, op, True) is None)

    operations = tuple(listed)
    _RULES[cls] = _Rules(check, allowed or passing, related)
    GUARDED.update(guarded or {})


def check(db: Database, cls: str, ref: str, op: str, strict: bool = True) -> XenError | None:
    """Why `op` may not begin now, or None. `strict` False: the caller gave `force`, the guest need not cooperate.

    Raises `HandleInvalid`. A class without rules allows everything.
    """
    db.table(cls)[ref]
    rules = _RULES.get(cls)
    return rules.check(db, ref, op, strict) if rules is not None else None


def refresh(db: Database, cls: str, ref: str) -> None:
    """Make the object's `allowed_operations` true to what is the case now; nothing happens if it is gone."""
    row = db.table(cls).get(ref)
    rules = _RULES.get(cls)
    if row is None or rules is None:
        return
    allowed = rules.allowed(db, ref)
    if allowed != row.allowed_operations:
        db.table(cls).update(ref, allowed_operations=allowed)


def refresh_all(db: Database) -> None:
    """`refresh` everything: at start-up, when no operation runs."""
    for cls in _RULES:
        for ref in list(db.table(cls)):
            refresh(db, cls, ref)


@asynccontextmanager
async def hold(
    ctx: Context,
    cls: str,
    ref: str,
    op: str,
    *,
    strict: bool = True,
    wait: float = 0.0,
) -> AsyncIterator[None]:
    """Run the block as `op` of the object: it is in `current_operations` from the check until the block ends.

    Raises what `check` answers; an operation in the way is waited for, at most `wait` seconds.
    """
    await _until_free(ctx.db, cls, ref, op, strict, wait)
    task = ctx.task if ctx.task != NULL else f"DummyRef:|{uuid4()}|{ctx.dbg.split(' ', 1)[0]}"
    begin(ctx.db, cls, ref, task, op)
    try:
        yield
    finally:
        end(ctx.db, cls, ref, task)


def begin(db: Database, cls: str, ref: str, task: str, op: str) -> None:
    """Put `op` into `current_operations`, unchecked: for a new object that is still being made."""
    row = db.table(cls)[ref]
    db.table(cls).update(ref, current_operations={**row.current_operations, task: op})
    _refresh_with_related(db, cls, ref, op)


def end(db: Database, cls: str, ref: str, task: str) -> None:
    """Undo `begin`. Safe to repeat, and when the object is gone."""
    row = db.table(cls).get(ref)
    if row is not None and task in row.current_operations:
        op = row.current_operations[task]
        left = {key: value for key, value in row.current_operations.items() if key != task}
        db.table(cls).update(ref, current_operations=left)
        _refresh_with_related(db, cls, ref, op)
    for waiter in _waiting.pop(ref, ()):
        if not waiter.done():
            waiter.set_result(None)


def _refresh_with_related(db: Database, cls: str, ref: str, op: str) -> None:
    refresh(db, cls, ref)
    rules = _RULES.get(cls)
    if rules is not None:
        for related_cls, related_ref in rules.related(db, ref, op):
            refresh(db, related_cls, related_ref)


async def _until_free(db: Database, cls: str, ref: str, op: str, strict: bool, wait: float) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait
    while error := check(db, cls, ref, op, strict):
        left = deadline - loop.time()
        if error.code != IN_PROGRESS or left <= 0:
            raise error
        waiter = loop.create_future()
        _waiting.setdefault(ref, set()).add(waiter)
        try:
            await asyncio.wait_for(waiter, left)
        except TimeoutError:
            continue
        finally:
            _leave(ref, waiter)


def _leave(ref: str, waiter: asyncio.Future[None]) -> None:
    others = _waiting.get(ref)
    if others is not None:
        others.discard(waiter)
        if not others:
            del _waiting[ref]
