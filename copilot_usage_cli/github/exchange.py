"""What requests to the API and downloads have in common: who asks, what is traced, and the one redirect loop."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from copilot_usage_cli import __version__
from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.github.response import HttpResponse, StreamedResponse

USER_AGENT = f"copilot-usage-cli/{__version__}"
_REDIRECTS = frozenset({301, 302, 307, 308})
_MOST_REDIRECTS = 3

Response = TypeVar("Response", HttpResponse, StreamedResponse)


class Traced(Protocol):
    """Takes the status of an answer, once it is known."""

    def __call__(self, status: int) -> None:
        """Take the status."""


@contextmanager
def traced(trace: Callable[[str], None], netloc: str, path: str) -> Iterator[Traced]:
    """Trace one request, whatever becomes of it: host, path, status and milliseconds, never a query."""
    begun, outcome = time.monotonic(), "no answer"

    def answered(status: int) -> None:
        nonlocal outcome
        outcome = str(status)

    try:
        yield answered
    finally:
        took = (time.monotonic() - begun) * 1000
        trace(f"GET {netloc} {path} {outcome} {took:.0f} ms")


def follow_redirects(
    send: Callable[[str], Response], url: str, resolve: Callable[[str, str], str], label: str
) -> Response:
    """Return the first answer that doesn't redirect; `resolve` turns an address and its `Location` into the next.

    Raises NotUnderstood, in which `label` says who redirects, after three redirects.
    """
    for _ in range(_MOST_REDIRECTS + 1):
        response = send(url)
        if response.status not in _REDIRECTS:
            return response
        url = resolve(url, response.headers.get("location", ""))
    raise NotUnderstood(f"{label} more than {_MOST_REDIRECTS} times")
