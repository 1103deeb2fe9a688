"""What the tests share: a clean environment, the real program, a made-up GitHub and a server with faults."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import sysconfig
import termios
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

import pytest
import trustme
from hypothesis import settings
from werkzeug import Request, Response

from copilot_usage_cli.github.address import Address, find_address
from copilot_usage_cli.github.auth import Token
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.github.retry import RetryLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from pytest_httpserver import HTTPServer

    Behaviour = bytes | Callable[[socket.socket], None]

SCRIPT = Path(sysconfig.get_path("scripts")) / "copilot-usage"
TOKEN = "ghp_Sentinel0123456789abcdefghijABCDEFGH"  # made up
OURS = re.compile(
    r"(GH|GITHUB|SSL|TTY|LC|PYTHON|COPILOT_USAGE|XDG)_?.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|REQUEST_METHOD"
    r"|(FORCE|NO)_COLOR|CLICOLOR.*|COLUMNS|LINES|LANG|LANGUAGE|TZ|(all|https?|no|ftp)_proxy",
    re.IGNORECASE,
)
settings.register_profile("suite", deadline=None, derandomize=True, database=None)  # a busy machine is no failure
settings.load_profile("suite")
MANY = 1000  # connections or waits in one test
LIMIT = 60  # seconds after which a hanging program fails a test


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in [name for name in os.environ if OURS.fullmatch(name)]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    for name, folder in {
        "HOME": ".",
        "XDG_CONFIG_HOME": ".config",
        "XDG_CACHE_HOME": ".cache",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
    }.items():
        monkeypatch.setenv(name, str(home / folder))
    monkeypatch.setenv("COPILOT_USAGE_HISTORY", "off")  # the tests of the history switch it on
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")


@dataclass(frozen=True)
class Finished:
    """A program's exit code and output; `out` holds all that a terminal showed."""

    code: int
    out: str
    err: str = ""


class Run(Protocol):
    """Run the program to its end."""

    def __call__(
        self, *args: str, env: Mapping[str, str] | None = None, stdin: str | bytes = "", cwd: Path | None = None
    ) -> Finished: ...


class RunInTerminal(Protocol):
    """Run the program to its end in a terminal so many columns wide."""

    def __call__(self, columns: int, *args: str, env: Mapping[str, str] | None = None) -> Finished: ...


@pytest.fixture
def script() -> Path:
    """The installed program."""
    return SCRIPT


@pytest.fixture
def token() -> str:
    return TOKEN


@pytest.fixture
def run() -> Run:
    """Run the program as a person or a cron job does: a process of its own, pipes all around."""

    def finish(
        *args: str, env: Mapping[str, str] | None = None, stdin: str | bytes = "", cwd: Path | None = None
    ) -> Finished:
        done = subprocess.run(
            [SCRIPT, *args],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            timeout=LIMIT,
            check=False,
        )
        return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())

    return finish


@pytest.fixture
def run_in_terminal() -> RunInTerminal:
    """Run the program with stdin, stdout and stderr on a terminal of its own."""

    def finish(columns: int, *args: str, env: Mapping[str, str] | None = None) -> Finished:
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(
            [SCRIPT, *args],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        os.close(theirs)
        too_long = threading.Timer(LIMIT, process.kill)
        too_long.start()
        shown = b""
        try:
            with suppress(OSError):  # EIO: the other side is closed
                while data := os.read(ours, 65536):
                    shown += data
            code = process.wait()
        finally:
            too_long.cancel()
            os.close(ours)
        return Finished(code, shown.decode().replace("\r\n", "\n"))

    return finish


@dataclass
class GitHub:
    """The classic usage endpoints of a GitHub on loopback, with pages by `Link`."""

    server: HTTPServer
    finish: Run
    arrivals: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.server.host}:{self.server.port}"

    @property
    def netloc(self) -> str:
        return f"{self.server.host}:{self.server.port}"

    def serve(self, records: Sequence[Any], path: str = "/orgs/acme/copilot/usage", most: int = 28) -> None:
        """Serve daily records, at most `most` a page, within `since` and `until` where they are given."""

        def answer(request: Request) -> Response:
            self.arrivals.append(request)
            query = request.args.to_dict()
            first, last = query.get("since", "0001")[:10], query.get("until", "9999")[:10]
            chosen = [record for record in records if first <= str(record.get("day", "")) <= last]
            page, size = int(query.get("page", 1)), min(int(query.get("per_page", most)), most)
            response = Response(json.dumps(chosen[(page - 1) * size : page * size]), 200, mimetype="application/json")
            if page * size < len(chosen):
                following = urlencode({**query, "page": page + 1, "per_page": size})
                response.headers["Link"] = f'<{self.url}{request.path}?{following}>; rel="next"'
            return response

        self.server.expect_request(path).respond_with_handler(answer)

    def answer(self, status: int, body: str | bytes = b"", **headers: str) -> None:
        """Give every request the same answer; `headers` are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        def handle(request: Request) -> Response:
            self.arrivals.append(request)
            return Response(body, status, headers={"Content-Type": "application/json", **named})

        self.server.expect_request(re.compile(".*")).respond_with_handler(handle)

    def run(self, *args: str, env: Mapping[str, str] | None = None) -> Finished:
        """Run the program against this GitHub, with a token and without patience."""
        given = {"GH_TOKEN": TOKEN, **(env or {})}
        return self.finish(*args, "--api-url", self.url, "--max-wait", "0", env=given)


@pytest.fixture
def github(httpserver_ipv4: HTTPServer, run: Run) -> GitHub:
    return GitHub(httpserver_ipv4, run)


@pytest.fixture
def record() -> Callable[..., dict[str, Any]]:
    """Make a whole daily record in GitHub's shape, fields replaced at will."""

    def make(day: str | date = "2024-06-03", **fields: Any) -> dict[str, Any]:
        return {
            "day": str(day),
            "total_suggestions_count": 100,
            "total_acceptances_count": 30,
            "total_lines_suggested": 200,
            "total_lines_accepted": 50,
            "total_active_users": 7,
            "total_chat_acceptances": 4,
            "total_chat_turns": 9,
            "total_active_chat_users": 3,
            "breakdown": [
                {
                    "language": "python",
                    "editor": "vscode",
                    "suggestions_count": 100,
                    "acceptances_count": 30,
                    "lines_suggested": 200,
                    "lines_accepted": 50,
                    "active_users": 7,
                }
            ],
            **fields,
        }

    return make


