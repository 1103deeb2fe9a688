"""Read the files that signed links lead to: on other hosts, without the token, and as they arrive.

The query of such a link is a secret: it is never printed, logged or stored.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import Any
from urllib.parse import SplitResult, urljoin

from copilot_usage_cli.errors import NotUnderstood, Unavailable
from copilot_usage_cli.github.address import is_loopback, split_url
from copilot_usage_cli.github.body import BodyCutShort, whole
from copilot_usage_cli.github.decoding import WebPage
from copilot_usage_cli.github.documents import Delivered, DocumentsChanged, documents, limited
from copilot_usage_cli.github.exchange import USER_AGENT, follow_redirects, traced
from copilot_usage_cli.github.gate import RequestGate
from copilot_usage_cli.github.http import HttpTransport
from copilot_usage_cli.github.response import (
    ForbiddenAddress,
    HttpResponse,
    InvalidUrl,
    Responder,
    StreamedResponse,
    TransportError,
)
from copilot_usage_cli.github.retry import RetryBudget

_HEADERS = {"Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
_LARGEST = 1 << 30  # bytes of a file, inflated; of 60,000 users a day they are 200 million
_EXPIRED = frozenset({401, 403, 404, 410})


class LinkExpired(Exception):
    """The storage refuses a link, which mostly means that its time is over."""

    def __init__(self, netloc: str, status: int) -> None:
        super().__init__(status)
        self.netloc = netloc
        self.status = status


class Downloads:
    """Downloads of one run. Safe to share between threads.

    `near` if the API is on this machine: only then may files be, too, and come over plain http.
    """

    def __init__(  # noqa: PLR0913 - what a run has one of
        self,
        timeout: float,
        budget: RetryBudget,
        gate: RequestGate,
        trace: Callable[[str], None],
        *,
        near: bool,
        responder: Responder | None = None,
    ) -> None:
        self._timeout = timeout
        self._budget = budget
        self._gate = gate
        self._trace = trace
        self._near = near
        self._responder = responder
        self._https: dict[bool, HttpTransport] = {}
        self._lock = Lock()

    def close(self) -> None:
        """Close all connections."""
        for transport in self._https.values():
            transport.close()

    def documents(self, link: str, label: str, delivered: Delivered | None = None) -> Iterator[Any]:
        """Yield the JSON documents of a file as they arrive, each once: a download that breaks goes on after them.

        `label` names the file in messages; `delivered` are the documents that an earlier link to the same file gave.
        Raises LinkExpired, Unavailable when --max-wait ends or the file changed meanwhile, NotUnderstood for a link
        or file that can't be used.
        """
        delivered = delivered or Delivered()
        netloc = _split(link, label).netloc
        for attempt in self._budget.attempts(netloc):
            with attempt, self._open(link, label) as response:
                if response.status in _EXPIRED:
                    raise LinkExpired(netloc, response.status)
                if response.status != 200:
                    attempt.judge(HttpResponse(response.status, response.headers))
                    raise NotUnderstood(f"{netloc} answered {response.status} instead of a report's file")
                chunks = limited(whole(response.chunks, response.headers), _LARGEST)
                packed = "content-encoding" in response.headers
                layers = 2 if packed else 1  # a gzip file may be sent gzipped once more
                try:
                    yield from documents(chunks, label, delivered, layers=layers, most_bytes=_LARGEST)
                except BodyCutShort as error:
                    raise TransportError(f"the file {error}") from None
                except WebPage as error:
                    raise TransportError(error.reason, hint=error.hint) from None
                except DocumentsChanged:
                    raise Unavailable(f"{label} changed while it was read", "try again") from None
                return

    @contextmanager
    def _open(self, link: str, label: str) -> Iterator[StreamedResponse]:
        with ExitStack() as exchange:

            def send(url: str) -> StreamedResponse:
                exchange.pop_all().close()  # that which redirected here is over
                return exchange.enter_context(self._exchange(url, label))

            def resolve(base: str, target: str) -> str:
                try:
                    return urljoin(base, target)
                except ValueError:
                    raise _unusable(label) from None

            yield follow_redirects(send, link, resolve, f"{label} is redirected")

    @contextmanager
    def _exchange(self, url: str, label: str) -> Iterator[StreamedResponse]:
        http = self._transport_for(url, label)
        parts = _split(url, label)
        with self._gate.request(), traced(self._trace, parts.netloc, parts.path) as answered:
            try:
                response = http.open(url, _HEADERS)
            except InvalidUrl:
                raise _unusable(label) from None
            except ForbiddenAddress:
                raise NotUnderstood(
                    f"{label} has a link to {parts.hostname}, which is an address of this machine or of its network "
                    "segment, and was refused",
                    "only an API on this machine may link there",
                ) from None
            answered(response.status)
            try:
                yield response
            finally:
                response.close()

    def _transport_for(self, link: str, label: str) -> HttpTransport:
        parts = _split(link, label)
        plain = self._near and parts.scheme == "http" and is_loopback(parts.hostname or "")
        # What stands before an @ would be sent as a password, and shown.
        if "@" in parts.netloc or (not plain and (parts.scheme != "https" or not parts.hostname)):
            raise _unusable(label)
        with self._lock:
            if plain not in self._https:
                self._https[plain] = HttpTransport(
                    self._timeout, plain=plain, guarded=not self._near, responder=self._responder
                )
            return self._https[plain]


def _split(link: str, label: str) -> SplitResult:
    parts = split_url(link)
    if parts is None:
        raise _unusable(label)
    return parts


def _unusable(label: str) -> NotUnderstood:
    return NotUnderstood(
        f"{label} has a link that is not a valid https address, which was refused", "see it with `gh api`"
    )
