"""What one request brings: an answer, whole or as a stream, or an error of the network."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

Responder = Callable[[str, str, Mapping[str, str]], tuple[int, Mapping[str, str], bytes]]
"""Answers a request in place of the network: from host, path with query, and headers to status, headers and body."""


class TransportError(Exception):
    """One attempt brought no answer; `final` if another can't end differently."""

    def __init__(self, reason: str, *, final: bool = False, hint: str = "try again later") -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.hint = hint


class InvalidUrl(Exception):
    """What should be a URL isn't one."""


class ForbiddenAddress(Exception):
    """A name stands for addresses that must not be connected to."""


class HttpResponse(NamedTuple):
    """A whole answer: status, headers with lower-case names, and the inflated body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def message(self) -> str:
        """GitHub's own words in an error answer, as they came, or nothing."""
        try:
            payload = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        message = payload.get("message") if isinstance(payload, dict) else None
        return message if isinstance(message, str) else ""


class StreamedResponse(NamedTuple):
    """An answer whose body is still to come, as raw chunks; reading them raises TransportError."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]
    close: Callable[[], None]
