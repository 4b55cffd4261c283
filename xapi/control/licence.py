"""The licence: everything is allowed, for ever. Clients read it as a map of restrictions."""

from __future__ import annotations

from collections.abc import Mapping

from xapi.datamodel.licensing import FEATURES

NEVER = "never"


def restrictions() -> Mapping[str, str]:
    """What `pool.restrictions` shows: no restriction at all."""
    return {feature.key: str(feature.positive).lower() for feature in FEATURES}


def license_params() -> Mapping[str, str]:
    """What `host.license_params` shows."""
    return {"expiry": NEVER, "license_type": "free", **restrictions()}
