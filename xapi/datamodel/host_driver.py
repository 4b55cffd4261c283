"""Host_driver: a driver of a host that comes in several variants."""

from __future__ import annotations

from xapi.datamodel.types import NULL, Access, Class, Field, Message, Param, Ref, SetOf, history

HOST_DRIVER = Class(
    "Host_driver",
    "A driver of a host that comes in several variants.",
    fields=(
        Field(
            "uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=history("prototyped 25.2.0")
        ),
        Field(
            "host",
            Ref("host"),
            "The host.",
            access=Access.STATIC_RO,
            default=NULL,
            lifecycle=history("prototyped 25.2.0"),
        ),
        Field("name", str, "Name of the driver.", lifecycle=history("prototyped 25.2.0")),
        Field("friendly_name", str, "Name for people.", lifecycle=history("prototyped 25.2.0")),
        Field("variants", SetOf(Ref("Driver_variant")), "The variants.", lifecycle=history("prototyped 25.2.0")),
        Field(
            "active_variant",
            Ref("Driver_variant"),
            "The variant that is loaded.",
            lifecycle=history("prototyped 25.2.0"),
        ),
        Field(
            "selected_variant",
            Ref("Driver_variant"),
            "The variant that is loaded from the next boot on.",
            lifecycle=history("prototyped 25.2.0"),
        ),
        Field("type", str, "What kind of devices it drives.", lifecycle=history("prototyped 25.2.0")),
        Field("description", str, "What it is for.", lifecycle=history("prototyped 25.2.0")),
        Field("info", str, "Where to read more.", lifecycle=history("prototyped 25.2.0")),
    ),
    messages=(
        Message(
            "select",
            "Load a variant from the next boot on.",
            params=(Param("self", Ref("Host_driver")), Param("variant", Ref("Driver_variant"), "The variant.")),
            lifecycle=history("prototyped 25.2.0"),
        ),
        Message(
            "deselect",
            "Load no chosen variant from the next boot on.",
            params=(Param("self", Ref("Host_driver")),),
            lifecycle=history("prototyped 25.2.0"),
        ),
        Message(
            "rescan",
            "Look for drivers with several variants.",
            params=(Param("host", Ref("host"), "The host."),),
            lifecycle=history("prototyped 25.2.0"),
        ),
    ),
    lifecycle=history("prototyped 25.2.0"),
    has_get_all=True,
)
