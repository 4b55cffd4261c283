"""Whether a password is right, checked in threads, and how long somebody who guesses has to wait."""

from __future__ import annotations

import asyncio
import logging
import pwd
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from common import config
from common.config import under_root
from xapi.auth import pam, passwords
from xapi.config import Config
from xapi.datamodel.errors import SessionAuthenticationFailed

log = logging.getLogger(__name__)

THREADS = 4
FORGET = 600.0  # seconds without a failure after which an address starts anew
ADDRESSES = 4096
WRONG = "Authentication failure"


class LoginFailed(SessionAuthenticationFailed):
    """The error with the two parameters that servers send beside its code, though it declares none."""

    user: Any
    reason: Any


class Authentication:
    """Passwords of this host's users, by PAM on a real host, else by a file below the root."""

    def __init__(self, settings: Config) -> None:
        self._by_pam = settings.authentication == "pam" or (
            settings.authentication == "auto" and str(config.root()) == "/"
        )
        self._passwords = passwords.Passwords(under_root(passwords.PATH))
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="login")
        self._delays = Delays(settings.login_delay, settings.login_delay_limit)

    async def check(self, user: str, password: str, address: str) -> None:
        """Raise SESSION_AUTHENTICATION_FAILED unless the password is right; its answer is held back, nobody else's."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._check, user, password)
        except SessionAuthenticationFailed:
            log.warning("login: failed for user %r from %s", user, address or "this host")
            await self.refused(address)
            raise
        self._delays.succeeded(address)

    async def refused(self, address: str) -> None:
        """Hold back the answer to somebody who gave a wrong secret."""
        await asyncio.sleep(self._delays.failed(address))

    async def change_password(self, user: str, password: str) -> None:
        """Set a user's password."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._change, user, password)
        log.info("password of %r: changed", user)

    def close(self) -> None:
        """End the threads; checks that run are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _check(self, user: str, password: str) -> None:
        if not self._by_pam:
            if not self._passwords.check(user, password):
                raise LoginFailed(user, WRONG)
            return
        try:
            # On a Debian machine any user has a password; only root is the host's administrator.
            if pwd.getpwnam(user).pw_uid != 0:
                raise LoginFailed(user, WRONG)
            pam.authenticate(user, password)
        except KeyError as error:
            raise LoginFailed(user, WRONG) from error
        except (pam.PamError, OSError) as error:
            raise LoginFailed(user, str(error)) from error

    def _change(self, user: str, password: str) -> None:
        if self._by_pam:
            try:
                pam.change_password(user, password)
            except (pam.PamError, OSError) as error:
                raise LoginFailed(user, str(error)) from error
        else:
            passwords.write(under_root(passwords.PATH), user, password)


class Delays:
    """How long an address waits for the answer to a wrong password: doubling with each one, up to a limit."""

    def __init__(self, first: float, limit: float) -> None:
        self._first, self._limit = first, limit
        self._failures: dict[str, tuple[int, float]] = {}

    def failed(self, address: str) -> float:
        """Seconds for this failure."""
        now = time.monotonic()
        count, last = self._failures.pop(address, (0, now))
        if now - last > FORGET:
            count = 0
        self._failures[address] = (count + 1, now)
        while len(self._failures) > ADDRESSES:
            self._failures.pop(next(iter(self._failures)))
        return min(self._limit, self._first * 2.0 ** min(count, 30))

    def succeeded(self, address: str) -> None:
        """Forget the failures of an address."""
        self._failures.pop(address, None)
