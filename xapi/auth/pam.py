"""Passwords of a real host, by PAM: pam_start(3), pam_authenticate(3), pam_chauthtok(3) through ctypes.

Calls block: they belong in a thread. `import` loads nothing.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

SERVICE = b"xapi"
SUCCESS = 0
_PROMPT_ECHO_OFF = 1
_PROMPT_ECHO_ON = 2
_CONV_ERR = 19


class PamError(Exception):
    """PAM refused; the text is its own."""


class _Message(ctypes.Structure):
    _fields_ = (("style", ctypes.c_int), ("text", ctypes.c_char_p))


class _Response(ctypes.Structure):
    _fields_ = (("text", ctypes.c_void_p), ("code", ctypes.c_int))


_Conversation = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_int,
    ctypes.POINTER(ctypes.POINTER(_Message)),
    ctypes.POINTER(ctypes.POINTER(_Response)),
    ctypes.c_void_p,
)


class _Conv(ctypes.Structure):
    _fields_ = (("function", _Conversation), ("data", ctypes.c_void_p))


def authenticate(user: str, password: str) -> None:
    """Raise `PamError` unless this is the password of a user whose account may be used."""
    with _session(user, password) as (library, handle):
        _check(library, handle, library.pam_authenticate(handle, 0))
        _check(library, handle, library.pam_acct_mgmt(handle, 0))


def change_password(user: str, password: str) -> None:
    """Set a user's password, as root may. Raises `PamError`."""
    with _session(user, password) as (library, handle):
        _check(library, handle, library.pam_chauthtok(handle, 0))


@contextmanager
def _session(user: str, password: str) -> Iterator[tuple[Any, ctypes.c_void_p]]:
    library = _library()
    conversation = _Conv(_answering(password), None)
    handle = ctypes.c_void_p()
    code = library.pam_start(SERVICE, user.encode(), ctypes.byref(conversation), ctypes.byref(handle))
    if code != SUCCESS:
        raise PamError(f"pam_start: {code}")
    last = SUCCESS
    try:
        yield library, handle
    except PamError:
        last = 1
        raise
    finally:
        library.pam_end(handle, last)


def _answering(password: str) -> Callable[..., int]:
    secret = password.encode()
    libc = _libc()

    def converse(count: int, messages: Any, responses: Any, _data: Any) -> int:
        # PAM frees the array and each text with free(3).
        array = libc.calloc(count, ctypes.sizeof(_Response))
        if not array:
            return _CONV_ERR
        answers = ctypes.cast(array, ctypes.POINTER(_Response))
        for index in range(count):
            if messages[index].contents.style in (_PROMPT_ECHO_OFF, _PROMPT_ECHO_ON):
                answers[index].text = libc.strdup(secret)
        responses[0] = answers
        return SUCCESS

    made: Callable[..., int] = _Conversation(converse)
    return made


def _check(library: Any, handle: ctypes.c_void_p, code: int) -> None:
    if code != SUCCESS:
        raise PamError(library.pam_strerror(handle, code).decode(errors="replace"))


@cache
def _library() -> Any:
    library = ctypes.CDLL(ctypes.util.find_library("pam") or "libpam.so.0")
    library.pam_start.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p]
    for name in ("pam_authenticate", "pam_acct_mgmt", "pam_chauthtok", "pam_end"):
        getattr(library, name).argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.pam_strerror.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.pam_strerror.restype = ctypes.c_char_p
    return library


@cache
def _libc() -> Any:
    libc = ctypes.CDLL(None)
    libc.calloc.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
    libc.calloc.restype = ctypes.c_void_p
    libc.strdup.argtypes = [ctypes.c_char_p]
    libc.strdup.restype = ctypes.c_void_p
    return libc
