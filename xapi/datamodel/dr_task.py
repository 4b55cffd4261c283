"""DR_task: the recovery of what was replicated to another pool's storage."""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

DR_TASK = Class(
    "DR_task",
    "The recovery of what was replicated to another pool's storage.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field("introduced_SRs", SetOf(Ref("SR")), "Repositories that were introduced for it.", lifecycle=since("rio")),
    ),
    messages=(
        Message(
            "create",
            "Introduce the repositories with replicated databases that can be found.",
            params=(
                Param("type", str, "The kind."),
                Param("device_config", MapOf(str, str), "Settings for the storage driver on this host."),
                Param("whitelist", SetOf(str), "UUIDs of repositories that may be introduced; empty for all."),
            ),
            result=Ref("DR_task"),
            result_doc="The task.",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "destroy",
            "Forget the repositories again, unless something uses them.",
            params=(Param("self", Ref("DR_task")),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("boston"),
    has_get_all=True,
)
