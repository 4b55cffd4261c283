from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from xapi.auth import passwords
from xapi.auth.login import Authentication, Delays, LoginFailed
from xapi.config import Config


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XAPI_ROOT", str(tmp_path))
    passwords.write(tmp_path / passwords.PATH.lstrip("/"), "root", "secret")
    return tmp_path


def test_the_delay_doubles_up_to_its_limit_for_one_address_only() -> None:
    delays = Delays(0.5, 3.0)

    assert [delays.failed("a") for _ in range(4)] == [0.5, 1.0, 2.0, 3.0]
    assert delays.failed("b") == 0.5


def test_success_forgets_the_failures() -> None:
    delays = Delays(0.5, 3.0)
    delays.failed("a")

    delays.succeeded("a")

    assert delays.failed("a") == 0.5


async def test_a_failure_names_the_user_and_holds_back_nobody_else(root: Path) -> None:
    authentication = Authentication(Config(login_delay=1.5))
    started = time.monotonic()

    wrong = asyncio.ensure_future(authentication.check("root", "wrong", "10.0.0.9"))
    await authentication.check("root", "secret", "10.0.0.1")
    right_after = time.monotonic() - started
    with pytest.raises(LoginFailed) as raised:
        await wrong

    assert right_after < 1.5 <= time.monotonic() - started
    assert raised.value.wire_code == "SESSION_AUTHENTICATION_FAILED"
    assert raised.value.params == ["root", "Authentication failure"]
    authentication.close()


async def test_a_changed_password_counts(root: Path) -> None:
    authentication = Authentication(Config(login_delay=0.0))

    await authentication.change_password("root", "new")

    await authentication.check("root", "new", "")
    with pytest.raises(LoginFailed):
        await authentication.check("root", "secret", "")
    authentication.close()
