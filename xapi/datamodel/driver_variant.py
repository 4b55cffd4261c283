"""Driver_variant: one variant of a driver."""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, Message, Param, Ref, history

DRIVER_VARIANT = Class(
    "Driver_variant",
    "One variant of a driver.",
    fields=(
        Field(
            "uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=history("prototyped 25.2.0")
        ),
        Field("name", str, "Name of the variant.", lifecycle=history("prototyped 25.2.0")),
        Field("driver", Ref("Host_driver"), "The driver.", lifecycle=history("prototyped 25.2.0")),
        Field("version", str, "Its version.", lifecycle=history("prototyped 25.2.0")),
        Field("hardware_present", bool, "The host has hardware for it.", lifecycle=history("prototyped 25.2.0")),
        Field(
            "priority", float, "The variant with the highest is recommended.", lifecycle=history("prototyped 25.2.0")
        ),
        Field("status", str, "How mature it is.", lifecycle=history("prototyped 25.2.0")),
    ),
    messages=(
        Message(
            "select",
            "Load this variant from the next boot on.",
            params=(Param("self", Ref("Driver_variant")),),
            lifecycle=history("prototyped 25.2.0"),
        ),
    ),
    lifecycle=history("prototyped 25.2.0"),
    has_get_all=True,
)
