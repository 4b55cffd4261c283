"""SM:"""

from __future__ import annotations

from xapi.datamodel.enums import ImageFormatType
from xapi.datamodel.types import Access, Class, Field, MapOf, Ref, Role, SetOf, history, since

SM = Class(
    "SM",
    "",
    fields=(
        Field("uuid", str, "", lifecycle=since("rio")),
        Field("name_label", str, "", default="", db_name="name__label", lifecycle=since("rio")),
        Field("name_description", str, "", default="", db_name="name__description", lifecycle=since("rio")),
        Field("type", str, "", lifecycle=since("rio")),
        Field("vendor", str, "", lifecycle=since("rio")),
        Field("copyright", str, "", lifecycle=since("rio")),
        Field("version", str, "", lifecycle=since("rio")),
        Field("required_api_version", str, "", lifecycle=since("rio")),
        Field("configuration", MapOf(str, str), "", lifecycle=since("rio")),
        Field(
            "capabilities", SetOf(str), "", default=(), lifecycle=history("published miami", "deprecated clearwater")
        ),
        Field(
            "features", MapOf(str, int), "", default={}, lifecycle=history("published clearwater", "changed 24.37.0")
        ),
        Field(
            "host_pending_features",
            MapOf(Ref("host"), SetOf(str)),
            "",
            default={},
            internal=True,
            lifecycle=history("prototyped 24.37.0"),
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
        Field("driver_filename", str, "", default="", lifecycle=since("orlando")),
        Field("required_cluster_stack", SetOf(str), "", default=(), lifecycle=since("dundee")),
        Field(
            "supported_image_formats", SetOf(ImageFormatType), "", default=(), lifecycle=history("prototyped 26.15.0")
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("rio"),
    has_get_all=True,
)
