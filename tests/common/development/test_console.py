from __future__ import annotations

import socket
import threading
import time

from common.development import console


def test_lines_are_shown_until_the_prompt() -> None:
    ours, guests = socket.socketpair()
    shown: list[str] = []
    guests.sendall(b"\x1b[2J\x1b[0mBooting\r\n\r\n\xff\xfeKernel ok\r\ndemo login: ")

    assert console.show_until(ours, b"demo login:", 5, shown.append)

    assert shown == ["Booting", "Kernel ok", "demo login:"]


def test_a_prompt_that_was_shown_before_is_asked_for_again() -> None:
    ours, guests = socket.socketpair()

    def guest() -> None:
        assert guests.recv(16) == b"\r"
        guests.sendall(b"\r\ndemo login: ")

    answering = threading.Thread(target=guest)
    answering.start()
    assert console.show_until(ours, b"demo login:", 10, lambda _line: None)
    answering.join(5)


def test_a_silent_guest_is_given_up_in_time() -> None:
    ours, _guests = socket.socketpair()
    started = time.monotonic()
    assert not console.show_until(ours, b"demo login:", 0.2, lambda _line: None)
    assert time.monotonic() - started < 2


def test_a_closed_console_ends_the_wait() -> None:
    ours, guests = socket.socketpair()
    guests.sendall(b"half a line")
    guests.close()
    assert not console.show_until(ours, b"demo login:", 60, lambda _line: None)
