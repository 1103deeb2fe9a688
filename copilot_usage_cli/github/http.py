"""The network: the one module that holds httpx, so that a successor is one import.

It sends what it is given and follows nothing: where a token may go, and what a redirect may do, is decided above.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from urllib.parse import urlsplit

from copilot_usage_cli.errors import WrongUsage
from copilot_usage_cli.github.address import is_loopback
from copilot_usage_cli.github.answer import Answer
from copilot_usage_cli.github.body import CutShort, read_body
from copilot_usage_cli.github.deadline import OutOfTime, within

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 10.0
_PROGRESS = 1 << 20  # bytes of a stream that may take as long as one whole answer


class Failed(Exception):
    """One attempt brought no answer; `final` if another can't end differently."""

    def __init__(self, reason: str, *, final: bool = False, hint: str = "try again later") -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.hint = hint


class NoUrl(Exception):
    """What should be a URL is none."""


class Stream(NamedTuple):
    """An answer whose body is still to come, as raw chunks; reading them raises Failed."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class Wire:
    """Connections that are kept open between requests. Safe to share between threads.

    `timeout` limits one answer, in seconds. `plain` if all of it is http to this machine.
    """

    def __init__(self, timeout: float, *, plain: bool, transport: "httpx.BaseTransport | None" = None) -> None:
        self._timeout = timeout
        self._http = _new_http(timeout, plain=plain, transport=transport)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Get one whole answer within the time limit, whatever its status.

        Raises Failed, NoUrl, and body.TooLarge or body.Unreadable.
        """
        deadline = time.monotonic() + self._timeout

        def exchange() -> Answer:
            with self._http.stream("GET", url, headers=dict(headers)) as response:
                names = {name.lower(): value for name, value in response.headers.items()}
                encoding = names.get("content-encoding", "").strip().lower()
                chunks = _until(deadline, response.iter_raw())
                body = b"" if response.status_code == 204 else read_body(chunks, encoding)
                return Answer(response.status_code, names, body)

        try:
            return within(self._timeout, exchange)
        except Exception as error:  # noqa: BLE001 - _fail lets pass what isn't the network's
            self._fail(error)

    @contextmanager
    def open(self, url: str, headers: Mapping[str, str]) -> Iterator[Stream]:
        """Open an answer of any size. The time limit holds until its head is there, and then for each MiB anew.

        Raises Failed and NoUrl, also while the chunks are read.
        """
        request = self._build(url, headers)
        try:
            response = within(self._timeout, lambda: self._http.send(request, stream=True))
        except Exception as error:  # noqa: BLE001 - as in get
            self._fail(error)
        try:
            names = {name.lower(): value for name, value in response.headers.items()}
            yield Stream(response.status_code, names, self._steady(response.iter_raw()))
        finally:
            response.close()

    def _build(self, url: str, headers: Mapping[str, str]) -> "httpx.Request":
        try:
            return self._http.build_request("GET", url, headers=dict(headers))
        except Exception as error:  # noqa: BLE001 - as in get
            self._fail(error)

    def _steady(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass chunks on while they come fast enough."""
        deadline, size = time.monotonic() + self._timeout, 0
        try:
            for chunk in chunks:
                yield chunk
                size += len(chunk)
                if size >= _PROGRESS:
                    deadline, size = time.monotonic() + self._timeout, 0
                elif time.monotonic() > deadline:
                    self._fail(OutOfTime())
        except Exception as error:  # noqa: BLE001 - as in get
            self._fail(error)

    def _fail(self, error: Exception) -> NoReturn:
        """Turn an error of the network into Failed, and let any other pass."""
        import httpx

        if isinstance(error, httpx.ConnectTimeout):
            raise Failed(f"connecting took longer than {min(CONNECT_SECONDS, self._timeout):g} s") from None
        if isinstance(error, OutOfTime | httpx.TimeoutException):
            raise Failed(f"it took longer than {self._timeout:g} s (--timeout)") from None
        if isinstance(error, CutShort):
            raise Failed("the answer was cut short") from None
        if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
            raise NoUrl from None
        if isinstance(error, httpx.TransportError):
            raise _failure(error) from None
        raise error


def _new_http(timeout: float, *, plain: bool, transport: "httpx.BaseTransport | None") -> "httpx.Client":
    import ssl
    import sys

    # httpx imports its own command line wherever click, rich and pygments are installed: 60 % more start-up.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    import httpx

    # Plain http goes to loopback only and never follows to https: an empty trust store costs nothing and trusts nobody.
    verify: Any = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else True
    try:
        return httpx.Client(
            timeout=httpx.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout)),
            transport=transport,
            verify=verify,
            trust_env=not plain or _proxy_is_near(),
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
