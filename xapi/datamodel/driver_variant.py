"""Driver_variant:"""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, Message, Param, Ref, history

DRIVER_VARIANT = Class(
    "Driver_variant",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=history("prototyped 25.2.0")),
        Field("name", str, "", lifecycle=history("prototyped 25.2.0")),
        Field("driver", Ref("Host_driver"), "", lifecycle=history("prototyped 25.2.0")),
        Field("version", str, "", lifecycle=history("prototyped 25.2.0")),
        Field("hardware_present", bool, "", lifecycle=history("prototyped 25.2.0")),
        Field("priority", float, "", lifecycle=history("prototyped 25.2.0")),
        Field("status", str, "", lifecycle=history("prototyped 25.2.0")),
    ),
    messages=(
        Message(
            "select", "", params=(Param("self", Ref("Driver_variant"), ""),), lifecycle=history("prototyped 25.2.0")
        ),
    ),
    lifecycle=history("prototyped 25.2.0"),
    has_get_all=True,
)
