"""Answers that are no RPC: the small HTML pages of errors, and an answer's bytes as the original lays them out."""

from __future__ import annotations

import html
from collections.abc import Mapping

NO_CACHE = "no-cache, no-store"

REASONS: Mapping[int, str] = {
    200: "OK",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorised",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    413: "Payload Too Large",
    431: "Request Header Fields Too Large",
    500: "Internal Error",
    501: "Method not implemented",
    503: "Service Unavailable",
}

_TEXTS: Mapping[int, tuple[str, str]] = {
    400: ("bad request", "The server did not understand the request."),
    401: ("unauthorised", "These credentials are missing or wrong."),
    403: ("forbidden", "This is not for you, or not there."),
    404: ("not found", "There is nothing at this path."),
    408: ("request timeout", "The request did not arrive in time."),
    413: ("payload too large", "The request is larger than is accepted."),
    431: ("request header fields too large", "A header of the request is longer than is accepted."),
    500: ("internal server error", "The request could not be carried out."),
    501: ("method not implemented", "The server does not know this method."),
    503: ("service unavailable", "The server can't do this at the moment."),
}


class HttpError(Exception):
    """Ends a request with an error page."""

    def __init__(self, status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {detail}")
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def page(status: int, detail: str = "") -> bytes:
    """The body of an error."""
    title, text = _TEXTS[status]
    more = f"<h1> Additional information </h1>{html.escape(detail)}" if detail else ""
    return f"<html><body><h1>HTTP {status} {title}</h1>{text}{more}</body></html>".encode()


def head(
    status: int, length: int | None, headers: Mapping[str, str], *, keep_alive: bool = False, version: str = "1.1"
) -> bytes:
    """Status line and headers; without a length the body ends with the connection."""
    lines = [f"HTTP/{version} {status} {REASONS[status]}"]
    if length is not None:
        lines.append(f"content-length: {length}")
    lines.append(f"connection: {'keep-alive' if keep_alive else 'close'}")
    lines.append(f"cache-control: {NO_CACHE}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def error(status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> bytes:
    """A whole error response, after which the connection is closed."""
    body = page(status, detail)
    return head(status, len(body), {"content-type": "text/html", **(headers or {})}) + body
