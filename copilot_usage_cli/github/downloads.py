"""Read the files that signed links lead to: on other hosts, without the token, and as they arrive.

The query of such a link is a secret: it is never printed, logged or stored.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urljoin, urlsplit

from copilot_usage_cli import __version__
from copilot_usage_cli.errors import CopilotUsageError, NotUnderstood
from copilot_usage_cli.github.address import is_loopback
from copilot_usage_cli.github.answer import Answer
from copilot_usage_cli.github.body import CutShort
from copilot_usage_cli.github.documents import documents
from copilot_usage_cli.github.http import Failed, NoUrl, Stream, Wire
from copilot_usage_cli.github.retry import Passing, Waiting

if TYPE_CHECKING:
    import httpx

_HEADERS = {"Accept-Encoding": "gzip", "User-Agent": f"copilot-usage-cli/{__version__}"}
_REDIRECTS = frozenset({301, 302, 307, 308})
_MOST_REDIRECTS = 3
_EXPIRED = frozenset({401, 403, 404, 410})


class Expired(Exception):
    """The storage refuses a link, which mostly means that its time is over."""

    def __init__(self, netloc: str, status: int) -> None:
        super().__init__(status)
        self.netloc = netloc
        self.status = status


class Downloads:
    """Downloads of one run. Use it as a context manager; safe to share between threads."""

    def __init__(
        self,
        timeout: float,
        waiting: Waiting,
        trace: Callable[[str], None],
        transport: "httpx.BaseTransport | None" = None,
    ) -> None:
        self._timeout = timeout
        self._waiting = waiting
        self._trace = trace
        self._transport = transport
        self._wires: dict[bool, Wire] = {}
        self._lock = Lock()

    def close(self) -> None:
        """Close all connections."""
        for wire in self._wires.values():
            wire.close()

    def documents(self, link: str, whose: str) -> Iterator[Any]:
        """Yield the JSON documents of a file as they arrive.

        A download that breaks begins again, and so do its documents: whoever takes them counts a repeated one once.
        Raises Expired, Unavailable when patience ends, NotUnderstood for a link or file that can't be used.
        """
        netloc = _split(link, whose).netloc
        for attempt in count():
            try:
                with self._open(link, whose) as stream:
                    judged = self._judge(stream, attempt, netloc)
                    if judged is None:
                        yield from documents(stream.chunks, whose)
                        return
            except Failed as failed:
                judged = self._waiting.failed(failed, attempt, netloc)
            except CutShort:
                judged = self._waiting.failed(Failed("the file was cut short"), attempt, netloc)
            if not isinstance(judged, Passing):
                raise judged from None
            self._waiting.wait_or_give_up(judged, netloc)

    def _judge(self, stream: Stream, attempt: int, netloc: str) -> CopilotUsageError | Passing | None:
        if stream.status == 200:
            return None
        if stream.status in _EXPIRED:
            raise Expired(netloc, stream.status)
        passing = self._waiting.answered(Answer(stream.status, stream.headers, b""), "", attempt, netloc)
        return passing or NotUnderstood(f"{netloc} answered {stream.status} instead of a report's file")

    @contextmanager
    def _open(self, link: str, whose: str) -> Iterator[Stream]:
        for _ in range(_MOST_REDIRECTS + 1):
            wire = self._wire(link, whose)
            parts, begun, outcome = _split(link, whose), time.monotonic(), "no answer"
            try:
                with wire.open(link, _HEADERS) as stream:
                    outcome = str(stream.status)
                    if stream.status not in _REDIRECTS:
                        yield stream
                        return
                    link = urljoin(link, stream.headers.get("location", ""))
            except NoUrl:
                raise _unusable(whose) from None
            finally:
                took = (time.monotonic() - begun) * 1000
                self._trace(f"GET {parts.netloc} {parts.path} {outcome} {took:.0f} ms")
        raise NotUnderstood(f"{whose} is redirected more than {_MOST_REDIRECTS} times")

    def _wire(self, link: str, whose: str) -> Wire:
        parts = _split(link, whose)
        plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
        # What stands before an @ would be sent as a password, and shown.
        if "@" in parts.netloc or (not plain and (parts.scheme != "https" or not parts.hostname)):
            raise _unusable(whose)
        with self._lock:
            if plain not in self._wires:
                self._wires[plain] = Wire(self._timeout, plain=plain, transport=self._transport)
            return self._wires[plain]


def _split(link: str, whose: str) -> SplitResult:
    try:
        return urlsplit(link)
    except ValueError:
        raise _unusable(whose) from None


def _unusable(whose: str) -> NotUnderstood:
    return NotUnderstood(f"{whose} has a link that is no https address, which was refused", "see it with `gh api`")
