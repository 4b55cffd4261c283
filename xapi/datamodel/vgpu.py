"""VGPU: a virtual GPU of a VM."""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, MapOf, Message, Param, Ref, Role, since

VGPU = Class(
    "VGPU",
    "A virtual GPU of a VM.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("boston")),
        Field("VM", Ref("VM"), "The VM.", lifecycle=since("boston")),
        Field("GPU_group", Ref("GPU_group"), "The group from which a card is taken.", lifecycle=since("boston")),
        Field("device", str, "Its number among the VM's virtual GPUs.", default="0", lifecycle=since("boston")),
        Field(
            "currently_attached", bool, "It is plugged into the running VM.", default=False, lifecycle=since("boston")
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Field("type", Ref("VGPU_type"), "Its type.", default=NULL, lifecycle=since("vgpu-tech-preview")),
        Field(
            "resident_on", Ref("PGPU"), "The card on which it runs.", default=NULL, lifecycle=since("vgpu-tech-preview")
        ),
        Field(
            "scheduled_to_be_resident_on",
            Ref("PGPU"),
            "The card on which it is about to run.",
            default=NULL,
            lifecycle=since("dundee"),
        ),
        Field(
            "compatibility_metadata",
            MapOf(str, str),
            "What tells to which cards it can move.",
            default={},
            lifecycle=since("inverness"),
        ),
        Field(
            "extra_args",
            str,
            "Further arguments for the software that emulates it.",
            access=Access.RW,
            default="",
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("quebec"),
        ),
        Field("PCI", Ref("PCI"), "The device that was passed through for it.", default=NULL, lifecycle=since("quebec")),
    ),
    messages=(
        Message(
            "create",
            "Give a halted VM a virtual GPU.",
            params=(
                Param("VM", Ref("VM"), "The VM."),
                Param("GPU_group", Ref("GPU_group"), "The group from which a card is taken."),
                Param("device", str, "Its number among the VM's virtual GPUs.", default="0"),
                Param("other_config", MapOf(str, str), "Initial `other_config`.", default={}),
                Param("type", Ref("VGPU_type"), "The kind.", default=NULL, release="vgpu-tech-preview"),
            ),
            result=Ref("VGPU"),
            result_doc="The virtual GPU.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "destroy",
            "Take the virtual GPU from a halted VM.",
            params=(Param("self", Ref("VGPU")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "atomic_set_resident_on",
            "Record on which card it runs.",
            params=(Param("self", Ref("VGPU")), Param("value", Ref("PGPU"), "The new value.")),
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
