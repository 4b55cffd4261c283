"""host_cpu: one CPU of a host."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Ref, Role, history, since

HOST_CPU = Class(
    "host_cpu",
    "One CPU of a host.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field("host", Ref("host"), "The host.", lifecycle=since("rio")),
        Field("number", int, "Its number in the host.", lifecycle=since("rio")),
        Field("vendor", str, "Who made it.", lifecycle=since("rio")),
        Field("speed", int, "Its clock in MHz.", lifecycle=since("rio")),
        Field("modelname", str, "Name of the model.", lifecycle=since("rio")),
        Field("family", int, "Number of the family.", lifecycle=since("rio")),
        Field("model", int, "Number of the model.", lifecycle=since("rio")),
        Field("stepping", str, "Number of the revision.", lifecycle=since("rio")),
        Field("flags", str, "What it can do, by the kernel's names.", lifecycle=since("rio")),
        Field("features", str, "What it can do, as a bitmap.", lifecycle=since("rio")),
        Field(
            "utilisation",
            float,
            "How busy it is; always 0, ask the data sources instead.",
            persist=False,
            lifecycle=since("rio"),
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
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
