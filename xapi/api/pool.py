"""Implementation of pool, for a pool of one host. What needs a second host is not here and answers NOT_IMPLEMENTED."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from xapi.context import Context
from xapi.control import plugins, trust
from xapi.control.blobs import create_blob
from xapi.control.brand import brand
from xapi.control.licence import NEVER
from xapi.datamodel.enums import HelloReturn, PoolGuestSecurebootReadiness, UpdateSyncFrequency
from xapi.datamodel.errors import (
    AuthIsDisabled,
    HANotEnabled,
    HostHasNoManagementIp,
    InvalidEdition,
    InvalidRepositoryProxyCredential,
    InvalidRepositoryProxyUrl,
    InvalidUpdateSyncDay,
    InvalidValue,
    NoRepositoriesConfigured,
    OperationNotAllowed,
    WlbNotInitialized,
)
from xapi.datamodel.refs import BlobRef, HostRef, NetworkRef, PoolRef, VMRef
from xapi.datamodel.types import NULL

THREADS = range(1, 1001)
WEEK_DAYS = range(7)


async def hello(ctx: Context, host_uuid: str, host_address: str) -> HelloReturn:
    """What a member asks when it starts: whether the coordinator knows it."""
    known = bool(ctx.db.host.where(uuid=host_uuid))
    return HelloReturn.OK if known else HelloReturn.UNKNOWN_HOST


async def is_slave(ctx: Context, host: HostRef) -> bool:
    ctx.db.host[host]
    return all(pool.master != host for pool in ctx.db.pool.rows())


async def recover_slaves(ctx: Context) -> Sequence[HostRef]:
    """Members that were made to follow this coordinator: there are none."""
    return ()


async def sync_database(ctx: Context) -> None:
    """Have everything on disk."""
    await ctx.db.durable()


async def designate_new_master(ctx: Context, host: HostRef) -> None:
    """The coordinator stays what it is; there is no other host it could be."""
    if host != ctx.host:
        raise OperationNotAllowed("The pool has no other host")


async def management_reconfigure(ctx: Context, network: NetworkRef) -> None:
    """Be managed through the PIF on `network`."""
    found = [pif for pif in ctx.db.pif.where(network=network, host=ctx.host)]
    if not found:
        raise HostHasNoManagementIp
    await ctx.call("host.management_reconfigure", pif=found[0].ref)


async def disable_ha(ctx: Context) -> None:
    raise HANotEnabled


async def create_new_blob(ctx: Context, pool: PoolRef, name: str, mime_type: str, public: bool) -> BlobRef:
    return create_blob(ctx.db, "pool", pool, name, mime_type, public)


async def disable_external_auth(ctx: Context, pool: PoolRef, config: Mapping[str, str]) -> None:
    raise AuthIsDisabled


async def detect_nonhomogeneous_external_auth(ctx: Context, pool: PoolRef) -> None:
    """Nothing: one host can't disagree with itself."""


async def deconfigure_wlb(ctx: Context) -> None:
    """Forget the workload balancer."""
    for pool in ctx.db.pool.rows():
        ctx.db.pool.update(pool.ref, wlb_url="", wlb_username="", wlb_enabled=False)


async def send_wlb_configuration(ctx: Context, config: Mapping[str, str]) -> None:
    raise WlbNotInitialized


async def retrieve_wlb_configuration(ctx: Context) -> Mapping[str, str]:
    raise WlbNotInitialized


async def retrieve_wlb_recommendations(ctx: Context) -> Mapping[VMRef, Sequence[str]]:
    raise WlbNotInitialized


async def certificate_install(ctx: Context, name: str, cert: str) -> None:
    trust.install(ctx.db, name, cert)


async def certificate_uninstall(ctx: Context, name: str) -> None:
    trust.uninstall(ctx.db, name)


async def certificate_list(ctx: Context) -> Sequence[str]:
    return trust.certificates()


async def install_ca_certificate(ctx: Context, name: str, cert: str) -> None:
    trust.install(ctx.db, name, cert)


async def uninstall_ca_certificate(ctx: Context, name: str, force: bool) -> None:
    trust.uninstall(ctx.db, name, force=force)


async def crl_install(ctx: Context, name: str, cert: str) -> None:
    trust.install_crl(name, cert)


async def crl_uninstall(ctx: Context, name: str) -> None:
    trust.uninstall_crl(name)


async def crl_list(ctx: Context) -> Sequence[str]:
    return trust.crls()


async def certificate_sync(ctx: Context) -> None:
    """Nothing: no other host needs the certificates."""


async def disable_client_certificate_auth(ctx: Context, self: PoolRef) -> None:
    """Nobody logs in by certificate any more."""
    ctx.db.pool.update(self, client_certificate_auth_enabled=False, client_certificate_auth_name="")


