"""DR_task:"""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, MapOf, Message, Param, Ref, Role, SetOf, since

DR_TASK = Class(
    "DR_task",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("introduced_SRs", SetOf(Ref("SR")), "", lifecycle=since("rio")),
    ),
    messages=(
        Message(
            "create",
            "",
            params=(
                Param("type", str, ""),
                Param("device_config", MapOf(str, str), ""),
                Param("whitelist", SetOf(str), ""),
            ),
            result=Ref("DR_task"),
            result_doc="",
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
        Message(
            "destroy",
            "",
            params=(Param("self", Ref("DR_task"), ""),),
            roles=(Role.POOL_OPERATOR,),
            lifecycle=since("boston"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("boston"),
    has_get_all=True,
)
