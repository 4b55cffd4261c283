"""host_cpu:"""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Ref, Role, history, since

HOST_CPU = Class(
    "host_cpu",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("host", Ref("host"), "", lifecycle=since("rio")),
        Field("number", int, "", lifecycle=since("rio")),
        Field("vendor", str, "", lifecycle=since("rio")),
        Field("speed", int, "", lifecycle=since("rio")),
        Field("modelname", str, "", lifecycle=since("rio")),
        Field("family", int, "", lifecycle=since("rio")),
        Field("model", int, "", lifecycle=since("rio")),
        Field("stepping", str, "", lifecycle=since("rio")),
        Field("flags", str, "", lifecycle=since("rio")),
        Field("features", str, "", lifecycle=since("rio")),
        Field("utilisation", float, "", persist=False, lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("orlando"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=history("published rio", "deprecated midnight-ride"),
    has_get_all=True,
)
