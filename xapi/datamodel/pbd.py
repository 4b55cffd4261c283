"""PBD: the connection of one host to one storage repository."""

from __future__ import annotations

from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, since

PBD = Class(
    "PBD",
    "The connection of one host to one storage repository.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field("host", Ref("host"), "The host.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field("SR", Ref("SR"), "The repository.", access=Access.STATIC_RO, lifecycle=since("rio")),
        Field(
            "device_config",
            MapOf(str, str),
            "Settings with which the driver reaches the storage from this host.",
            access=Access.STATIC_RO,
            lifecycle=since("rio"),
        ),
        Field("currently_attached", bool, "The repository is attached to the host.", lifecycle=since("rio")),
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
            "plug",
            "Attach the repository to the host.",
            params=(Param("self", Ref("PBD")),),
            errors=("SR_UNKNOWN_DRIVER",),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Message(
            "unplug",
            "Detach the repository from the host.",
            params=(Param("self", Ref("PBD")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("rio"),
        ),
        Message(
            "set_device_config",
            "Replace the settings, while it is unplugged.",
            params=(Param("self", Ref("PBD")), Param("value", MapOf(str, str), "The new value.")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("rio"),
    has_get_all=True,
    constructor=True,
)
