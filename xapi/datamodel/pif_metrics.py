"""PIF_metrics: what is known of the link of a physical interface."""

from __future__ import annotations

from datetime import datetime

from xapi.datamodel.types import Access, Class, Field, MapOf, Role, history, since

PIF_METRICS = Class(
    "PIF_metrics",
    "What is known of the link of a physical interface.",
    fields=(
        Field("uuid", str, "Identifies the object for good, here and elsewhere.", lifecycle=since("rio")),
        Field(
            "io_read_kbs",
            float,
            "Reading speed in KiB/s; always 0, ask the data sources instead.",
            default=0.0,
            db_name="io__read_kbs",
            persist=False,
            lifecycle=history("published rio", "deprecated tampa", "removed tampa"),
        ),
        Field(
            "io_write_kbs",
            float,
            "Writing speed in KiB/s; always 0, ask the data sources instead.",
            default=0.0,
            db_name="io__write_kbs",
            persist=False,
            lifecycle=history("published rio", "deprecated tampa", "removed tampa"),
        ),
        Field("carrier", bool, "There is a link.", lifecycle=since("rio")),
        Field("vendor_id", str, "Number of the card's vendor.", lifecycle=since("rio")),
        Field("vendor_name", str, "Name of the card's vendor.", lifecycle=since("rio")),
        Field("device_id", str, "Number of the card's model.", lifecycle=since("rio")),
        Field("device_name", str, "Name of the card's model.", lifecycle=since("rio")),
        Field("speed", int, "Speed of the link in Mbit/s; 0 if unknown.", lifecycle=since("rio")),
        Field("duplex", bool, "Both directions work at once.", lifecycle=since("rio")),
        Field("pci_bus_path", str, "The card's place on the PCI bus.", lifecycle=since("rio")),
        Field("last_updated", datetime, "When the values were last refreshed.", lifecycle=since("rio")),
        Field(
            "other_config",
            MapOf(str, str),
            "Settings and notes of clients; a few keys change how the server behaves.",
            access=Access.RW,
            default={},
            writers=(Role.POOL_OPERATOR,),
            lifecycle=since("orlando"),
        ),
    ),
    roles=(Role.POOL_OPERATOR,),
    lifecycle=since("rio"),
    has_get_all=True,
)
