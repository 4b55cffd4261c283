"""Settings of xapi."""

from __future__ import annotations

from dataclasses import dataclass

from common.config import setting


@dataclass(frozen=True)
class Config:
    """xapi: the XenAPI of one host."""

    address: str = setting("0.0.0.0", "address of the plain HTTP listener; empty for none")  # noqa: S104
    port: int = setting(80, "port of the plain HTTP listener", minimum=0)
    authentication: str = setting("auto", "pam, file (salted hashes below the root) or auto: pam when the root is /")
    login_delay: float = setting(0.5, "seconds a first failed login of an address is held back, doubling", minimum=0)
    login_delay_limit: float = setting(5.0, "longest such delay, in seconds", minimum=0)
    max_body: int = setting(300 * 1024, "bytes of an RPC request", minimum=1024)
    max_header: int = setting(8190, "bytes of one header line", minimum=256)
    header_timeout: float = setting(60.0, "seconds in which a request must have arrived", minimum=0.1)
    keepalive: float = setting(900.0, "seconds an idle connection stays open", minimum=1)
    connections: int = setting(800, "connections of each listener", minimum=1)
    gc_interval: float = setting(30.0, "seconds between collections of what nobody needs", minimum=0.1)
