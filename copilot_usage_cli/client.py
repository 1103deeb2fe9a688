"""Talk to GitHub: one HTTP client, a token bound to the API's own origin, time limits, retries and pages."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from random import random
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode, urljoin, urlsplit

from copilot_usage_cli import __version__
from copilot_usage_cli.address import Address, is_loopback, origin
from copilot_usage_cli.answer import Answer
from copilot_usage_cli.auth import Token, redact
from copilot_usage_cli.body import CutShort, TooLarge, Unreadable, read_body
from copilot_usage_cli.deadline import OutOfTime, within
from copilot_usage_cli.errors import CopilotUsageError, NotUnderstood, Unavailable, WrongUsage
from copilot_usage_cli.retry import Wait, back_off, wait_for_status
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
_CONNECT_SECONDS = 10.0
_LAST_SECOND = 253402300799  # of the year 9999
_NEXT = re.compile(r'<([^<>]*)>[^<>]*?;\s*rel=(?:"next"|next(?=[\s,;]|$))', re.IGNORECASE)


class Refused(CopilotUsageError):
    """A final status that is no success; the API generation that asked turns it into advice."""

    def __init__(self, answer: Answer, message: str) -> None:
        super().__init__(f"HTTP {answer.status}: {message}")
        self.status = answer.status
        self.headers = answer.headers
        self.words = message


class Failed(Exception):
    """One attempt brought no answer; `final` if another can't end differently."""

    def __init__(self, reason: str, *, final: bool = False, hint: str = "try again later") -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.hint = hint


