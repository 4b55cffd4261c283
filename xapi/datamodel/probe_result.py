"""probe_result: one place that a probe has found."""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, MapOf, OptionOf, RecordOf, Role, history

PROBE_RESULT = Class(
    "probe_result",
    "One place that a probe has found.",
    fields=(
        Field(
            "configuration",
            MapOf(str, str),
            "Settings with which to go on or to create.",
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Field(
            "complete",
            bool,
            "The settings are all that is needed.",
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Field(
            "sr",
            OptionOf(RecordOf("sr_stat")),
            "The repository that is there already.",
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
        Field(
            "extra_info",
            MapOf(str, str),
            "What the driver has to add.",
            lifecycle=history("prototyped kolkata", "published lima"),
        ),
    ),
    roles=(Role.LOCAL_ROOT,),
    lifecycle=history("prototyped kolkata", "published lima"),
    persist=False,
    in_database=False,
    events=False,
)
