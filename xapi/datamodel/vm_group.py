"""VM_group: vMs whose placement on hosts is decided with regard to each other."""

from __future__ import annotations

from xapi.datamodel.enums import PlacementPolicy
from xapi.datamodel.types import Access, Class, Field, Ref, Role, SetOf, history, since

VM_GROUP = Class(
    "VM_group",
    "VMs whose placement on hosts is decided with regard to each other.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            access=Access.RW,
            default="",
            db_name="name__label",
            writers=(Role.VM_ADMIN,),
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            access=Access.RW,
            default="",
            db_name="name__description",
            writers=(Role.VM_ADMIN,),
            lifecycle=since("rio"),
        ),
        Field(
            "placement",
            PlacementPolicy,
            "How the members are spread over hosts.",
            access=Access.STATIC_RO,
            default=PlacementPolicy.NORMAL,
            lifecycle=history("prototyped 24.19.1"),
        ),
        Field("VMs", SetOf(Ref("VM")), "The members.", lifecycle=history("prototyped 24.19.1")),
    ),
    roles=(Role.VM_ADMIN,),
    lifecycle=history("prototyped 24.19.1"),
    has_get_all=True,
    constructor=True,
)
