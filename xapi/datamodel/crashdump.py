"""crashdump: the memory of a guest that crashed, kept on a disk."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, history, since

CRASHDUMP = Class(
    "crashdump",
    "The memory of a guest that crashed, kept on a disk.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field("VM", Ref("VM"), "The VM that crashed.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("VDI", Ref("VDI"), "The disk with the dump.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
    ),
    messages=(
        Message(
            "destroy",
            "Destroy the dump and its disk.",
            params=(Param("self", Ref("crashdump")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=history("published rio", "deprecated inverness"),
    has_get_all=True,
)
