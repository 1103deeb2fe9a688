"""The network: the one module that holds httpx, so that a successor is one import.

It sends what it is given and follows nothing: where a token may go, and what a redirect may do, is decided above.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.github.address import is_loopback
from copilot_usage_cli.github.body import BodyCutShort, read_body

if TYPE_CHECKING:
    import httpx

Responder = Callable[[str, str, Mapping[str, str]], tuple[int, Mapping[str, str], bytes]]
"""Answers a request in place of the network: from host, path with query, and headers to status, headers and body."""

Result = TypeVar("Result")

CONNECT_SECONDS = 10.0
_PROGRESS = 1 << 20  # bytes of a stream that may take as long as one whole answer


class TransportError(Exception):
    """One attempt brought no answer; `final` if another can't end differently."""

    def __init__(self, reason: str, *, final: bool = False, hint: str = "try again later") -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.hint = hint


class InvalidUrl(Exception):
    """What should be a URL isn't one."""


class DeadlineExceeded(Exception):
    """A call had not returned when its time was over."""


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


class HttpTransport:
    """Connections that are kept open between requests. Safe to share between threads.

    `timeout` limits one answer, in seconds. `plain` if all of it is http to this machine.
    """

    def __init__(self, timeout: float, *, plain: bool, responder: Responder | None = None) -> None:
        self._timeout = timeout
        self._http = _new_http(timeout, plain=plain, responder=responder)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def get(self, url: str, headers: Mapping[str, str]) -> HttpResponse:
        """Get one whole answer within the time limit, whatever its status.

        Raises TransportError, InvalidUrl, and body.BodyTooLarge or body.UndecodableBody.
        """
        deadline = time.monotonic() + self._timeout

        def exchange() -> HttpResponse:
            with self._http.stream("GET", url, headers=dict(headers)) as response:
                names = {name.lower(): value for name, value in response.headers.items()}
                encoding = names.get("content-encoding", "").strip().lower()
                chunks = _until(deadline, response.iter_raw())
                body = b"" if response.status_code == 204 else read_body(chunks, encoding)
                return HttpResponse(response.status_code, names, body)

        try:
            return call_within(self._timeout, exchange)
        except Exception as error:  # noqa: BLE001 - _fail lets pass what isn't the network's
            self._fail(error)

    def open(self, url: str, headers: Mapping[str, str]) -> StreamedResponse:
        """Open an answer of any size. The time limit holds until its head is there, and then for each MiB anew.

        Raises TransportError and InvalidUrl, also while the chunks are read. The caller closes the answer.
        """
        try:
            request = self._http.build_request("GET", url, headers=dict(headers))
            response = call_within(self._timeout, lambda: self._http.send(request, stream=True))
        except Exception as error:  # noqa: BLE001 - as in get
            self._fail(error)
        names = {name.lower(): value for name, value in response.headers.items()}
        return StreamedResponse(response.status_code, names, self._steady(response.iter_raw()), response.close)

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
                    self._fail(DeadlineExceeded())
        except Exception as error:  # noqa: BLE001 - as in get
            self._fail(error)

    def _fail(self, error: Exception) -> NoReturn:
        """Turn an error of the network into TransportError, and let any other pass."""
        import httpx

        if isinstance(error, httpx.ConnectTimeout):
            raise TransportError(f"connecting took longer than {min(CONNECT_SECONDS, self._timeout):g} s") from None
        if isinstance(error, DeadlineExceeded | httpx.TimeoutException):
            raise TransportError(f"it took longer than {self._timeout:g} s (--timeout)") from None
        if isinstance(error, BodyCutShort):
            raise TransportError("the answer was cut short") from None
        if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
            raise InvalidUrl from None
        if isinstance(error, httpx.TransportError):
            raise _explained(error) from None
        raise error


def call_within(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what `call` returns or raise what it raises, or raise DeadlineExceeded after so many seconds.

    The call runs in a daemon thread, which is left behind when the time is over: a socket's own time limit starts
    anew with each byte, and a name look-up has none.
    """
    done = threading.Event()
    results: list[Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:  # noqa: BLE001 - handed to the caller, whatever it is
            errors.append(error)
        finally:
            done.set()

    threading.Thread(target=work, daemon=True).start()
    if not done.wait(min(seconds, threading.TIMEOUT_MAX)):
        raise DeadlineExceeded
    if errors:
        raise errors[0]
    return results[0]


def _until(deadline: float, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """End a thread that `call_within` has left behind."""
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise DeadlineExceeded
        yield chunk


def _new_http(timeout: float, *, plain: bool, responder: Responder | None) -> "httpx.Client":
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
            transport=None if responder is None else _in_process(responder),
            verify=verify,
            trust_env=not plain or _proxy_is_near(),
            follow_redirects=False,
        )
    except (OSError, ssl.SSLError):
        hint = "check SSL_CERT_FILE and SSL_CERT_DIR: they must name existing certificates"
        raise UsageError("the certificates to trust can't be read", hint) from None
    except (ValueError, ImportError, httpx.InvalidURL):
        hint = "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; a SOCKS proxy needs `pip install httpx[socks]`"
        raise UsageError("the proxy settings can't be used", hint) from None


def _in_process(responder: Responder) -> "httpx.MockTransport":
    import httpx

    def handle(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode("ascii")
        status, headers, body = responder(request.url.host, target, request.headers)
        return httpx.Response(status, headers=dict(headers), stream=httpx.ByteStream(body))

    return httpx.MockTransport(handle)


def _proxy_is_near() -> bool:
    """Return whether a proxy for plain http, if there is one, is on this machine: else it would see the token."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies

    proxies = getproxies()
    proxy = proxies.get("http") or proxies.get("all") or "localhost"
    host = urlsplit(proxy if "://" in proxy else f"http://{proxy}").hostname
    return host is None or is_loopback(host)


def _explained(error: "httpx.TransportError") -> TransportError:
    """Return the same failure in words for people, with its cure."""
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
            return TransportError(f"its certificate is not trusted ({cause.verify_message})", final=True, hint=hint)
        if isinstance(cause, socket.gaierror):
            hint = "check the host's name and the network"
            return TransportError("its name can't be looked up", final=cause.errno == socket.EAI_NONAME, hint=hint)
    if isinstance(error, httpx.ProxyError):
        return TransportError("the proxy refused", final=True, hint="check HTTPS_PROXY and its password")
    if isinstance(error, httpx.ConnectError):
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
        return TransportError("the connection was refused" if refused else "it can't be reached")
    return TransportError("the connection broke")
