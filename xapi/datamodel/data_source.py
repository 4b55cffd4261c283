"""data_source:"""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, since

DATA_SOURCE = Class(
    "data_source",
    "",
    fields=(
        Field("name_label", str, "", default="", db_name="name__label", lifecycle=since("rio")),
        Field("name_description", str, "", default="", db_name="name__description", lifecycle=since("rio")),
        Field("enabled", bool, "", lifecycle=since("rio")),
        Field("standard", bool, "", lifecycle=since("rio")),
        Field("units", str, "", lifecycle=since("rio")),
        Field("min", float, "", lifecycle=since("rio")),
        Field("max", float, "", lifecycle=since("rio")),
        Field("value", float, "", lifecycle=since("rio")),
    ),
    lifecycle=since("orlando"),
    persist=False,
    in_database=False,
    events=False,
)
