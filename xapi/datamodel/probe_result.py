"""probe_result:"""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, MapOf, OptionOf, RecordOf, Role, history

PROBE_RESULT = Class(
    "probe_result",
    "",
    fields=(
        Field("configuration", MapOf(str, str), "", lifecycle=history("prototyped kolkata", "published lima")),
        Field("complete", bool, "", lifecycle=history("prototyped kolkata", "published lima")),
        Field("sr", OptionOf(RecordOf("sr_stat")), "", lifecycle=history("prototyped kolkata", "published lima")),
        Field("extra_info", MapOf(str, str), "", lifecycle=history("prototyped kolkata", "published lima")),
    ),
    roles=(Role.LOCAL_ROOT,),
    lifecycle=history("prototyped kolkata", "published lima"),
    persist=False,
    in_database=False,
    events=False,
)
