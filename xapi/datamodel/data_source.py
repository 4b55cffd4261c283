"""data_source: something that can be measured."""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, since

DATA_SOURCE = Class(
    "data_source",
    "Something that can be measured.",
    fields=(
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            default="",
            db_name="name__label",
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            default="",
            db_name="name__description",
            lifecycle=since("rio"),
        ),
        Field("enabled", bool, "It is recorded.", lifecycle=since("rio")),
        Field("standard", bool, "It is recorded unless told otherwise.", lifecycle=since("rio")),
        Field("units", str, "Unit of its values.", lifecycle=since("rio")),
        Field("min", float, "Its least value.", lifecycle=since("rio")),
        Field("max", float, "Its greatest value.", lifecycle=since("rio")),
        Field("value", float, "Its present value.", lifecycle=since("rio")),
    ),
    lifecycle=since("orlando"),
    persist=False,
    in_database=False,
    events=False,
)
