"""Talk to GitHub's API: a token bound to the API's own origin, redirects, retries and pages."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from random import random
from threading import Lock
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode, urljoin, urlsplit

from copilot_usage_cli.errors import CopilotUsageError, NotUnderstood
from copilot_usage_cli.github.address import Address, origin
from copilot_usage_cli.github.auth import Token, redact
from copilot_usage_cli.github.body import MOST_BYTES, BodyTooLarge, UndecodableBody
from copilot_usage_cli.github.decoding import WebPage, is_web_page
from copilot_usage_cli.github.exchange import USER_AGENT, follow_redirects, traced
from copilot_usage_cli.github.gate import RequestGate
from copilot_usage_cli.github.http import HttpTransport
from copilot_usage_cli.github.response import HttpResponse, InvalidUrl, Responder, TransportError
from copilot_usage_cli.github.retry import RetryBudget, RunLimits
from copilot_usage_cli.text import one_line

if TYPE_CHECKING:
    from copilot_usage_cli.github.downloads import Downloads

_HEADERS = {
    "Accept": "application/vnd.github+json",
    "Accept-Encoding": "gzip",
    "User-Agent": USER_AGENT,
    "X-GitHub-Api-Version": "2022-11-28",
}
_MOST_PAGES = 1000
_LINK = r'(?i:<([^<>]*)>[^<>]*?;\s*rel=(?:"{0}"|{0}(?=[\s,;]|$)))'


class StatusError(CopilotUsageError):
    """A final status that is not a success; the API generation that asked turns it into advice."""

    def __init__(self, response: HttpResponse, message: str) -> None:
        super().__init__(f"HTTP {response.status}: {message}")
        self.status = response.status
        self.headers = response.headers
        self.github_message = message


class Client:
    """A client of one API address, and of the files that it links to. Use it as a context manager.

    `say` takes one line for the person about waiting, `trace` one line about each request; neither ever holds a
    query string or the token. `responder` replaces the network; `now`, `clock`, `sleep` and `jitter` are time and
    chance. Safe to share between threads.
    """

    def __init__(  # noqa: PLR0913 - what it talks to, and what a test replaces
        self,
        address: Address,
        token: Token,
        limits: RunLimits = RunLimits(),  # noqa: B008 - a named tuple
        *,
        say: Callable[[str], None] = lambda _: None,
        trace: Callable[[str], None] = lambda _: None,
        responder: Responder | None = None,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random,
    ) -> None:
        self.address = address
        self.token = token
        self.say = say
        self._trace = trace
        self._gate = RequestGate(limits.jobs, say=say, clock=clock, sleep=sleep)
        self._budget = RetryBudget(limits.max_wait, self._gate, say, now=now, clock=clock, sleep=sleep, jitter=jitter)
        self._timeout = limits.timeout
        self._responder = responder
        self._http = HttpTransport(limits.timeout, plain=address.url.startswith("http:"), responder=responder)
        self._lock = Lock()
        self._downloads: Downloads | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()
        if self._downloads is not None:
            self._downloads.close()

    @property
    def downloads(self) -> "Downloads":
        """The files that the API links to."""
        with self._lock:
            if self._downloads is None:
                from copilot_usage_cli.github.downloads import Downloads

                self._downloads = Downloads(
                    self._timeout,
                    self._budget,
                    self._gate,
                    self._trace,
                    near=self.address.kind == "loopback",
                    responder=self._responder,
                )
            return self._downloads

    def pages(self, path: str, query: Mapping[str, str | int], *, follow: bool = True) -> Iterator[bytes]:
        """Yield the body of each page, by GitHub's own `next` links unless `follow` is false; 204 yields nothing.

        Raises StatusError for a final status, Unavailable when --max-wait ends, NotUnderstood for a `next` link that
        leads elsewhere or in a circle.
        """
        url = self.url(path, query)
        seen: set[str] = set()
        while url:
            if url in seen:
                raise NotUnderstood(f"{self.address.netloc} sends the pages of its answer in a circle")
            if len(seen) == _MOST_PAGES:
                raise NotUnderstood(
                    f"{self.address.netloc} sends more than {_MOST_PAGES:,} pages", "ask for less, with --since"
                )
            seen.add(url)
            response = self.get(url)
            if response.status != 204:
                yield response.body
            url = self.linked(url, response, "next") if follow else ""

    def url(self, path: str, query: Mapping[str, str | int]) -> str:
        """Return the URL of a path of the API."""
        return self.address.url + path + (f"?{urlencode(query)}" if query else "")

    def get(self, url: str, most_bytes: int = MOST_BYTES) -> HttpResponse:
        """Get one whole answer, 200 or 204, asking again while that can help and --max-wait allows."""
        for attempt in self._budget.attempts(self.address.netloc):
            with attempt:
                response = follow_redirects(
                    partial(self._send, most_bytes=most_bytes),
                    url,
                    lambda base, link: self._own_url(base, link, "redirects"),
                    f"{self.address.netloc} redirects",
                )
                if response.status == 200:
                    _expect_content(response)
                if response.status in {200, 204}:
                    return response
                message = one_line(redact(response.message, self.token))
                attempt.judge(response, message)
                raise StatusError(response, message)
        raise AssertionError("attempts have no end")  # which the type checker can't know

    def linked(self, url: str, response: HttpResponse, rel: str) -> str:
        """Return the URL of another page that an answer links to, `next` or `last`; empty where there is none.

        Raises NotUnderstood for one that leads elsewhere.
        """
        link = response.headers.get("link", "")
        match = re.search(_LINK.format(rel), link) if link else None
        return self._own_url(url, match[1], f"points with its `{rel}` link") if match else ""

    def _own_url(self, url: str, link: str, verb: str) -> str:
        """Resolve a link, and refuse to go where the token must not go."""
        with suppress(ValueError):
            absolute = urljoin(url, link)
            if origin(absolute) == self.address.origin and "@" not in urlsplit(absolute).netloc:
                return absolute
        raise NotUnderstood(
            f"{self.address.netloc} {verb} to another origin, which was refused",
            "the token goes to the API's own host only; check --api-url, --hostname or GITHUB_API_URL",
        )

    def _send(self, url: str, most_bytes: int) -> HttpResponse:
        netloc = self.address.netloc
        try:
            with self._gate.request(), traced(self._trace, netloc, redact(urlsplit(url).path, self.token)) as answered:
                headers = {**_HEADERS, "Authorization": f"Bearer {self.token.value}"}
                response = self._http.get(url, headers, most_bytes)
                answered(response.status)
                return response
        except (BodyTooLarge, UndecodableBody) as error:
            problem = redact(str(error), self.token)
            raise NotUnderstood(f"the answer of {netloc} is not a usage report: {problem}") from None
        except InvalidUrl:
            raise NotUnderstood(f"{netloc} sent a link that is not a valid address") from None


def _expect_content(response: HttpResponse) -> None:
    """Raise TransportError for a success that can't be GitHub's: empty, or a web page."""
    if not response.body.strip():
        raise TransportError("the answer is empty")
    if is_web_page(response.body):
        raise TransportError(WebPage.reason, hint=WebPage.cure)
