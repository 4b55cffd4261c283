"""The secret that hosts of a pool share, in `etc/xensource/ptoken`: made at the first start."""

from __future__ import annotations

import hmac
import logging
import re
from uuid import uuid4

from common.config import under_root
from xapi.auth.files import write_private

log = logging.getLogger(__name__)

PATH = "/etc/xensource/ptoken"
_FORM = re.compile(r"[0-9a-zA-Z/-]{37,}", re.ASCII)


def load() -> str:
    """The pool's secret; a missing or unusable one is made anew."""
    path = under_root(PATH)
    try:
        secret = path.read_text().strip()
    except FileNotFoundError:
        secret = ""
    if _FORM.fullmatch(secret):
        return secret
    secret = "/".join(str(uuid4()) for _ in range(3))
    write_private(path, secret.encode())
    log.info("pool secret: made at %s", path)
    return secret


def matches(given: str, secret: str) -> bool:
    """Whether a caller knows the secret; takes the same time whatever it gave."""
    return hmac.compare_digest(given.encode(), secret.encode())
