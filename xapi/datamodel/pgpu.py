"""PGPU: a graphics card of a host."""

from __future__ import annotations

from xapi.datamodel.enums import PCIDom0Access
from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, SetOf, history, since

PGPU = Class(
    "PGPU",
    "A graphics card of a host.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("boston")),
        Field("PCI", Ref("PCI"), "Its PCI device.", access=Access.STATIC_RO, default=NULL, lifecycle=since("boston")),
        Field(
            "GPU_group",
            Ref("GPU_group"),
            "The group to which it belongs.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=since("boston"),
        ),
        Field("host", Ref("host"), "The host.", default=NULL, lifecycle=since("boston")),
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
            "supported_VGPU_types",
            SetOf(Ref("VGPU_type")),
            "Types of virtual GPU that it can offer.",
            lifecycle=since("vgpu-tech-preview"),
        ),
        Field(
            "enabled_VGPU_types",
            SetOf(Ref("VGPU_type")),
            "Types of virtual GPU that it may offer.",
            lifecycle=since("vgpu-tech-preview"),
        ),
        Field(
            "resident_VGPUs", SetOf(Ref("VGPU")), "Virtual GPUs that run on it.", lifecycle=since("vgpu-tech-preview")
        ),
        Field(
            "size",
            int,
            "Its size in units that types are measured by.",
            access=Access.STATIC_RO,
            default=1_048_576,
            internal=True,
            lifecycle=since("vgpu-tech-preview"),
        ),
        Field(
            "supported_VGPU_max_capacities",
            MapOf(Ref("VGPU_type"), int),
            "How many virtual GPUs of each type fit.",
            default={},
            lifecycle=since("vgpu-productisation"),
        ),
        Field(
            "dom0_access",
            PCIDom0Access,
            "Whether the control domain may use it.",
            default=PCIDom0Access.ENABLED,
            lifecycle=history("published cream", "deprecated 24.14.0"),
        ),
        Field(
            "is_system_display_device",
            bool,
            "The host shows its console on it.",
            default=False,
            lifecycle=since("cream"),
        ),
        Field(
            "compatibility_metadata",
            MapOf(str, str),
            "What tells which virtual GPUs can move to it.",
            default={},
            lifecycle=since("inverness"),
        ),
    ),
    messages=(
        Message(
            "add_enabled_VGPU_types",
            "Let it offer one more type.",
            params=(Param("self", Ref("PGPU")), Param("value", Ref("VGPU_type"), "The new value.")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Message(
            "remove_enabled_VGPU_types",
            "Let it offer one type less.",
            params=(Param("self", Ref("PGPU")), Param("value", Ref("VGPU_type"), "The new value.")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Message(
            "set_enabled_VGPU_types",
            "Set the types that it may offer.",
            params=(Param("self", Ref("PGPU")), Param("value", SetOf(Ref("VGPU_type")), "The new value.")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Message(
            "set_GPU_group",
            "Put it into another group.",
            params=(Param("self", Ref("PGPU")), Param("value", Ref("GPU_group"), "The new value.")),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Message(
            "get_remaining_capacity",
            "How many more virtual GPUs of a type fit.",
            params=(Param("self", Ref("PGPU")), Param("vgpu_type", Ref("VGPU_type"), "The type of virtual GPU.")),
            result=int,
            result_doc="The number.",
            roles=(Role.READ_ONLY, Role.CLIENT_CERT),
            lifecycle=since("vgpu-tech-preview"),
        ),
        Message(
            "enable_dom0_access",
            "Give it back to the control domain after the next boot.",
            params=(Param("self", Ref("PGPU")),),
            result=PCIDom0Access,
            result_doc="The state.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published cream", "deprecated 24.14.0"),
        ),
        Message(
            "disable_dom0_access",
            "Hide it from the control domain after the next boot.",
            params=(Param("self", Ref("PGPU")),),
            result=PCIDom0Access,
            result_doc="The state.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=history("published cream", "deprecated 24.14.0"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("boston"),
    has_get_all=True,
)
