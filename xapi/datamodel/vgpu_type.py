"""VGPU_type:"""

from __future__ import annotations

from xapi.datamodel.enums import VGPUTypeImplementation
from xapi.datamodel.types import Access, Class, Field, MapOf, Ref, Role, SetOf, since

VGPU_TYPE = Class(
    "VGPU_type",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("vgpu-tech-preview")),
        Field("vendor_name", str, "", access=Access.STATIC_RO, default="", lifecycle=since("vgpu-tech-preview")),
        Field("model_name", str, "", access=Access.STATIC_RO, default="", lifecycle=since("vgpu-tech-preview")),
        Field("framebuffer_size", int, "", access=Access.STATIC_RO, default=0, lifecycle=since("vgpu-tech-preview")),
        Field("max_heads", int, "", access=Access.STATIC_RO, default=0, lifecycle=since("vgpu-tech-preview")),
        Field("max_resolution_x", int, "", access=Access.STATIC_RO, default=0, lifecycle=since("vgpu-productisation")),
        Field("max_resolution_y", int, "", access=Access.STATIC_RO, default=0, lifecycle=since("vgpu-productisation")),
        Field("size", int, "", access=Access.STATIC_RO, default=0, internal=True, lifecycle=since("vgpu-tech-preview")),
        Field("supported_on_PGPUs", SetOf(Ref("PGPU")), "", lifecycle=since("vgpu-tech-preview")),
        Field("enabled_on_PGPUs", SetOf(Ref("PGPU")), "", lifecycle=since("vgpu-tech-preview")),
        Field("VGPUs", SetOf(Ref("VGPU")), "", lifecycle=since("vgpu-tech-preview")),
        Field(
            "internal_config",
            MapOf(str, str),
            "",
            access=Access.STATIC_RO,
            default={},
            internal=True,
            lifecycle=since("vgpu-tech-preview"),
        ),
        Field("supported_on_GPU_groups", SetOf(Ref("GPU_group")), "", lifecycle=since("vgpu-productisation")),
        Field("enabled_on_GPU_groups", SetOf(Ref("GPU_group")), "", lifecycle=since("vgpu-productisation")),
        Field(
            "implementation",
            VGPUTypeImplementation,
            "",
            access=Access.STATIC_RO,
            default=VGPUTypeImplementation.PASSTHROUGH,
            lifecycle=since("dundee"),
        ),
        Field("identifier", str, "", access=Access.STATIC_RO, default="", lifecycle=since("dundee")),
        Field("experimental", bool, "", access=Access.STATIC_RO, default=False, lifecycle=since("dundee")),
        Field(
            "compatible_types_in_vm",
            SetOf(Ref("VGPU_type")),
            "",
            default=(),
            may_dangle=True,
            lifecycle=since("quebec"),
        ),
        Field(
            "compatible_types_on_pgpu",
            SetOf(Ref("VGPU_type")),
            "",
            default=(),
            internal=True,
            may_dangle=True,
            lifecycle=since("quebec"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("vgpu-tech-preview"),
    has_get_all=True,
)
