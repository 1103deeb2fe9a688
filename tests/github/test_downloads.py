from __future__ import annotations

import hashlib
import json
import re
import socket
import time
import tracemalloc
from base64 import b64encode
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from support.packing import compress

from copilot_usage_cli.errors import CopilotUsageError, NotUnderstood, Unavailable
from copilot_usage_cli.github.address import Address
from copilot_usage_cli.github.documents import Delivered
from copilot_usage_cli.github.downloads import LinkExpired

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from pathlib import Path

    from support.conversation import Conversation
    from support.faulty import Behaviours, Faulty

    Start = Callable[..., "Storage"]

QUERY = "se=2026-11-16&sig=c2VudGluZWw%3D"
LINES = [{"user_id": n, "day": "2026-11-02", "totals_by_feature": []} for n in range(200)]
TEXT = "".join(json.dumps(line) + "\n" for line in LINES).encode()
API = "http://127.0.0.1:9"  # nobody is asked there


class Storage:
    """A client of files on a server with a script of faults."""

    def __init__(self, converse: Callable[..., Conversation], server: Faulty, **settings: Any) -> None:
        self.server = server
        self.talk = converse(API, **settings)

    def read(self, path: str = "/part-0.json") -> list[Any]:
        try:
            return list(self.talk.client.downloads.documents(f"{self.server.url}{path}?{QUERY}", "it"))
        finally:
            self.check()

    def check(self) -> None:
        assert not [line for line in (*self.talk.said, *self.talk.traced) if "sig" in line or "?" in line]

    def refused(self) -> CopilotUsageError:
        with pytest.raises(CopilotUsageError) as caught:
            self.read()
        assert "sig=" not in caught.value.message + caught.value.hint
        return caught.value


@pytest.fixture
def storage(faulty: Callable[..., Faulty], converse: Callable[..., Conversation]) -> Start:
    def start(*script: Any, context: ssl.SSLContext | None = None, **settings: Any) -> Storage:
        return Storage(converse, faulty(*script, context=context), **settings)

    return start


