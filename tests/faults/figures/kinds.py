"""The kinds of transient faults, as of GitHub's API and of the storage that a report's files are on."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from faults.figures.ground import head
from support.clock import NOW
from support.faulty import Behaviours
from support.packing import compress

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from support.faulty import Behaviour

DAY = b'[{"day": "2026-11-12", "total_suggestions_count": 3, "breakdown": null}]'
LINE = b'{"day": "2026-11-12", "daily_active_users": 3, "user_initiated_interaction_count": 5}\n'
_RESET = str(int(NOW.timestamp()) + 2)


class Drip:
    """Send a head, and then a byte each tenth of a second for as long as the client stays."""

    def __init__(self, begin: bytes) -> None:
        self._begin = begin

    def __call__(self, connection: socket.socket) -> None:
        connection.sendall(self._begin)
        while True:
            time.sleep(0.1)
            connection.sendall(b"x")


def of_both(body: bytes) -> dict[str, Callable[[], Behaviour]]:
    """Make the faults that an answer of the API with this body and a file can have; each call makes one anew."""
    reply = Behaviours.reply
    chunked = head("Transfer-Encoding: chunked") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    return {
        **{str(status): partial(reply, status, b"") for status in (500, 502, 503, 504, 408)},
        "429, Retry-After 0": lambda: reply(429, b"{}", Retry_After="0"),
        "429, Retry-After 1": lambda: reply(429, b"{}", Retry_After="1"),
        "reset": lambda: Behaviours.reset,
        "closed": lambda: b"",
        "garbage": lambda: b"SSH-2.0-OpenSSH_9.6\r\n",
        "half a head": lambda: b"HTTP/1.1 200 OK\r\nContent-Type: app",
        "hang before the head": Behaviours.hang,
        "hang in the body": lambda: Behaviours.hang(head(f"Content-Length: {len(body)}") + body[:-9]),
        "short of its length": lambda: head(f"Content-Length: {len(body)}") + body[:-1],
        "cut chunks": lambda: chunked[:-5],
        "cut gzip": lambda: head("Content-Encoding: gzip") + compress(body)[:-1],
        "web page": lambda: reply(200, b"<html>please log in</html>", Content_Type="text/html"),
        "wrong Content-MD5": lambda: reply(200, body, Content_MD5="CY9rzUYh03PK3k6DJie09g=="),
        "no end": lambda: head() + body[: len(body) // 2],
    }


def of_answers() -> dict[str, Callable[[], Behaviour]]:
    """Make the faults that an answer of the API can have."""
    reply = Behaviours.reply
    limited = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": _RESET}
    return of_both(DAY) | {
        "403, Retry-After": lambda: reply(403, b"{}", Retry_After="1"),
        "403, none remaining": lambda: reply(403, b"{}", **limited),
        "empty": lambda: reply(200, b""),
    }
