"""console:"""

from __future__ import annotations

from xapi.datamodel.enums import ConsoleProtocol
from xapi.datamodel.types import Access, Class, Field, MapOf, Ref, Role, since

CONSOLE = Class(
    "console",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("protocol", ConsoleProtocol, "", lifecycle=since("rio")),
        Field("location", str, "", lifecycle=since("rio")),
        Field("VM", Ref("VM"), "", lifecycle=since("rio")),
        Field("other_config", MapOf(str, str), "", access=Access.RW, writers=(Role.VM_ADMIN,), lifecycle=since("rio")),
        Field("port", int, "", access=Access.RW, internal=True, writers=(Role.VM_ADMIN,), lifecycle=since("rio")),
    ),
    roles=(Role.VM_ADMIN,),
    lifecycle=since("rio"),
    has_get_all=True,
    constructor=True,
)
