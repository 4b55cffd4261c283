"""What clients are told that this host runs: they switch features on by these words, so all are settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from common.config import load, setting
from common.daemon import version
from xapi.datamodel import API_VERSION, SCHEMA_VERSION


@dataclass(frozen=True)
class Brand:
    """brand: the product that clients take this host for."""

    product_brand: str = setting("XCP-ng", "product name")
    product_version: str = setting("8.3.0", "product version, three numbers")
    product_version_text: str = setting("8.3", "product version as shown")
    product_version_text_short: str = setting("8.3", "product version as shown where space is short")
    platform_name: str = setting("XCP", "platform name")
    platform_version: str = setting("3.4.0", "platform version, three numbers")
    build_number: str = setting("release", "build")
    git_id: str = setting("0", "commit")
    date: str = setting("20261101T00:00:00Z", "date of the release")
    xapi: str = setting("26.17", "version of the toolstack that this one answers like")
    xapi_build: str = setting("26.17.0", "the same, with the third number")
    xen: str = setting("4.17", "hypervisor version shown on a host without Xen")
    dbv: str = setting("2026.0101", "version of the database rules")
    vendor: str = setting("XenSource", "API vendor")
    edition: str = setting("xcp-ng", "licence edition")


@cache
def brand() -> Brand:
    """The settings of this host: `etc/xapi-toolstack/brand.toml`."""
    return load(Brand, "brand")


def software_version(brand: Brand, *, hypervisor: str, backend: str, linux: str, network: str) -> Mapping[str, str]:
    """`host.software_version`; `hypervisor` is name and version, like `Xen 4.17.5`. Keys without a value are left out.

    Our own name and version stand under keys of our own: `toolstack`, `toolstack_version`, `hypervisor`, `backend`.
    """
    api = ".".join(map(str, API_VERSION))
    name, _, number = hypervisor.partition(" ")
    found = {
        "product_version": brand.product_version,
        "product_version_text": brand.product_version_text,
        "product_version_text_short": brand.product_version_text_short,
        "platform_name": brand.platform_name,
        "platform_version": brand.platform_version,
        "product_brand": brand.product_brand,
        "xapi": brand.xapi,
        "build_number": brand.build_number,
        "git_id": brand.git_id,
        "hostname": "localhost",
        "date": brand.date,
        "dbv": brand.dbv,
        "xapi_build": brand.xapi_build,
        "xen": number if name.lower() == "xen" else brand.xen,
        "linux": linux,
        "xencenter_min": api,
        "xencenter_max": api,
        "network_backend": network,
        "db_schema": ".".join(map(str, SCHEMA_VERSION)),
        "toolstack": "xapi-toolstack",
        "toolstack_version": version(),
        "hypervisor": hypervisor,
        "backend": backend,
    }
    return {key: value for key, value in found.items() if value}
