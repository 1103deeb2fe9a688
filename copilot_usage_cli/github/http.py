"""The network: the one module that holds httpx, so that a successor is one import.

It sends what it is given and follows nothing: where a token may go, and what a redirect may do, is decided above.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn

from copilot_usage_cli.github.address import is_near
from copilot_usage_cli.github.body import MOST_BYTES, BodyCutShort, BodyTooLarge, UndecodableBody, read_body, whole
from copilot_usage_cli.github.deadline import DeadlineExceeded, call_within
from copilot_usage_cli.github.proxies import Proxy, find_proxy, unusable
from copilot_usage_cli.github.response import (
    ForbiddenAddress,
    HttpResponse,
    InvalidUrl,
    Responder,
    StreamedResponse,
    TransportError,
)
from copilot_usage_cli.github.trust import nobody_trusted, trusted

if TYPE_CHECKING:
    import httpcore
    import httpx

CONNECT_SECONDS = 10.0
_PROGRESS = 1 << 20  # bytes of a stream that may take as long as one whole answer
_MOST_TIMEOUTS = 20  # for which a stream may be waited for in all
_LATER = "try again later"
_LONGEST_ERROR = 1 << 16  # bytes of an error answer that are read


class HttpTransport:
    """Connections that are kept open between requests. Safe to share between threads.

    `timeout` limits one answer, in seconds. `plain` if all of it is http to this machine; `guarded` if nothing may be
    connected to that only this machine or its network segment reaches. Raises UsageError if the certificates that are
    named as trusted can't be read.
    """

    def __init__(
        self, timeout: float, *, plain: bool, guarded: bool = False, responder: Responder | None = None
    ) -> None:
        self._timeout = timeout
        self._guarded = guarded
        self._responder = responder
        # Plain http goes to loopback only and never follows to https; a responder needs no network at all.
        self._verify = nobody_trusted() if plain or responder else trusted(os.environ)
        self._clients: dict[Proxy | None, httpx.Client] = {}
        self._lock = Lock()

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()

    def get(self, url: str, headers: Mapping[str, str], most_bytes: int = MOST_BYTES) -> HttpResponse:
        """Get one whole answer within the time limit, whatever its status; of an error's body, what is short.

        Raises TransportError, InvalidUrl, body.BodyTooLarge or body.UndecodableBody, and UsageError for a proxy's name.
        """
        deadline = time.monotonic() + self._timeout
        client, proxy = self._client_for(url)

        def exchange() -> HttpResponse:
            with client.stream("GET", url, headers=dict(headers)) as response:
                return _read(response, _until(deadline, response.iter_raw()), most_bytes)

        try:
            return call_within(self._timeout, exchange)
        except Exception as error:  # noqa: BLE001 - _fail lets pass what isn't the network's
            self._fail(error, proxy)

    def open(self, url: str, headers: Mapping[str, str]) -> StreamedResponse:
        """Open an answer of any size, whose head and first MiB have the time limit together, and each MiB anew.

        Only waiting for the network counts, in all 20 times the time limit at most. Raises TransportError,
        ForbiddenAddress, InvalidUrl and UsageError, also while the chunks are read. The caller closes the answer.
        """
        client, proxy = self._client_for(url)
        begun = time.monotonic()
        try:
            request = client.build_request("GET", url, headers=dict(headers))
            response = call_within(self._timeout, lambda: client.send(request, stream=True))
        except Exception as error:  # noqa: BLE001 - as in get
            self._fail(error, proxy)
        left = self._timeout - (time.monotonic() - begun)
        return StreamedResponse(
            response.status_code, _headers(response), self._steady(response, left, proxy), response.close
        )

    def _steady(self, response: "httpx.Response", left: float, proxy: Proxy | None) -> Iterator[bytes]:
        """Pass chunks on while they come fast enough."""
        chunks = response.iter_raw()
        size, waited = 0, 0.0
        try:
            while True:
                begun = time.monotonic()
                chunk = call_within(left, lambda: next(chunks, None))
                took = time.monotonic() - begun
                if chunk is None:
                    return
                left, waited, size = left - took, waited + took, size + len(chunk)
                self._expect_end(waited)
                if size >= _PROGRESS:
                    left, size = self._timeout, 0
                yield chunk
        except DeadlineExceeded as error:
            _hang_up(response)
            self._fail(error, proxy)
        except Exception as error:  # noqa: BLE001 - as in get
            self._fail(error, proxy)

    def _expect_end(self, waited: float) -> None:
        longest = _MOST_TIMEOUTS * self._timeout
        if waited > longest:
            raise TransportError(
                f"the file took longer than {longest:g} s, which is {_MOST_TIMEOUTS} x --timeout", final=True
            )

    def _client_for(self, url: str) -> "tuple[httpx.Client, Proxy | None]":
        proxy = None if self._responder else find_proxy(url, os.environ)
        with self._lock:
            if proxy not in self._clients:
                self._clients[proxy] = self._new_client(proxy)
            return self._clients[proxy], proxy

    def _new_client(self, proxy: Proxy | None) -> "httpx.Client":
        import sys

        # httpx imports its own command line wherever click, rich and pygments are installed: 60 % more start-up.
        sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
        import httpx

        try:
            return httpx.Client(
                timeout=httpx.Timeout(self._timeout, connect=min(CONNECT_SECONDS, self._timeout)),
                transport=_in_process(self._responder) if self._responder else self._new_transport(proxy),
                follow_redirects=False,
                trust_env=False,
            )
        except (ValueError, ImportError, httpx.InvalidURL):
            raise unusable(proxy.variable if proxy else "the environment") from None

    def _new_transport(self, proxy: Proxy | None) -> "httpx.HTTPTransport":
        import httpx

        transport = httpx.HTTPTransport(verify=self._verify, trust_env=False, proxy=proxy and proxy.url)
        if self._guarded and proxy is None:
            import httpcore

            transport._pool = httpcore.ConnectionPool(  # noqa: SLF001 - httpx has no parameter for how to connect
                ssl_context=self._verify, max_connections=100, network_backend=_guarded_backend()
            )
        return transport

    def _fail(self, error: Exception, proxy: Proxy | None) -> NoReturn:
        """Turn an error of the network into TransportError, and let any other pass."""
        import httpx

        if isinstance(error, httpx.ConnectTimeout):
            whom = f"connecting to the proxy {proxy}" if proxy else "connecting"
            raise TransportError(f"{whom} took longer than {min(CONNECT_SECONDS, self._timeout):g} s") from None
        if isinstance(error, DeadlineExceeded | httpx.TimeoutException):
            way = f" through the proxy {proxy}" if proxy else ""
            hint = f"check {proxy.variable}, or try again later" if proxy else _LATER
            raise TransportError(f"it took longer than {self._timeout:g} s (--timeout){way}", hint=hint) from None
        if isinstance(error, BodyCutShort):
            raise TransportError(f"the answer {error}") from None
        if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | UnicodeError):
            raise InvalidUrl from None
        if isinstance(error, httpx.TransportError):
            raise _explained(error, proxy) from None
        raise error


def _headers(response: "httpx.Response") -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _read(response: "httpx.Response", chunks: Iterator[bytes], most_bytes: int) -> HttpResponse:
    status, headers = response.status_code, _headers(response)
    encoding = headers.get("content-encoding", "").strip().lower()
    if status == 204:
        return HttpResponse(status, headers)
    if status == 200:
        return HttpResponse(status, headers, read_body(whole(chunks, headers), encoding, most_bytes))
    try:
        return HttpResponse(status, headers, read_body(chunks, encoding, _LONGEST_ERROR))
    except (BodyCutShort, BodyTooLarge, UndecodableBody):
        return HttpResponse(status, headers)  # the status says what to do


def _until(deadline: float, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """End a thread that `call_within` has left behind."""
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise DeadlineExceeded
        yield chunk


def _hang_up(response: "httpx.Response") -> None:
    """End a connection on which a thread that was left behind may still wait."""
    import socket

    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None else None
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _in_process(responder: Responder) -> "httpx.MockTransport":
    import httpx

    def handle(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode("ascii")
        status, headers, body = responder(request.url.host, target, request.headers)
        length = {"Content-Length": str(len(body))}
        return httpx.Response(status, headers={**length, **headers}, stream=httpx.ByteStream(body))

    return httpx.MockTransport(handle)


def _guarded_backend() -> "httpcore.NetworkBackend":
    """Return what connects to the addresses of a name, but to none of this machine or its network segment."""
    import socket

    import httpcore

    class Guarded(httpcore.SyncBackend):
        def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except OSError as error:
                raise httpcore.ConnectError(str(error)) from error
            addresses = [str(address) for address in dict.fromkeys(each[4][0] for each in found)]
            allowed = [address for address in addresses if not is_near(address)]
            if not allowed:
                raise ForbiddenAddress
            for address in allowed[:-1]:
                with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                    return super().connect_tcp(address, port, *args, **kwargs)
            return super().connect_tcp(allowed[-1], port, *args, **kwargs)

    return Guarded()


def _explained(error: "httpx.TransportError", proxy: Proxy | None) -> TransportError:
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
            hint = (
                "trust the certificate of a company's proxy on this machine, or let SSL_CERT_FILE name a file with it"
            )
            return TransportError(f"its certificate is not trusted ({cause.verify_message})", final=True, hint=hint)
        if isinstance(cause, socket.gaierror):
            whose, hint = "its name", "check the host's name and the network"
            if proxy:
                whose, hint = f"the name of the proxy {proxy}", f"check {proxy.variable} and the network"
            return TransportError(f"{whose} can't be looked up", final=cause.errno == socket.EAI_NONAME, hint=hint)
    if isinstance(error, httpx.ProxyError):
        return TransportError(
            f"the proxy {proxy} refused", final=True, hint=f"check {proxy and proxy.variable} and its password"
        )
    hint = f"check {proxy.variable}, or try again later" if proxy else _LATER
    if isinstance(error, httpx.ConnectError):
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
        if proxy:
            return TransportError(
                f"the proxy {proxy} refused the connection" if refused else f"the proxy {proxy} can't be reached",
                hint=hint,
            )
        return TransportError("the connection was refused" if refused else "it can't be reached")
    return TransportError(
        f"the connection through the proxy {proxy} broke" if proxy else "the connection broke", hint=hint
    )
