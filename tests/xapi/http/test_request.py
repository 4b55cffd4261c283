from __future__ import annotations

from xapi.http.request import cookies, query_of


def test_cookies_may_be_separated_by_ampersands_and_are_decoded() -> None:
    assert cookies("session_id=OpaqueRef%3aa; x=1&y=2") == {"session_id": "OpaqueRef:a", "x": "1", "y": "2"}


def test_a_query_keeps_plus_signs_and_commas() -> None:
    assert query_of("since=2026+1&a=b%20c&k=v1,v2&flag") == {"since": "2026+1", "a": "b c", "k": "v1,v2", "flag": ""}