def test_neither_the_token_nor_githubs_headers_go_to_the_storage(
    storage: Start, behaviours: type[Behaviours], token: str
) -> None:
    files = storage(behaviours.reply(body=TEXT))
    assert files.read() == LINES
    (request,) = files.server.requests
    first, *headers = request.decode().strip().split("\r\n")
    assert first == f"GET /part-0.json?{QUERY} HTTP/1.1"
    names = {line.partition(":")[0].lower() for line in headers}
    assert names == {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert "Accept: */*" in headers
    assert "Accept-Encoding: gzip" in headers
    assert token not in request.decode()


def test_the_query_is_in_no_line(storage: Start, behaviours: type[Behaviours]) -> None:
    files = storage(behaviours.reply(503), behaviours.reply(body=TEXT))
    files.read()
    assert re.fullmatch(r"GET 127\.0\.0\.1:\d+ /part-0\.json 503 \d+ ms", files.talk.traced[0])
    assert re.fullmatch(r"GET 127\.0\.0\.1:\d+ /part-0\.json 200 \d+ ms", files.talk.traced[1])
    assert files.talk.said == [f"waiting 1 s for {files.server.netloc}: a temporary failure (503)"]


@pytest.mark.parametrize("by_header", [True, False])
@pytest.mark.parametrize("by_content", [True, False])
def test_gzip_is_known_by_the_header_and_by_the_content(
    storage: Start, behaviours: type[Behaviours], *, by_header: bool, by_content: bool
) -> None:
    body = compress(TEXT) if by_content else TEXT
    body = compress(body) if by_header else body
    files = storage(behaviours.reply(body=body, Content_Encoding="gzip" if by_header else ""))
    assert files.read() == LINES


PACKED = compress(TEXT)
MD5 = b64encode(hashlib.md5(TEXT).digest()).decode()


def cut(body: bytes, announced: int | None = None, **headers: str) -> bytes:
    """Announce a length, or none, and send less than the whole."""
    length = f"Content-Length: {announced}\r\n" if announced is not None else ""
    named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 200 OK\r\n{length}{named}Connection: close\r\n\r\n".encode() + body


FAULTS: dict[str, Any] = {
    "503": b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
    "429": b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n",
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "less than announced": cut(TEXT[:-1], len(TEXT)),
    "half of what was announced": cut(TEXT[: len(TEXT) // 2], len(TEXT)),
    "nothing of what was announced": cut(b"", len(TEXT)),
    "gzip without its last byte": cut(PACKED[:-1]),
    "half a gzip": cut(PACKED[: len(PACKED) // 2]),
    "half an encoding": cut(PACKED[: len(PACKED) // 2], Content_Encoding="gzip"),
    "another checksum": cut(TEXT, len(TEXT), Content_MD5="Q2hlY2sgSW50ZWdyaXR5IQ=="),
    "no checksum that can be": cut(TEXT, len(TEXT), Content_MD5="none"),
    "cut at the end of a line, with a checksum": cut(TEXT[: TEXT.index(b"\n") + 1], Content_MD5=MD5),
    "no end, cut at the end of a line": cut(TEXT[: TEXT.index(b"\n") + 1]),
    "no end, and all of it": cut(TEXT),
    "no end, and nothing": cut(b""),
    "a web page": cut(b"<!DOCTYPE html><p>Log in", 24),
    "a web page within gzip": cut(compress(b"\n<html>"), Content_Encoding="gzip"),
    "a broken chunk": cut(b"ff\r\n" + TEXT[:100], Transfer_Encoding="chunked"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_download_that_breaks_begins_again_and_counts_once(
    fault: bytes, storage: Start, behaviours: type[Behaviours]
) -> None:
    files = storage(fault, behaviours.reply(body=TEXT))
    assert files.read() == LINES
    assert files.server.connections == 2
    assert len(files.talk.slept) == 1


@pytest.mark.parametrize("packed", [False, True])
def test_another_link_to_the_same_file_goes_on_after_what_was_delivered(
    storage: Start, behaviours: type[Behaviours], *, packed: bool
) -> None:
    body = compress(TEXT) if packed else TEXT
    whole = len(body)
    breaks = [cut(body[: whole // 2], whole), cut(body[: whole * 3 // 4], whole)]
    files = storage(*breaks, behaviours.reply(403), behaviours.reply(body=body))
    delivered = Delivered()
    link = f"{files.server.url}/part-0.json?{QUERY}"
    got: list[Any] = []
    with pytest.raises(LinkExpired):
        got.extend(files.talk.client.downloads.documents(link, "it", delivered))
    assert 0 < delivered.count < len(LINES)
    got.extend(files.talk.client.downloads.documents(link, "it", delivered))
    assert got == LINES


def test_a_file_that_changed_after_a_break_is_refused(storage: Start, behaviours: type[Behaviours]) -> None:
    other = TEXT.replace(b'"user_id": 0,', b'"user_id": 7,')
    files = storage(cut(TEXT[: len(TEXT) // 2], len(TEXT)), behaviours.reply(body=other))
    error = files.refused()
    assert isinstance(error, Unavailable)
    assert (error.message, error.hint) == ("it changed while it was read", "try again")


def test_a_file_that_is_shorter_after_a_break_is_refused(storage: Start, behaviours: type[Behaviours]) -> None:
    files = storage(cut(TEXT[: len(TEXT) // 2], len(TEXT)), behaviours.reply(body=TEXT.splitlines()[0]))
    assert files.refused().message == "it changed while it was read"


def test_a_connection_that_is_reset_is_tried_again(storage: Start, behaviours: type[Behaviours]) -> None:
    assert storage(behaviours.reset, behaviours.reply(body=TEXT)).read() == LINES


def test_a_storage_that_does_not_answer_in_time_is_tried_again(storage: Start, behaviours: type[Behaviours]) -> None:
    files = storage(behaviours.hang(), behaviours.reply(body=TEXT), timeout=0.3)
    assert files.read() == LINES
    assert "it took longer than 0.3 s (--timeout)" in files.talk.said[0]


def test_a_file_that_drips_is_cut_off(storage: Start, behaviours: type[Behaviours]) -> None:
    drip = behaviours.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
    error = storage(drip, timeout=0.3, max_wait=0).refused()
    assert "it took longer than 0.3 s (--timeout)" in error.message


def test_a_file_that_drips_after_a_good_start_is_cut_off_too(storage: Start, behaviours: type[Behaviours]) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b" " * (3 << 20)
    error = storage(behaviours.drip(head), timeout=0.5, max_wait=0).refused()
    assert "it took longer than 0.5 s (--timeout)" in error.message


@pytest.mark.parametrize(
    "whole",
    [
        cut(TEXT, Content_MD5=MD5),
        cut(TEXT, len(TEXT), Content_MD5=MD5),
        cut(PACKED),
        cut(PACKED, Content_Encoding="gzip"),
        cut(b"%x\r\n%s\r\n0\r\n\r\n" % (len(TEXT), TEXT), Transfer_Encoding="chunked"),
    ],
    ids=["checksum", "checksum and length", "a gzip file", "gzip on the way", "chunked"],
)
def test_a_file_that_says_where_it_ends_is_read_at_once(whole: bytes, storage: Start) -> None:
    files = storage(whole)
    assert files.read() == LINES
    assert files.server.connections == 1


def test_the_time_limit_is_of_the_head_and_what_follows_together(storage: Start) -> None:
    def send(connection: socket.socket) -> None:
        ended.wait(0.8)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
        ended.wait(9)

    files = storage(send, timeout=1, max_wait=0)
    ended = files.server.ended
    begun = time.monotonic()
    assert "it took longer than 1 s (--timeout)" in files.refused().message
    assert 0.9 < time.monotonic() - begun < 1.7  # a limit for each would be over at 1.8


def test_a_slow_reader_is_no_slow_network(storage: Start, behaviours: type[Behaviours]) -> None:
    files = storage(behaviours.reply(body=TEXT * 40), timeout=0.5)
    link = f"{files.server.url}/part-0.json"
    count = 0
    for count, _ in enumerate(files.talk.client.downloads.documents(link, "it"), 1):
        if count % 2000 == 0:
            time.sleep(0.2)
    assert count == 40 * len(LINES)
    assert files.server.connections == 1


def test_a_file_is_not_waited_for_without_end(storage: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copilot_usage_cli.github.http._PROGRESS", 10)
    monkeypatch.setattr("copilot_usage_cli.github.http._MOST_TIMEOUTS", 2)

    def send(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")
        while not ended.wait(0.02):
            connection.sendall(b'{"a": 1}\n' * 2)

    files = storage(send, timeout=0.5)  # a busy machine takes a while for the head
    ended = files.server.ended
    assert "the file took longer than 1 s, which is 2 x --timeout" in files.refused().message
    assert files.server.connections == 1


def test_a_file_is_limited_in_all(storage: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copilot_usage_cli.github.downloads._LARGEST", 1 << 20)
    files = storage(cut(compress(TEXT * 200), Content_Encoding="gzip"))
    assert files.refused().message == "it can't be read: it is larger than 1 MiB"


@pytest.mark.slow
def test_a_long_file_may_take_longer_than_one_answer(storage: Start) -> None:
    mib = b" " * ((1 << 20) - 1) + b"\n"

    def send(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (4 * len(mib) + 9))
        for _ in range(4):
            connection.sendall(mib)
            ended.wait(1.1)
        connection.sendall(b'{"a": 1}\n')

    files = storage(send, timeout=4)  # for each MiB; all take longer
    ended = files.server.ended
    assert files.read() == [{"a": 1}]
    assert files.server.connections == 1


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_retry_budget_ends(fault: bytes, storage: Start) -> None:
    files = storage(fault, max_wait=7)
    error = files.refused()
    assert isinstance(error, Unavailable)
    assert files.server.netloc in error.message
    assert sum(files.talk.slept) <= 7
    assert 2 <= files.server.connections <= 8


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_the_storage_refuses_has_expired(status: int, storage: Start, behaviours: type[Behaviours]) -> None:
    files = storage(behaviours.reply(status, b"<Error/>"))
    with pytest.raises(LinkExpired) as caught:
        files.read()
    assert (caught.value.netloc, caught.value.status) == (files.server.netloc, status)
    assert files.server.connections == 1


@pytest.mark.parametrize("status", [201, 204, 206, 304, 400, 416, 501])
def test_another_status_is_not_understood(status: int, storage: Start, behaviours: type[Behaviours]) -> None:
    files = storage(behaviours.reply(status, b"" if status in {204, 304} else TEXT))
    error = files.refused()
    assert isinstance(error, NotUnderstood)
    assert error.message == f"{files.server.netloc} answered {status} instead of a report's file"
    assert files.server.connections == 1


def test_a_file_that_is_no_json_is_named_without_its_link(storage: Start, behaviours: type[Behaviours]) -> None:
    files = storage(behaviours.reply(body=b"[1, 2"))
    assert files.refused().message == "it is not JSON, or was cut short (line 1, column 6)"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_followed_with_a_line_for_each(
    status: int, storage: Start, behaviours: type[Behaviours], faulty: Callable[..., Faulty]
) -> None:
    end = faulty(behaviours.reply(body=TEXT))
    files = storage(
        behaviours.reply(status, Location=f"/nearer?{QUERY}"),
        behaviours.reply(status, Location=f"{end.url}/there?{QUERY}"),
    )
    assert files.read() == LINES
    lines = [re.sub(r" \d+ ms$", "", line) for line in files.talk.traced]
    assert lines == [
        f"GET {files.server.netloc} /part-0.json {status}",
        f"GET {files.server.netloc} /nearer {status}",
        f"GET {end.netloc} /there 200",
    ]
    assert end.requests[0].startswith(f"GET /there?{QUERY} ".encode())
    assert b"uthorization" not in end.requests[0]


def test_redirects_in_a_circle_end(storage: Start, behaviours: type[Behaviours]) -> None:
    files = storage(behaviours.reply(302, Location="/part-0.json"))
    assert files.refused().message == "it is redirected more than 3 times"
    assert files.server.connections == 4


UNSAFE = [
    "http://storage.example/part-0.json",
    "ftp://127.0.0.1/part-0.json",
    "file:///etc/passwd",
    "//storage.example/part-0.json",
    "/part-0.json",
    "https:///part-0.json",
    "https://[::1/part-0.json",
    "https://name:secret@127.0.0.1/part-0.json",
    "http://name@127.0.0.1/part-0.json",
    "javascript:alert(1)",
    "",
]


@pytest.mark.parametrize("link", UNSAFE)
def test_links_are_https_or_refused_without_a_request(
    link: str, converse: Callable[..., Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    talk = converse(API)
    with pytest.raises(NotUnderstood) as caught:
        list(talk.client.downloads.documents(f"{link}?{QUERY}" if link else "", "it"))
    assert caught.value.message == "it has a link that is not a valid https address, which was refused"
    assert "secret" not in str(talk.traced)


FAR = Address("https://github.example/api/v3", "github.example", "server")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_api_elsewhere_never_leads_to_this_machine_in_clear_text(
    host: str, faulty: Callable[..., Faulty], converse: Callable[..., Conversation]
) -> None:
    server = faulty(b"")
    talk = converse("", address=FAR)
    with pytest.raises(NotUnderstood, match=r"link that is not a valid https address, which was refused$"):
        list(talk.client.downloads.documents(f"http://{host}:{server.port}/?{QUERY}", "it"))
    assert server.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "storage.example", "[::ffff:127.0.0.1]", "0.0.0.0"])
@pytest.mark.parametrize("redirected", [False, True])
def test_an_api_elsewhere_never_leads_to_this_machine(
    host: str,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
    tls: ssl.SSLContext,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    redirected: bool,
) -> None:
    resolve(monkeypatch, "storage.example", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    inside = faulty(behaviours.reply(body=TEXT), context=tls)
    link = f"https://{host}:{inside.port}/?{QUERY}"
    if redirected:
        answers = iter([False])
        monkeypatch.setattr("copilot_usage_cli.github.http.is_near", lambda _: next(answers, True))
        outside = faulty(behaviours.reply(302, Location=link), context=tls)
        link = f"https://storage.example:{outside.port}/"
    talk = converse("", address=FAR, max_wait=0)
    with pytest.raises(NotUnderstood, match=r"^it has a link to .+, which is an address of this machine or of its net"):
        list(talk.client.downloads.documents(link, "it"))
    assert inside.connections == 0


def test_an_api_elsewhere_leads_to_where_its_name_says(
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
    tls: ssl.SSLContext,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve(monkeypatch, "storage.example", "127.0.0.2", "127.0.0.1")
    monkeypatch.setattr("copilot_usage_cli.github.http.is_near", lambda address: address == "127.0.0.2")
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    server = faulty(behaviours.reply(body=TEXT), context=tls)
    talk = converse("", address=FAR)
    link = f"https://storage.example:{server.port}/?{QUERY}"
    assert list(talk.client.downloads.documents(link, "it")) == LINES
    assert server.connections == 1


def test_what_a_proxy_connects_to_is_the_proxys(
    faulty: Callable[..., Faulty], converse: Callable[..., Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = faulty(b"HTTP/1.1 403 No\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    talk = converse("", address=FAR, max_wait=0)
    with pytest.raises(Unavailable, match=rf"the proxy {proxy.netloc} \(HTTPS_PROXY\) refused"):
        list(talk.client.downloads.documents(f"https://127.0.0.1:9/?{QUERY}", "it"))
    assert proxy.requests[0].startswith(b"CONNECT 127.0.0.1:9 ")


def resolve(monkeypatch: pytest.MonkeyPatch, name: str, *addresses: str) -> None:
    """Let a name stand for addresses."""
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        return (
            [each for one in addresses for each in real(one, port, *args, **kwargs)]
            if host == name
            else real(host, port, *args, **kwargs)
        )

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("link", [each for each in UNSAFE if ":" in each and "[" not in each])
def test_a_redirect_to_where_no_link_may_lead_is_refused(
    link: str, storage: Start, behaviours: type[Behaviours]
) -> None:
    files = storage(behaviours.reply(302, Location=link))
    assert files.refused().message == "it has a link that is not a valid https address, which was refused"
    assert files.server.connections == 1


def test_https_is_checked_against_the_trusted_certificates(
    storage: Start,
    behaviours: type[Behaviours],
    tls: ssl.SSLContext,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = storage(behaviours.reply(body=TEXT), context=tls).refused()
    assert isinstance(error, Unavailable)
    assert "its certificate is not trusted" in error.message
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    assert storage(behaviours.reply(body=TEXT), context=tls).read() == LINES


def test_several_threads_share_the_downloads(storage: Start, behaviours: type[Behaviours]) -> None:
    from copilot_usage_cli.sources.parallel import run_all

    files = storage(behaviours.reply(body=TEXT))
    found = run_all([lambda n=n: files.read(f"/{n}") for n in range(20)], 5)  # type: ignore[misc]
    assert found == [LINES] * 20


def test_the_peak_of_memory_is_the_same_for_a_small_file_and_a_large_one(
    storage: Start, behaviours: type[Behaviours]
) -> None:
    line = json.dumps({"user_id": 1, "day": str(date(2026, 11, 2)), "rows": [{"n": n} for n in range(100)]}).encode()

    def peak(lines: int) -> int:
        packed = compress((line + b"\n") * lines)
        files = storage(behaviours.reply(body=packed))
        tracemalloc.start()
        try:
            link = f"{files.server.url}/part-0.json"
            assert sum(1 for _ in files.talk.client.downloads.documents(link, "it")) == lines
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is made once
    assert peak(6000) < 1.5 * peak(2000)  # 2 and 6 MB of lines


@pytest.mark.parametrize("target", ["https://[", "//["])
def test_a_redirect_to_what_is_no_address_is_refused(target: str, storage: Start, behaviours: type[Behaviours]) -> None:
    error = storage(behaviours.reply(302, Location=target)).refused()
    assert isinstance(error, NotUnderstood)
    assert error.message == "it has a link that is not a valid https address, which was refused"
