"""sr_stat: what a probe knows of a storage repository that it found."""

from __future__ import annotations

from xapi.datamodel.enums import SRHealth
from xapi.datamodel.types import Class, Field, OptionOf, Role, history

SR_STAT = Class(
    "sr_stat",
    "What a probe knows of a storage repository that it found.",
    fields=(
        Field(
            "uuid",
            OptionOf(str),
            "Identifies the object for good, here and elsewhere.",
            lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0"),
        ),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0"),
        ),
        Field(
            "free_space",
            int,
            "Free bytes.",
            lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0"),
        ),
        Field(
            "total_space",
            int,
            "All bytes.",
            lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0"),
        ),
        Field(
            "clustered",
            bool,
            "It needs clustering of the hosts.",
            lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0"),
        ),
        Field(
            "health",
            SRHealth,
            "Whether it works.",
            lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0"),
        ),
    ),
    roles=(Role.LOCAL_ROOT,),
    lifecycle=history("prototyped kolkata", "published lima", "extended 24.17.0"),
    persist=False,
    in_database=False,
    events=False,
)
