"""PVS_cache_storage:"""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, Ref, Role, since

PVS_CACHE_STORAGE = Class(
    "PVS_cache_storage",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("ely")),
        Field("host", Ref("host"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("ely")),
        Field("SR", Ref("SR"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("ely")),
        Field("site", Ref("PVS_site"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("ely")),
        Field("size", int, "", access=Access.STATIC_RO, default=21_474_836_480, lifecycle=since("ely")),
        Field("VDI", Ref("VDI"), "", default=NULL, lifecycle=since("ely")),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("ely"),
    has_get_all=True,
    constructor=True,
)
