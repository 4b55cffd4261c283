"""VM_group:"""

from __future__ import annotations

from xapi.datamodel.enums import PlacementPolicy
from xapi.datamodel.types import Access, Class, Field, Ref, Role, SetOf, history, since

VM_GROUP = Class(
    "VM_group",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field(
            "name_label",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__label",
            writers=(Role.VM_ADMIN,),
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "",
            access=Access.RW,
            default="",
            db_name="name__description",
            writers=(Role.VM_ADMIN,),
            lifecycle=since("rio"),
        ),
        Field(
            "placement",
            PlacementPolicy,
            "",
            access=Access.STATIC_RO,
            default=PlacementPolicy.NORMAL,
            lifecycle=history("prototyped 24.19.1"),
        ),
        Field("VMs", SetOf(Ref("VM")), "", lifecycle=history("prototyped 24.19.1")),
    ),
    roles=(Role.VM_ADMIN,),
    lifecycle=history("prototyped 24.19.1"),
    has_get_all=True,
    constructor=True,
)
