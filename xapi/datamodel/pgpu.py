"""PGPU:"""

from __future__ import annotations

from xapi.datamodel.enums import PCIDom0Access
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, history, since

PGPU = Class(
    "PGPU",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("boston")),
        Field("PCI", Ref("PCI"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("boston")),
        Field("GPU_group", Ref("GPU_group"), "", access=Access.STATIC_RO, default=NULL, lifecycle=since("boston")),
        Field("host", Ref("host"), "", default=NULL, lifecycle=since("boston")),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Field("supported_VGPU_types", SetOf(Ref("VGPU_type")), "", lifecycle=since("vgpu-tech-preview")),
        Field("enabled_VGPU_types", SetOf(Ref("VGPU_type")), "", lifecycle=since("vgpu-tech-preview")),
        Field("resident_VGPUs", SetOf(Ref("VGPU")), "", lifecycle=since("vgpu-tech-preview")),
        Field(
            "size",
            int,
            "",
            access=Access.STATIC_RO,
            default=1_048_576,
            internal=True,
            lifecycle=since("vgpu-tech-preview"),
        ),
        Field(
            "supported_VGPU_max_capacities",
            MapOf(Ref("VGPU_type"), int),
            "",
            default={},
            lifecycle=since("vgpu-productisation"),
        ),
        Field(
            "dom0_access",
            PCIDom0Access,
            "",
            default=PCIDom0Access.ENABLED,
            lifecycle=history("published cream", "deprecated 24.14.0"),
        ),
        Field("is_system_display_device", bool, "", default=False, lifecycle=since("cream")),
        Field("compatibility_metadata", MapOf(str, str), "", default={}, lifecycle=since("inverness")),
    ),
    messages=(
        Message(
            "add_enabled_VGPU_types",
            "",
            params=(Param("self", Ref("PGPU"), ""), Param("value", Ref("VGPU_type"), "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Message(
            "remove_enabled_VGPU_types",
            "",
            params=(Param("self", Ref("PGPU"), ""), Param("value", Ref("VGPU_type"), "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Message(
            "set_enabled_VGPU_types",
            "",
            params=(Param("self", Ref("PGPU"), ""), Param("value", SetOf(Ref("VGPU_type")), "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Message(
            "set_GPU_group",
            "",
            params=(Param("self", Ref("PGPU"), ""), Param("value", Ref("GPU_group"), "")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Message(
            "get_remaining_capacity",
            "",
            params=(Param("self", Ref("PGPU"), ""), Param("vgpu_type", Ref("VGPU_type"), "")),
            result=int,
            result_doc="",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Message(
            "enable_dom0_access",
            "",
            params=(Param("self", Ref("PGPU"), ""),),
            result=PCIDom0Access,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published cream", "deprecated 24.14.0"),
        ),
        Message(
            "disable_dom0_access",
            "",
            params=(Param("self", Ref("PGPU"), ""),),
            result=PCIDom0Access,
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published cream", "deprecated 24.14.0"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("boston"),
    has_get_all=True,
)
