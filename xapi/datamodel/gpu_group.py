"""GPU_group:"""

from __future__ import annotations

from xapi.datamodel.enums import AllocationAlgorithm
from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

GPU_GROUP = Class(
    "GPU_group",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("boston")),
        Field(
            "name_label",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__label",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Field(
            "name_description",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__description",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Field("PGPUs", SetOf(Ref("PGPU")), "", lifecycle=since("boston")),
        Field("VGPUs", SetOf(Ref("VGPU")), "", lifecycle=since("boston")),
        Field("GPU_types", SetOf(str), "", default=(), lifecycle=since("boston")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Field(
            "allocation_algorithm",
            AllocationAlgorithm,
            "",
            access=Access.RW,
            default=AllocationAlgorithm.DEPTH_FIRST,
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Field("supported_VGPU_types", SetOf(Ref("VGPU_type")), "", lifecycle=since("vgpu-productisation")),
        Field("enabled_VGPU_types", SetOf(Ref("VGPU_type")), "", lifecycle=since("vgpu-productisation")),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(
                Param("name_label", str, "", default=""),
                Param("name_description", str, "", default=""),
                Param("other_config", MapOf(str, str), "", default={}),
            ),
            result=Ref("GPU_group"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("GPU_group"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "update_enabled_VGPU_types",
            "",
            params=(Param("self", Ref("GPU_group"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-productisation"),
            hidden=True,
        ),
        Message(
            "update_supported_VGPU_types",
            "",
            params=(Param("self", Ref("GPU_group"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-productisation"),
            hidden=True,
        ),
        Message(
            "get_remaining_capacity",
            "",
            params=(Param("self", Ref("GPU_group"), ""), Param("vgpu_type", Ref("VGPU_type"), "")),
            result=int,
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("vgpu-tech-preview"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("boston"),
    has_get_all=True,
)
