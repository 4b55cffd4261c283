"""Passwords of a development host: salted hashes in a file below its root. `python -m xapi.auth.passwords --help`."""

from __future__ import annotations

import argparse
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec

from common.config import under_root
from xapi.auth.files import write_private

PATH = "/etc/xapi-toolstack/users.json"
COST = 2**14
BLOCK = 8


class Hash(msgspec.Struct):
    """One user's password, by scrypt."""

    salt: bytes
    hash: bytes
    cost: int = COST
    block: int = BLOCK


class Passwords:
    """The users in one file. A password that was right is remembered as a keyed digest, so a repetition is cheap."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = secrets.token_bytes(32)
        self._right: dict[str, bytes] = {}
        self._stamp: tuple[int, int] | None = None
        self._users: dict[str, Hash] = {}

    def check(self, user: str, password: str) -> bool:
        """Whether the user exists and this is the password. Takes tens of milliseconds: call it in a thread."""
        self._refresh()
        digest = hmac.digest(self._key, f"{user}\0{password}".encode(), "sha256")
        if hmac.compare_digest(self._right.get(user, b""), digest):
            return True
        # An unknown user costs the same time as a wrong password.
        known = self._users.get(user)
        entry = known or Hash(b"\0" * 16, b"")
        right = hmac.compare_digest(_scrypt(password, entry), entry.hash) and known is not None
        if right:
            self._right[user] = digest
        return right

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._users, self._right, self._stamp = {}, {}, None
            return
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp:
            self._users, self._right, self._stamp = _read(self._path), {}, stamp


def write(path: Path, user: str, password: str) -> None:
    """Set a user's password, keeping the others'."""
    users = _read(path) if path.exists() else {}
    entry = Hash(os.urandom(16), b"")
    entry.hash = _scrypt(password, entry)
    write_private(path, msgspec.json.encode(users | {user: entry}))


def _read(path: Path) -> dict[str, Hash]:
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Hash])


def _scrypt(password: str, entry: Hash) -> bytes:
    return hashlib.scrypt(password.encode(), salt=entry.salt, n=entry.cost, r=entry.block, p=1, dklen=32)


def main(argv: Sequence[str] | None = None) -> None:
    """Write a user's hash below a root."""
    parser = argparse.ArgumentParser(prog="xapi.auth.passwords", description=main.__doc__)
    parser.add_argument("--root", default=None, help="the host's root; XAPI_ROOT by default")
    parser.add_argument("--user", default="root")
    parser.add_argument("--password-file", required=True, help="a file whose first line is the password")
    given = parser.parse_args(argv)
    lines = Path(given.password_file).read_text().splitlines()
    if not lines or not lines[0]:
        parser.error(f"{given.password_file} holds no password")
    path = under_root(PATH) if given.root is None else Path(given.root) / PATH.lstrip("/")
    write(path, given.user, lines[0])


if __name__ == "__main__":
    main()
