"""SM: a driver for storage repositories."""

from __future__ import annotations

from xapi.datamodel.enums import ImageFormatType
from xapi.datamodel.types import Access, Class, Field, MapOf, Ref, Role, SetOf, history, since

SM = Class(
    "SM",
    "A driver for storage repositories.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "name_label",
            str,
            "A name for people; it need not be unique.",
            default="",
            db_name="name__label",
            lifecycle=since("rio"),
        ),
        Field(
            "name_description",
            str,
            "A longer text for people.",
            default="",
            db_name="name__description",
            lifecycle=since("rio"),
        ),
        Field("type", str, "The type of repositories that it serves.", lifecycle=since("rio")),
        Field("vendor", str, "Who made it.", lifecycle=since("rio")),
        Field("copyright", str, "Whose it is.", lifecycle=since("rio")),
        Field("version", str, "Its version.", lifecycle=since("rio")),
        Field(
            "required_api_version", str, "The version of the storage interface that it speaks.", lifecycle=since("rio")
        ),
        Field(
            "configuration", MapOf(str, str), "What `device_config` can say, with explanations.", lifecycle=since("rio")
        ),
        Field(
            "capabilities",
            SetOf(str),
            "What it can do; superseded by `features`.",
            default=(),
            lifecycle=history("published miami", "deprecated clearwater"),
        ),
        Field(
            "features",
            MapOf(str, int),
            "What it can do, each with a version.",
            default={},
            lifecycle=history("published clearwater", "changed 24.37.0"),
        ),
        Field(
            "host_pending_features",
            MapOf(Ref("host"), SetOf(str)),
            "Features that some hosts lack yet.",
            default={},
            internal=True,
            lifecycle=history("prototyped 24.37.0"),
        ),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("miami"),
        ),
        Field("driver_filename", str, "The file that is run.", default="", lifecycle=since("orlando")),
        Field(
            "required_cluster_stack",
            SetOf(str),
            "The clustering software that it can work with; empty if it needs none.",
            default=(),
            lifecycle=since("dundee"),
        ),
        Field(
            "supported_image_formats",
            SetOf(ImageFormatType),
            "Formats of images that it can write, the preferred one first.",
            default=(),
            lifecycle=history("prototyped 26.15.0"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("rio"),
    has_get_all=True,
)
