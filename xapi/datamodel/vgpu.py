"""VGPU:"""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, since

VGPU = Class(
    "VGPU",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("boston")),
        Field("VM", Ref("VM"), "", lifecycle=since("boston")),
        Field("GPU_group", Ref("GPU_group"), "", lifecycle=since("boston")),
        Field("device", str, "", default="0", lifecycle=since("boston")),
        Field("currently_attached", bool, "", default=False, lifecycle=since("boston")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Field("type", Ref("VGPU_type"), "", default=NULL, lifecycle=since("vgpu-tech-preview")),
        Field("resident_on", Ref("PGPU"), "", default=NULL, lifecycle=since("vgpu-tech-preview")),
        Field("scheduled_to_be_resident_on", Ref("PGPU"), "", default=NULL, lifecycle=since("dundee")),
        Field("compatibility_metadata", MapOf(str, str), "", default={}, lifecycle=since("inverness")),
        Field(
            "extra_args",
            str,
            "",
            access=Access.RW,
            default="",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("quebec"),
        ),
        Field("PCI", Ref("PCI"), "", default=NULL, lifecycle=since("quebec")),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(
                Param("VM", Ref("VM"), ""),
                Param("GPU_group", Ref("GPU_group"), ""),
                Param("device", str, "", default="0"),
                Param("other_config", MapOf(str, str), "", default={}),
                Param("type", Ref("VGPU_type"), "", default=NULL, release="vgpu-tech-preview"),
            ),
            result=Ref("VGPU"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("VGPU"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "atomic_set_resident_on",
            "",
            params=(Param("self", Ref("VGPU"), ""), Param("value", Ref("PGPU"), "")),
            roles=(Role.LOCAL_ROOT,),
            lifecycle=since("dundee"),
            pool_internal=True,
            hidden=True,
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("boston"),
    has_get_all=True,
)
