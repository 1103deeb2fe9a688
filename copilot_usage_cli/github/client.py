"""Talk to GitHub's API: a token bound to the API's own origin, redirects, retries and pages."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from random import random
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode, urljoin, urlsplit

from copilot_usage_cli import __version__
from copilot_usage_cli.errors import CopilotUsageError, NotUnderstood
from copilot_usage_cli.github.address import Address, origin
from copilot_usage_cli.github.answer import Answer
from copilot_usage_cli.github.auth import Token, redact
from copilot_usage_cli.github.body import TooLarge, Unreadable
from copilot_usage_cli.github.downloads import Downloads
from copilot_usage_cli.github.http import Failed, NoUrl, Wire
from copilot_usage_cli.github.retry import Passing, Patience, Waiting
from copilot_usage_cli.text import one_line

if TYPE_CHECKING:
    import httpx

_HEADERS = {
    "Accept": "application/vnd.github+json",
    "Accept-Encoding": "gzip",
    "User-Agent": f"copilot-usage-cli/{__version__}",
    "X-GitHub-Api-Version": "2022-11-28",
}
_REDIRECTS = frozenset({301, 302, 307, 308})
_MOST_REDIRECTS = 3
_MOST_PAGES = 1000
_PATIENT = Patience()
_NEXT = re.compile(r'<([^<>]*)>[^<>]*?;\s*rel=(?:"next"|next(?=[\s,;]|$))', re.IGNORECASE)


class Refused(CopilotUsageError):
    """A final status that is no success; the API generation that asked turns it into advice."""

    def __init__(self, answer: Answer, message: str) -> None:
        super().__init__(f"HTTP {answer.status}: {message}")
        self.status = answer.status
        self.headers = answer.headers
        self.words = message


class Client:
    """A client of one API address, and of the files that it links to. Use it as a context manager.

    `say` takes one line for the person about waiting, `trace` one line about each request; neither ever holds a
    query string or the token. `transport` replaces the network; `now`, `sleep` and `jitter` are time and chance. Safe
    to share between threads.
    """

    def __init__(  # noqa: PLR0913 - what it talks to, and what a test replaces
        self,
        address: Address,
        token: Token,
        patience: Patience = _PATIENT,
        *,
        say: Callable[[str], None] = lambda _: None,
        trace: Callable[[str], None] = lambda _: None,
        transport: "httpx.BaseTransport | None" = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random,
    ) -> None:
        self.address = address
        self.token = token
        self.say = say
        self._trace = trace
        self._waiting = Waiting(patience.max_wait, say, now, sleep, jitter)
        self._wire = Wire(patience.timeout, plain=address.url.startswith("http:"), transport=transport)
        self.downloads = Downloads(patience.timeout, self._waiting, trace, transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._wire.close()
        self.downloads.close()

    def pages(self, path: str, query: Mapping[str, str | int], *, follow: bool = True) -> Iterator[bytes]:
        """Yield the body of each page, by GitHub's own `next` links unless `follow` is false; 204 yields nothing.

        Raises Refused for a final status, Unavailable when patience ends, NotUnderstood for a `next` link that
        leads elsewhere or in a circle.
        """
        url = self.url(path, query)
        seen: set[str] = set()
        while url:
            if url in seen or len(seen) >= _MOST_PAGES:
                raise NotUnderstood(f"{self.address.netloc} sends the pages of its answer in a circle")
            seen.add(url)
            answer = self.get(url)
            if answer.status != 204:
                yield answer.body
            url = self._next(url, answer) if follow else ""

    def url(self, path: str, query: Mapping[str, str | int]) -> str:
        """Make the URL of a path of the API."""
        return self.address.url + path + (f"?{urlencode(query)}" if query else "")

    def get(self, url: str) -> Answer:
        """Get one whole answer, 200 or 204, asking again while that can help and patience lasts."""
        for attempt in count():
            judged = self._attempt(url, attempt)
            if isinstance(judged, Answer):
                return judged
            self._waiting.wait_or_give_up(judged, self.address.netloc)
        raise AssertionError("count() has no end")

    def _attempt(self, url: str, attempt: int) -> Answer | Passing:
        netloc = self.address.netloc
        try:
            answer = self._follow(url)
        except Failed as failed:
            judged = self._waiting.failed(failed, attempt, netloc)
            if isinstance(judged, Passing):
                return judged
            raise judged from None
        if answer.status in {200, 204}:
            return answer
        message = one_line(redact(answer.message, self.token))
        passing = self._waiting.answered(answer, message, attempt, netloc)
        if passing is None:
            raise Refused(answer, message)
        return passing

    def _follow(self, url: str) -> Answer:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._send(url)
            if answer.status not in _REDIRECTS:
                return answer
            url = self._own(url, answer.headers.get("location", ""), "redirects")
        raise NotUnderstood(f"{self.address.netloc} redirects more than {_MOST_REDIRECTS} times")

    def _next(self, url: str, answer: Answer) -> str:
        match = _NEXT.search(answer.headers.get("link", ""))
        return self._own(url, match[1], "points with its `next` link") if match else ""

    def _own(self, url: str, link: str, verb: str) -> str:
        """Resolve a link, and refuse to go where the token must not go."""
        with suppress(ValueError):
            absolute = urljoin(url, link)
            if origin(absolute) == self.address.origin and "@" not in urlsplit(absolute).netloc:
                return absolute
        raise NotUnderstood(
            f"{self.address.netloc} {verb} to another origin, which was refused",
            "the token goes to the API's own host only; check --api-url, --hostname or GITHUB_API_URL",
        )

    def _send(self, url: str) -> Answer:
        netloc = self.address.netloc
        begun, outcome = time.monotonic(), "no answer"
        try:
            answer = self._wire.get(url, {**_HEADERS, "Authorization": f"Bearer {self.token.value}"})
            outcome = str(answer.status)
        except (TooLarge, Unreadable) as error:
            words = redact(str(error), self.token)
            raise NotUnderstood(f"the answer of {netloc} is no usage report: {words}") from None
        except NoUrl:
            raise NotUnderstood(f"{netloc} sent a link that is none") from None
        finally:
            took = (time.monotonic() - begun) * 1000
            self._trace(f"GET {netloc} {redact(urlsplit(url).path, self.token)} {outcome} {took:.0f} ms")
        return answer