class Faulty:
    """A server that does to each connection what its script says; the last entry holds for all that follow.

    An entry is bytes to send before closing, or a function of the connection. `requests` are the raw requests that
    came; `most_open` is how many connections were open at a time.
    """

    def __init__(self, script: Sequence[Behaviour], context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.script = list(script)
        self.requests: list[bytes] = []
        self.connections = 0
        self.ended = threading.Event()
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://{self.netloc}"

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.connections == MANY:  # the client never gives up, and a test is to fail, not to hang
                self._listener.close()
                return
            behaviour = self.script[min(self.connections, len(self.script) - 1)]
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection, behaviour))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, behaviour: Behaviour) -> None:
        with suppress(OSError):  # the client may go at any time
            connection.settimeout(LIMIT)
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    data = connection.recv(65536)
                    if not data:
                        return
                    request += data
                self.requests.append(request)
                if isinstance(behaviour, bytes):
                    connection.sendall(behaviour)
                else:
                    behaviour(connection)
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_WR)
        connection.close()

    def close(self) -> None:
        self.ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


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
    def hang(seconds: float = 3) -> Callable[[socket.socket], None]:
        """Answer nothing, until the client goes or the seconds are over."""

        def wait(connection: socket.socket) -> None:
            connection.settimeout(seconds)
            with suppress(TimeoutError):
                connection.recv(1)

        return wait

    @staticmethod
    def drip(head: bytes, pause: float = 0.2, seconds: float = 6) -> Callable[[socket.socket], None]:
        """Send the head, then a byte at a time."""

        def send(connection: socket.socket) -> None:
            end = time.monotonic() + seconds
            connection.sendall(head)
            while time.monotonic() < end:
                connection.sendall(b"x")
                time.sleep(pause)

        return send


@pytest.fixture
def behaviours() -> type[Behaviours]:
    return Behaviours


@pytest.fixture
def faulty() -> Iterator[Callable[..., Faulty]]:
    """Start servers with a script of faults."""
    servers: list[Faulty] = []

    def start(*script: Behaviour, context: ssl.SSLContext | None = None, port: int = 0) -> Faulty:
        servers.append(Faulty(script, context, port))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@dataclass
class Conversation:
    """A client in this process, what it said and traced, and the seconds that it would have slept."""

    client: Client
    said: list[str]
    traced: list[str]
    slept: list[float]


@pytest.fixture
def converse() -> Iterator[Callable[..., Conversation]]:
    """Make clients whose waiting takes no time, and whose jitter is none unless it is given."""
    made: list[Client] = []

    def make(
        url: str,
        *,
        timeout: float = 10.0,
        max_wait: float = 120.0,
        value: str = TOKEN,
        address: Address | None = None,
        asleep: Callable[[float], None] = lambda _: None,
        jitter: float = 1.0,
    ) -> Conversation:
        said: list[str] = []
        traced: list[str] = []
        slept: list[float] = []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            assert len(slept) < MANY, "the client never gives up"
            asleep(seconds)

        client = Client(
            address or find_address(url, None, {}),
            Token(value, "GH_TOKEN"),
            RetryLimits(timeout, max_wait),
            say=said.append,
            trace=traced.append,
            sleep=sleep,
            jitter=lambda: jitter,
        )
        made.append(client)
        return Conversation(client, said, traced, slept)

    yield make
    for client in made:
        client.__exit__(None, None, None)


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program's main function in this process: quicker than a process, and without a terminal, too."""
    from copilot_usage_cli.__main__ import main

    def finish(
        *args: str, env: Mapping[str, str] | None = None, stdin: str | bytes = "", cwd: Path | None = None
    ) -> Finished:
        assert not stdin
        assert cwd is None
        with monkeypatch.context() as patch, _signals_kept():
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            capfd.readouterr()
            code = main(args)
            sys.stdout.flush()
            out, err = capfd.readouterr()
        return Finished(code, out, err)

    return finish


@contextmanager
def _signals_kept() -> Generator[None]:
    before = {signum: signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """The side of a TLS server on loopback."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path
