"""What is generated is committed as it would be generated now."""

from __future__ import annotations

from datetime import datetime

import pytest

from xapi.datamodel import CLASSES, generate
from xapi.datamodel.enums import VMOperations
from xapi.datamodel.types import MapOf, OptionOf, Ref, SetOf, Type
from xapi.db.records import RECORDS
from xapi.db.row import Row


@pytest.mark.parametrize("path", [path for path in generate.GENERATED if path.endswith(".py")])
def test_committed_text_is_current(path: str) -> None:
    committed = (generate.ROOT / path).read_text(encoding="utf-8")
    assert committed == generate.GENERATED[path](), "run: python -m xapi.datamodel.generate"


@pytest.mark.parametrize(
    ("cls", "name"),
    [("VM", "VMRef"), ("VM_metrics", "VMMetricsRef"), ("host_cpu", "HostCpuRef"), ("sr_stat", "SrStatRef")],
)
def test_names_of_references(cls: str, name: str) -> None:
    assert generate.ref_name(cls) == name


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (str, "str"),
        (datetime, "datetime"),
        (VMOperations, "VMOperations"),
        (SetOf(Ref("VBD")), "tuple[VBDRef, ...]"),
        (MapOf(Ref("host"), SetOf(str)), "Mapping[HostRef, tuple[str, ...]]"),
        (OptionOf(str), "str | None"),
    ],
)
def test_annotations(kind: Type, text: str) -> None:
    assert generate.annotation(kind) == text


def test_no_field_hides_what_the_store_keeps_in_a_row() -> None:
    own = set(Row.__slots__) - {"ref"}
    assert [
        (name, own & set(record.__slots__)) for name, record in RECORDS.items() if own & set(record.__slots__)
    ] == []


def test_a_record_for_each_class_with_rows() -> None:
    assert list(RECORDS) == [cls.name for cls in CLASSES.values() if cls.in_database or cls.name == "message"]
    assert all(set(RECORDS[name].__slots__) == {f.name for f in CLASSES[name].fields} for name in RECORDS)
