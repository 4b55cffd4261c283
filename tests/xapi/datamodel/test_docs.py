"""Everything that people may meet is described, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator

from xapi.datamodel import CLASSES
from xapi.datamodel.describe import error_docs
from xapi.datamodel.enums import ENUMS
from xapi.datamodel.errors import XenError
from xapi.datamodel.wire import MESSAGES


def _texts() -> Iterator[tuple[str, str]]:
    for cls in CLASSES.values():
        yield cls.name, cls.doc
        yield from ((f"{cls.name}.{field.name}", field.doc) for field in cls.fields)
    for message in MESSAGES.values():
        yield message.name, message.message.doc
        if not message.implicit:
            params = (param for param in message.message.params if param.name != "self")
            yield from ((f"{message.name}({param.name})", param.doc) for param in params)
            if message.message.result is not None:
                yield f"{message.name}: result", message.message.result_doc
    yield from error_docs().items()
    yield from ((name, kind.__doc__ or "") for name, kind in ENUMS.items())


def test_everything_is_described() -> None:
    assert [name for name, text in _texts() if not text.strip()] == []


def test_descriptions_are_sentences() -> None:
    assert [name for name, text in _texts() if not text.rstrip().endswith((".", "`"))] == []


def test_no_error_inherits_its_description() -> None:
    assert XenError.__doc__ not in error_docs().values()
