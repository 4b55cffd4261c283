"""vdi_nbd_server_info: how to read a disk over NBD."""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, Role, since

VDI_NBD_SERVER_INFO = Class(
    "vdi_nbd_server_info",
    "How to read a disk over NBD.",
    fields=(
        Field("exportname", str, "The name to ask for; it holds a secret.", lifecycle=since("inverness")),
        Field("address", str, "Address of the server.", lifecycle=since("inverness")),
        Field("port", int, "Port of the server.", lifecycle=since("inverness")),
        Field("cert", str, "Certificate of the server.", lifecycle=since("inverness")),
        Field("subject", str, "Name for which the certificate was made.", lifecycle=since("inverness")),
    ),
    roles=(Role.LOCAL_ROOT,),
    lifecycle=since("inverness"),
    persist=False,
    in_database=False,
    events=False,
)