class Passing(Exception):
    """One attempt failed in a way that may pass; `error` is what to say if patience ends first."""

    def __init__(self, wait: Wait, error: CopilotUsageError) -> None:
        super().__init__(wait.reason)
        self.wait = wait
        self.error = error


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that one answer may take, and that a run may spend waiting before it asks again."""

    timeout: float = 30.0
    max_wait: float = 120.0


class Client:
    """A client of one API address. Use it as a context manager.

    `say` takes one line for the person about waiting, `trace` one line about each request; neither ever holds a
    query string or the token. `transport` replaces the network; `sleep` and `jitter` are time and chance.
    """

    def __init__(  # noqa: PLR0913 - what it talks to, and what a test replaces
        self,
        address: Address,
        token: Token,
        patience: Patience = Patience(),
        *,
        say: Callable[[str], None] = lambda _: None,
        trace: Callable[[str], None] = lambda _: None,
        transport: "httpx.BaseTransport | None" = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random,
    ) -> None:
        self.address = address
        self.token = token
        self._patience = patience
        self._say = say
        self._trace = trace
        self._sleep = sleep
        self._jitter = jitter
        self._waited = 0.0
        self._http = _new_http(address, patience, transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._http.close()

    def pages(self, path: str, query: Mapping[str, str | int], *, follow: bool = True) -> Iterator[bytes]:
        """Yield the body of each page, by GitHub's own `next` links unless `follow` is false; 204 yields nothing.

        Raises Refused for a final status, Unavailable when patience ends, NotUnderstood for a `next` link that
        leads elsewhere or in a circle.
        """
        url = self.address.url + path + (f"?{urlencode(query)}" if query else "")
        seen: set[str] = set()
        while url:
            if url in seen or len(seen) >= _MOST_PAGES:
                raise NotUnderstood(f"{self.address.netloc} sends the pages of its answer in a circle")
            seen.add(url)
            answer = self.get(url)
            if answer.status != 204:
                yield answer.body
            url = self._next(url, answer) if follow else ""

    def get(self, url: str) -> Answer:
        """Get one whole answer, 200 or 204, asking again while that can help and patience lasts."""
        for attempt in count():
            try:
                return self._attempt(url, attempt)
            except Passing as passing:
                self._wait_or_give_up(passing)
        raise AssertionError("count() has no end")

    def _attempt(self, url: str, attempt: int) -> Answer:
        netloc = self.address.netloc
        try:
            answer = self._follow(url)
        except Failed as failed:
            error = Unavailable(f"no answer from {netloc}: {failed.reason}", failed.hint)
            if failed.final:
                raise error from None
            raise Passing(Wait(back_off(attempt, self._jitter), failed.reason), error) from None
        if answer.status in {200, 204}:
            return answer
        message = one_line(redact(answer.message, self.token))
        wait = wait_for_status(answer, attempt, time.time(), self._jitter)
        if wait is None:
            raise Refused(answer, message)
        words = f"{netloc} answered {answer.status}" + (f": {message}" if message else "")
        if not wait.rate_limited:
            raise Passing(wait, Unavailable(words, "GitHub has a fault that mostly passes; try again later"))
        ends = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(min(time.time() + wait.seconds, _LAST_SECOND)))
        hint = f"the limit ends at {ends} UTC, in {wait.seconds:.0f} s; --max-wait SECONDS waits that long"
        limit = wait.reason.removesuffix(f" ({answer.status})")
        raise Passing(wait, Unavailable(words if message else f"{words}: {limit}", hint))

    def _wait_or_give_up(self, passing: Passing) -> None:
        wait = passing.wait
        if self._waited + wait.seconds > self._patience.max_wait:
            raise passing.error from None
        self._say(f"waiting {wait.seconds:.0f} s for {self.address.netloc}: {wait.reason}")
        self._sleep(wait.seconds)
        self._waited += wait.seconds

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
        import httpx

        headers = {**_HEADERS, "Authorization": f"Bearer {self.token.value}"}
        begun = time.monotonic()
        outcome = "no answer"

        def exchange() -> Answer:
            with self._http.stream("GET", url, headers=headers) as response:
                chunks = _until(begun + self._patience.timeout, response.iter_raw())
                encoding = redact(response.headers.get("content-encoding", ""), self.token).strip().lower()
                body = b"" if response.status_code == 204 else read_body(chunks, encoding)
                return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)

        try:
            answer = within(self._patience.timeout, exchange)
            outcome = str(answer.status)
        except httpx.ConnectTimeout:
            limit = min(_CONNECT_SECONDS, self._patience.timeout)
            raise Failed(f"connecting took longer than {limit:g} s") from None
        except (OutOfTime, httpx.TimeoutException):
            raise Failed(f"it took longer than {self._patience.timeout:g} s (--timeout)") from None
        except CutShort:
            raise Failed("the answer was cut short") from None
        except (TooLarge, Unreadable) as error:
            raise NotUnderstood(f"the answer of {self.address.netloc} is no usage report: {error}") from None
        except httpx.InvalidURL:
            raise NotUnderstood(f"{self.address.netloc} sent a link that is none") from None
        except httpx.TransportError as error:
            raise _failure(error) from None
        finally:
            took = (time.monotonic() - begun) * 1000
            path = redact(urlsplit(url).path, self.token)
            self._trace(f"GET {self.address.netloc} {path} {outcome} {took:.0f} ms")
        return answer


def _new_http(address: Address, patience: Patience, transport: "httpx.BaseTransport | None") -> "httpx.Client":
    import ssl
    import sys

    # httpx imports its own command line wherever click, rich and pygments are installed: 60 % more start-up.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    import httpx

    # Plain http goes to loopback only and never follows to https: an empty trust store costs nothing and trusts nobody.
    verify: Any = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if address.url.startswith("http:") else True
    try:
        return httpx.Client(
            timeout=httpx.Timeout(patience.timeout, connect=min(_CONNECT_SECONDS, patience.timeout)),
            transport=transport,
            verify=verify,
            trust_env=not address.url.startswith("http:") or _proxy_is_near(),
            follow_redirects=False,
        )
    except (OSError, ssl.SSLError):
        hint = "check SSL_CERT_FILE and SSL_CERT_DIR: they must name existing certificates"
        raise WrongUsage("the certificates to trust can't be read", hint) from None
    except (ValueError, ImportError, httpx.InvalidURL):
        hint = "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; a SOCKS proxy needs `pip install httpx[socks]`"
        raise WrongUsage("the proxy settings can't be used", hint) from None


def _proxy_is_near() -> bool:
    """Tell whether a proxy for plain http, if there is one, is on this machine: else it would see the token."""
    from urllib.request import getproxies

    proxies = getproxies()
    proxy = proxies.get("http") or proxies.get("all") or "localhost"
    host = urlsplit(proxy if "://" in proxy else f"http://{proxy}").hostname
    return host is None or is_loopback(host)


def _until(deadline: float, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """End a thread that `within` has left behind."""
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise OutOfTime
        yield chunk


def _failure(error: "httpx.TransportError") -> Failed:
    import socket
    import ssl

    import httpx

    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and len(causes) < 10:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            hint = "if a company proxy re-signs traffic, let SSL_CERT_FILE name a file with its certificate"
            return Failed(f"its certificate is not trusted ({cause.verify_message})", final=True, hint=hint)
        if isinstance(cause, socket.gaierror):
            hint = "check the host's name and the network"
            return Failed("its name can't be looked up", final=cause.errno == socket.EAI_NONAME, hint=hint)
    if isinstance(error, httpx.ProxyError):
        return Failed("the proxy refused", final=True, hint="check HTTPS_PROXY and its password")
    if isinstance(error, httpx.ConnectError):
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
        return Failed("the connection was refused" if refused else "it can't be reached")
    return Failed("the connection broke")
