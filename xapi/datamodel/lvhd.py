"""LVHD: settings of storage on logical volumes."""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, Message, Param, Ref, since

LVHD = Class(
    "LVHD",
    "Settings of storage on logical volumes.",
    fields=(Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),),
    messages=(
        Message(
            "enable_thin_provisioning",
            "Turn a repository into a thinly provisioned one.",
            params=(
                Param("host", Ref("host"), "The host."),
                Param("SR", Ref("SR"), "The storage repository."),
                Param("initial_allocation", int, "Bytes that a new disk takes."),
                Param("allocation_quantum", int, "Bytes by which it grows."),
            ),
            result=str,
            result_doc="What the driver said.",
            lifecycle=since("dundee"),
            host_extension="LVHD.enable_thin_provisioning",
        ),
    ),
    lifecycle=since("dundee"),
)
