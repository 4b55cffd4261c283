"""vdi_nbd_server_info:"""

from __future__ import annotations

from xapi.datamodel.types import Class, Field, Role, since

VDI_NBD_SERVER_INFO = Class(
    "vdi_nbd_server_info",
    "",
    fields=(
        Field("exportname", str, "", lifecycle=since("inverness")),
        Field("address", str, "", lifecycle=since("inverness")),
        Field("port", int, "", lifecycle=since("inverness")),
        Field("cert", str, "", lifecycle=since("inverness")),
        Field("subject", str, "", lifecycle=since("inverness")),
    ),
    roles=(Role.LOCAL_ROOT,),
    lifecycle=since("inverness"),
    persist=False,
    in_database=False,
    events=False,
)
