"""GPU_group: graphics cards that can stand in for each other."""

from __future__ import annotations

from xapi.datamodel.enums import AllocationAlgorithm
from xapi.datamodel.types import Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

GPU_GROUP = Class(
    "GPU_group",
    "Graphics cards that can stand in for each other.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("boston")),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            access=Access.RW,
            default="",
            db_name="name__label",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            access=Access.RW,
            default="",
            db_name="name__description",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Field("PGPUs", SetOf(Ref("PGPU")), "The cards.", lifecycle=since("boston")),
        Field("VGPUs", SetOf(Ref("VGPU")), "Virtual GPUs that ask for one of them.", lifecycle=since("boston")),
        Field("GPU_types", SetOf(str), "Which models are in it.", default=(), lifecycle=since("boston")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Field(
            "allocation_algorithm",
            AllocationAlgorithm,
            "Which card is filled first.",
            access=Access.RW,
            default=AllocationAlgorithm.DEPTH_FIRST,
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Field(
            "supported_VGPU_types",
            SetOf(Ref("VGPU_type")),
            "Types that one of its cards can offer.",
            lifecycle=since("vgpu-productisation"),
        ),
        Field(
            "enabled_VGPU_types",
            SetOf(Ref("VGPU_type")),
            "Types that one of its cards may offer.",
            lifecycle=since("vgpu-productisation"),
        ),
    ),
    messages=(
        Message(
            "create",
            "Create a group.",
            params=(
                Param("name_label", str, "A name for people.", default=""),
                Param("name_description", str, "A longer text for people.", default=""),
                Param("other_config", MapOf(str, str), "Initial `other_config`.", default={}),
            ),
            result=Ref("GPU_group"),
            result_doc="The group.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "destroy",
            "Destroy a group that is empty.",
            params=(Param("self", Ref("GPU_group")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "update_enabled_VGPU_types",
            "Work out `enabled_VGPU_types` afresh.",
            params=(Param("self", Ref("GPU_group")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-productisation"),
            hidden=True,
        ),
        Message(
            "update_supported_VGPU_types",
            "Work out `supported_VGPU_types` afresh.",
            params=(Param("self", Ref("GPU_group")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-productisation"),
            hidden=True,
        ),
        Message(
            "get_remaining_capacity",
            "How many more virtual GPUs of a type fit.",
            params=(Param("self", Ref("GPU_group")), Param("vgpu_type", Ref("VGPU_type"), "The type of virtual GPU.")),
            result=int,
            result_doc="The number.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("vgpu-tech-preview"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("boston"),
    has_get_all=True,
)
