"""A server on loopback that does to each connection what a test wants."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from support.limits import HANG, MANY

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Sequence

    Behaviour = bytes | Callable[[socket.socket], None]


class Faulty:
    """A server that does to each connection what its script says; the last entry holds for all that follow.

    An entry is bytes to send before closing, or a function of the connection. `requests` are the raw requests that
    came. A socket that is bound already may be given.
    """

    def __init__(
        self, script: Sequence[Behaviour], context: ssl.SSLContext | None = None, bound: socket.socket | None = None
    ) -> None:
        self.script = list(script)
        self.requests: list[bytes] = []
        self.connections = 0
        self.ended = threading.Event()
        self._requested = threading.Condition()
        self._context = context
        self._listener = bound or socket.create_server(("127.0.0.1", 0))
        self._listener.listen()
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://{self.netloc}"

    def wait_for_requests(self, count: int = 1) -> None:
        with self._requested:
            assert self._requested.wait_for(lambda: len(self.requests) >= count, HANG), "no request came"

    def _listen(self) -> None:
        with self._listener:
            while True:
                connection, _ = self._listener.accept()
                # A client that never gives up makes a test fail, not hang.
                if self.ended.is_set() or self.connections == MANY:
                    connection.close()
                    return
                behaviour = self.script[min(self.connections, len(self.script) - 1)]
                self.connections += 1
                with self._lock:
                    self._open.add(connection)
                thread = threading.Thread(target=self._serve, args=(connection, behaviour))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket, behaviour: Behaviour) -> None:
        try:
            with suppress(OSError):  # the client may go at any time
                self._answer(connection, behaviour)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _answer(self, connection: socket.socket, behaviour: Behaviour) -> None:
        connection.settimeout(HANG)
        if self._context:
            with self._context.wrap_socket(connection, server_side=True) as secure:
                self._talk(secure, behaviour)
        else:
            self._talk(connection, behaviour)

    def _talk(self, connection: socket.socket, behaviour: Behaviour) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            data = connection.recv(65536)
            if not data:
                return
            request += data
        with self._requested:
            self.requests.append(request)
            self._requested.notify_all()
        if isinstance(behaviour, bytes):
            connection.sendall(behaviour)
        else:
            behaviour(connection)
        connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.ended.set()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):  # wakes who waits for a connection, on every system
            socket.create_connection(("127.0.0.1", self.port), HANG).close()
        for thread in self._threads:
            thread.join()


class Unending:
    """Send the head, if there is one, and then a byte now and then, or nothing, until the client goes.

    `outlasted` tells that the client was still there when a test must end.
    """

    def __init__(self, head: bytes = b"", *, drips: bool = False) -> None:
        self._head = head
        self._drips = drips
        self.outlasted = False

    def __call__(self, connection: socket.socket) -> None:
        connection.sendall(self._head)
        end = time.monotonic() + HANG
        connection.settimeout(0.05 if self._drips else HANG)
        while time.monotonic() < end:
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                if self._drips:
                    connection.sendall(b"x")
        self.outlasted = True


class Behaviours:
    """What a server may do to a connection."""

    @staticmethod
    def reply(status: int = 200, body: bytes | str = b"[]", **headers: str) -> bytes:
        """A whole answer; `headers` are written with underscores."""
        data = body.encode() if isinstance(body, str) else body
        named = {"Content-Type": "application/json", "Content-Length": str(len(data)), "Connection": "close"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in named.items() if value)]
        return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + data

    @staticmethod
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    @staticmethod
    def hang(head: bytes = b"") -> Unending:
        """Answer nothing, or nothing more than a head, until the client goes."""
        return Unending(head)

    @staticmethod
    def drip(head: bytes) -> Unending:
        """Send the head, then a byte at a time until the client goes."""
        return Unending(head, drips=True)


@pytest.fixture
def behaviours() -> type[Behaviours]:
    return Behaviours


@pytest.fixture
def faulty() -> Iterator[Callable[..., Faulty]]:
    """Start servers with a script of faults."""
    servers: list[Faulty] = []

    def start(*script: Behaviour, context: ssl.SSLContext | None = None, bound: socket.socket | None = None) -> Faulty:
        servers.append(Faulty(script, context, bound))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def bound() -> Iterator[socket.socket]:
    """A socket that holds a port and doesn't listen: who connects is refused, and nobody else can take the port."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held


@pytest.fixture
def refusing(bound: socket.socket) -> str:
    """An address, host and port, where every connection is refused."""
    return f"127.0.0.1:{bound.getsockname()[1]}"