async def configure_repository_proxy(ctx: Context, self: PoolRef, url: str, username: str, password: str) -> None:
    """Raises INVALID_REPOSITORY_PROXY_URL, INVALID_REPOSITORY_PROXY_CREDENTIAL."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.path not in {"", "/"}:
        raise InvalidRepositoryProxyUrl(url)
    if bool(username) != bool(password) or "\n" in username + password:
        raise InvalidRepositoryProxyCredential
    await disable_repository_proxy(ctx, self)
    secret = ctx.db.secret.create(value=password).ref if password else NULL
    ctx.db.pool.update(
        self, repository_proxy_url=url, repository_proxy_username=username, repository_proxy_password=secret
    )


async def get_license_state(ctx: Context, self: PoolRef) -> Mapping[str, str]:
    return {"edition": brand().edition, "expiry": NEVER}


async def apply_edition(ctx: Context, self: PoolRef, edition: str) -> None:
    """There is one edition, which allows everything."""
    if edition not in {brand().edition, ""}:
        raise InvalidEdition(edition)


async def disable_ssl_legacy(ctx: Context, self: PoolRef) -> None:
    """Nothing: old protocols are never spoken."""


async def has_extension(ctx: Context, self: PoolRef, name: str) -> bool:
    return plugins.has_extension(name)


async def disable_repository_proxy(ctx: Context, self: PoolRef) -> None:
    """Forget the proxy, with the secret that is its password."""
    secret = ctx.db.pool[self].repository_proxy_password
    if secret in ctx.db.secret:
        ctx.db.secret.delete(secret)
    ctx.db.pool.update(self, repository_proxy_url="", repository_proxy_username="", repository_proxy_password=NULL)


async def set_telemetry_next_collection(ctx: Context, self: PoolRef, value: datetime) -> None:
    ctx.db.pool.update(self, telemetry_next_collection=value)


async def reset_telemetry_uuid(ctx: Context, self: PoolRef) -> None:
    """A fresh identity for telemetry, kept as a secret."""
    old = ctx.db.pool[self].telemetry_uuid
    secret = ctx.db.secret.create()
    ctx.db.secret.update(secret.ref, value=secret.uuid)
    ctx.db.pool.update(self, telemetry_uuid=secret.ref)
    if old in ctx.db.secret:
        ctx.db.secret.delete(old)


async def configure_update_sync(
    ctx: Context, self: PoolRef, update_sync_frequency: UpdateSyncFrequency, update_sync_day: int
) -> None:
    """When updates are looked for; day 0 is Sunday, and daily knows no other."""
    daily = update_sync_frequency is UpdateSyncFrequency.DAILY
    if update_sync_day not in WEEK_DAYS or (daily and update_sync_day != 0):
        raise InvalidUpdateSyncDay(update_sync_day)
    ctx.db.pool.update(self, update_sync_frequency=update_sync_frequency, update_sync_day=update_sync_day)


async def set_update_sync_enabled(ctx: Context, self: PoolRef, value: bool) -> None:
    """Raises NO_REPOSITORIES_CONFIGURED: there is nothing to look at."""
    if value and not ctx.db.pool[self].repositories:
        raise NoRepositoriesConfigured
    ctx.db.pool.update(self, update_sync_enabled=value)


async def set_local_auth_max_threads(ctx: Context, self: PoolRef, value: int) -> None:
    ctx.db.pool.update(self, local_auth_max_threads=_threads(value))


async def set_ext_auth_max_threads(ctx: Context, self: PoolRef, value: int) -> None:
    ctx.db.pool.update(self, ext_auth_max_threads=_threads(value))


def _threads(value: int) -> int:
    if value not in THREADS:
        raise InvalidValue("value", value)
    return value


async def set_ext_auth_cache_enabled(ctx: Context, self: PoolRef, value: bool) -> None:
    ctx.db.pool.update(self, ext_auth_cache_enabled=value)


async def set_ext_auth_cache_size(ctx: Context, self: PoolRef, value: int) -> None:
    if value < 1:
        raise InvalidValue("size", value)
    ctx.db.pool.update(self, ext_auth_cache_size=value)


async def set_ext_auth_cache_expiry(ctx: Context, self: PoolRef, value: int) -> None:
    if value < 1:
        raise InvalidValue("expiry", value)
    ctx.db.pool.update(self, ext_auth_cache_expiry=value)


async def get_guest_secureboot_readiness(ctx: Context, self: PoolRef) -> PoolGuestSecurebootReadiness:
    """Whether guests can boot securely: not without certificates."""
    row = ctx.db.pool[self]
    if row.uefi_certificates or row.custom_uefi_certificates:
        return PoolGuestSecurebootReadiness.READY
    return PoolGuestSecurebootReadiness.NOT_READY


async def audit_log_append(ctx: Context, line: str) -> None:
    """A member tells what it did."""
    if ctx.shared.audit is not None:
        ctx.shared.audit.append(line)
