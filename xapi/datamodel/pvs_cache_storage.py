"""PVS_cache_storage: where a host keeps its cache for a PVS site."""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, Ref, Role, since

PVS_CACHE_STORAGE = Class(
    "PVS_cache_storage",
    "Where a host keeps its cache for a PVS site.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("ely")),
        Field("host", Ref("host"), "The host.", access=Access.STATIC_RO, default=NULL, lifecycle=since("ely")),
        Field(
            "SR",
            Ref("SR"),
            "The repository that holds it.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("ely"),
        ),
        Field("site", Ref("PVS_site"), "The site.", access=Access.STATIC_RO, default=NULL, lifecycle=since("ely")),
        Field(
            "size", int, "Bytes of the cache.", access=Access.STATIC_RO, default=21_474_836_480, lifecycle=since("ely")
        ),
        Field("VDI", Ref("VDI"), "The disk with the cache.", default=NULL, lifecycle=since("ely")),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("ely"),
    has_get_all=True,
    constructor=True,
)
