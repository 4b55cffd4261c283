"""sr_stat:"""

from __future__ import annotations

from xapi.datamodel.enums import SRHealth
from xapi.datamodel.types import Class, Field, OptionOf, Role, history

SR_STAT = Class(
    "sr_stat",
    "",
    fields=(
        Field("uuid", OptionOf(str), "", lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0")),
        Field("name_label", str, "", lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0")),
        Field(
            "name_description", str, "", lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0")
        ),
        Field("free_space", int, "", lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0")),
        Field("total_space", int, "", lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0")),
        Field("clustered", bool, "", lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0")),
        Field("health", SRHealth, "", lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0")),
    ),
    roles=(Role.LOCAL_ROOT,),
    lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0"),
    persist=False,
    in_database=False,
    events=False,
)
