"""LVHD:"""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, Message, Param, Ref, since

LVHD = Class(
    "LVHD",
    "",
    fields=(Field("uuid", str, "", lifecycle=since("rio")),),
    messages=(
        Message(
            "enable_thin_provisioning",
            "",
            params=(
                Param("host", Ref("host"), ""),
                Param("SR", Ref("SR"), ""),
                Param("initial_allocation", int, ""),
                Param("allocation_quantum", int, ""),
            ),
            result=str,
            result_doc="",
            lifecycle=since("dundee"),
            host_extension="LVHD.enable_thin_provisioning",
        ),
    ),
    lifecycle=since("dundee"),
)
