"""console: a way to see and operate a VM."""

from __future__ import annotations

from xapi.datamodel.enums import ConsoleProtocol
from xapi.datamodel.types import Access, Class, Field, MapOf, Ref, Role, since

CONSOLE = Class(
    "console",
    "A way to see and operate a VM.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field("protocol", ConsoleProtocol, "What is spoken over it.", lifecycle=since("rio")),
        Field("location", str, "The URL at which it is offered.", lifecycle=since("rio")),
        Field("VM", Ref("VM"), "The VM.", lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            writers=(Role.VM_ADMIN,),
            lifecycle=since("rio"),
        ),
        Field(
            "port",
            int,
            "The port on the host where it is offered.",
            access=Access.RW,
            internal=True,
            writers=(Role.VM_ADMIN,),
            lifecycle=since("rio"),
        ),
    ),
    roles=(Role.VM_ADMIN,),
    lifecycle=since("rio"),
    has_get_all=True,
    constructor=True,
)
