from __future__ import annotations

import json
import os
import re
import socket
import threading
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import NOW
from support.limits import HANG
from support.marks import needs_linux_loopback
from support.packing import compress

from copilot_usage_cli import __version__
from copilot_usage_cli.errors import NotUnderstood, Unavailable, UsageError
from copilot_usage_cli.github import client, http
from copilot_usage_cli.github.address import Address
from copilot_usage_cli.github.auth import Token
from copilot_usage_cli.github.client import Client, StatusError
from copilot_usage_cli.github.deadline import DeadlineExceeded, call_within
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.classic import fetch

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from pathlib import Path

    from support.conversation import Conversation
    from support.faulty import Behaviour, Behaviours, Faulty
    from support.github import GitHub
    from support.program import Run

ACME = Scope("org", "acme")
PATH = "/orgs/acme/copilot/usage"


def lines(request: bytes) -> tuple[str, dict[str, list[str]]]:
    """Take a raw request apart: its first line, and its headers."""
    first, *rest = request.decode("ascii").split("\r\n\r\n")[0].split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in rest:
        name, _, value = line.partition(": ")
        headers.setdefault(name.lower(), []).append(value)
    return first, headers


def pages(talk: Conversation, path: str = PATH) -> list[Any]:
    return [json.loads(body) for body in talk.client.pages(path, {})]


# Requests


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        (Scope("enterprise", "megacorp"), "/enterprises/megacorp/copilot/usage"),
        (Scope("enterprise", "megacorp", "ent:core"), "/enterprises/megacorp/team/ent%3Acore/copilot/usage"),
        (Scope("org", "Acme-1"), "/orgs/Acme-1/copilot/usage"),
        (Scope("org", "acme", "core.team_x"), "/orgs/acme/team/core.team_x/copilot/usage"),
    ],
)
def test_a_request_is_what_github_documents(
    scope: Scope,
    path: str,
    token: str,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
) -> None:
    server = faulty(behaviours.reply())
    assert fetch(converse(server.url).client, Query(scope, Period(), NOW.date()), Period()) == []
    (request,) = server.requests
    first, headers = lines(request)
    assert first == f"GET {path} HTTP/1.1"
    assert headers == {
        "host": [server.netloc],
        "accept": ["application/vnd.github+json"],
        "accept-encoding": ["gzip"],
        "authorization": [f"Bearer {token}"],
        "connection": ["keep-alive"],
        "user-agent": [f"copilot-usage-cli/{__version__}"],
        "x-github-api-version": ["2022-11-28"],
    }


SENT = ("2024-06-01T00:00:00Z", "2024-06-07T23:59:59Z")


@pytest.mark.parametrize(
    ("period", "options", "query"),
    [
        (Period(), {}, ""),
        (
            Period(date(2024, 6, 1), date(2024, 6, 7), *SENT),
            {},
            "?since=2024-06-01T00%3A00%3A00Z&until=2024-06-07T23%3A59%3A59Z",
        ),
        (Period(), {"page": 2}, "?page=2"),
        (Period(), {"per_page": 7}, "?per_page=7"),
        (
            Period(date(2024, 6, 1), date(2024, 6, 7), *SENT),
            {"page": 1, "per_page": 28},
            "?since=2024-06-01T00%3A00%3A00Z&until=2024-06-07T23%3A59%3A59Z&page=1&per_page=28",
        ),
    ],
)
def test_a_query_holds_what_was_asked_for(
    period: Period,
    options: Any,
    query: str,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
) -> None:
    server = faulty(behaviours.reply())
    assert fetch(converse(server.url).client, Query(ACME, period, NOW.date())._replace(**options), period) == []
    assert [lines(request)[0] for request in server.requests] == [f"GET {PATH}{query} HTTP/1.1"]


def test_the_command_line_says_what_is_asked(github: GitHub, record: Callable[..., Any]) -> None:
    github.serve([record()], "/enterprises/mega/team/ent:core/copilot/usage")
    done = github.run(
        "team", "ent:core", "--enterprise", "mega", "--since", "2024-06-03", "--until", "2024-06-03", "--page", "1",
        "--per-page", "3", "--json",
    )  # fmt: skip
    assert (done.code, done.err) == (
        0,
        "copilot-usage: note: this is one page of the answer only, so missing days aren't judged\n",
    )
    assert [day["scope"] for day in json.loads(done.out)] == ["team:enterprise:mega/ent:core"]
    (request,) = github.arrivals
    assert request.method == "GET"
    assert request.environ["RAW_URI"] == (
        "/enterprises/mega/team/ent%3Acore/copilot/usage"
        "?since=2024-06-03T00%3A00%3A00Z&until=2024-06-03T23%3A59%3A59Z&page=1&per_page=3"
    )


def test_a_base_path_stays(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    server = faulty(behaviours.reply())
    assert pages(converse(f"{server.url}/api/v3/")) == [[]]
    assert lines(server.requests[0])[0] == f"GET /api/v3{PATH} HTTP/1.1"


# Pages


def test_pages_are_followed_as_the_link_says(
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
    record: Callable[..., Any],
) -> None:
    target = "/organizations/1/copilot/usage?after=Y%3d%2B+&page=2&&x"
    links = f'<http://other.example/1>; rel="prev", <{{}}{target}>; rel="next", <http://other.example/9>; rel="last"'
    server = faulty()
    server.script += [
        behaviours.reply(body=json.dumps([record("2024-06-04")]), Link=links.format(server.url)),
        behaviours.reply(body=json.dumps([record("2024-06-03")]), Link='</third>; title="b"; rel=next'),
        behaviours.reply(body="[]", Link='<http://other.example/1>; rel="first", </4>; rel="nextish"'),
    ]
    records = fetch(converse(server.url).client, Query(ACME, Period(), NOW.date()), Period())
    assert [each.day for each in records] == [date(2024, 6, 4), date(2024, 6, 3)]
    assert [lines(request)[0].split()[1] for request in server.requests] == [PATH, target, "/third"]


def test_one_page_is_one_request(github: GitHub, record: Callable[..., Any]) -> None:
    github.serve([record("2024-06-03"), record("2024-06-04"), record("2024-06-05")], most=1)
    whole = github.run("org", "acme", "-f", "csv", "-q")
    assert [line.split(",")[2] for line in whole.out.splitlines()[1:]] == ["2024-06-03", "2024-06-04", "2024-06-05"]
    assert len(github.arrivals) == 3
    github.arrivals.clear()
    second = github.run("org", "acme", "--page", "2", "-f", "csv", "-q")
    assert [line.split(",")[2] for line in second.out.splitlines()[1:]] == ["2024-06-04"]
    assert len(github.arrivals) == 1


ELSEWHERE = [
    "http://127.0.0.1:{other}/2",
    "http://localhost:{port}/2",
    "https://127.0.0.1:{port}/2",
    "//127.0.0.1:{other}/2",
    "http://127.0.0.1:{port}@127.0.0.1:{other}/2",
    "http://user:password@127.0.0.1:{port}/2",
    "http://127.0.0.1:{other}\\@127.0.0.1:{port}/2",
    "http://127.0.0.1/2",
    "http://127.0.0.1:0/2",
    "http://127.0.0.1:99999/2",
    "ftp://127.0.0.1:{port}/2",
]


@pytest.mark.parametrize("link", ELSEWHERE)
@pytest.mark.parametrize("by", ["link", "redirect"])
def test_the_token_never_goes_to_another_origin(
    by: str,
    link: str,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
) -> None:
    server, other = faulty(), faulty(behaviours.reply())
    target = link.format(port=server.port, other=other.port)
    if by == "link":
        server.script.append(behaviours.reply(Link=f'<{target}>; rel="next"'))
    else:
        server.script.append(behaviours.reply(302, Location=target))
    with pytest.raises(NotUnderstood) as refused:
        pages(converse(server.url))
    verb = "points with its `next` link" if by == "link" else "redirects"
    assert refused.value.message == f"{server.netloc} {verb} to another origin, which was refused"
    assert other.requests == []
    assert len(server.requests) == 1


def test_a_link_that_is_none_is_refused(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    for link in ("http://[::1/2", "http://127.0.0.1:port/2", "/\x7f"):
        server = faulty(behaviours.reply(Link=f'<{link}>; rel="next"'))
        with pytest.raises(NotUnderstood):
            pages(converse(server.url))
        assert len(server.requests) == 1


def test_pages_in_a_circle_are_refused(
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
) -> None:
    two, one = (behaviours.reply(Link=f'<{to}>; rel="next"') for to in ("/two", PATH))
    server = faulty(two, one)
    with pytest.raises(NotUnderstood) as refused:
        pages(converse(server.url))
    assert refused.value.message == f"{server.netloc} sends the pages of its answer in a circle"
    assert len(server.requests) == 2


def test_pages_without_end_are_refused_as_that(
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "_MOST_PAGES", 5)
    for count in (5, 9):
        links = [behaviours.reply(Link=f'</{n}>; rel="next"') for n in range(count - 1)]
        server = faulty(*links, behaviours.reply())
        if count == 5:
            assert len(pages(converse(server.url))) == 5
            continue
        with pytest.raises(NotUnderstood, match=r" sends more than 5 pages$"):
            pages(converse(server.url))
        assert len(server.requests) == 5


def test_a_page_that_fails_fails_the_report(
    run: Run, faulty: Callable[..., Faulty], behaviours: type[Behaviours], record: Callable[..., Any]
) -> None:
    page = behaviours.reply(body=json.dumps([record()]), Link='</two>; rel="next"')
    server = faulty(page, behaviours.reply(502))
    done = run("org", "acme", "--api-url", server.url, "--max-wait", "0", env={"GH_TOKEN": "made-up"})
    assert (done.code, done.out) == (6, "")
    assert done.err == (
        f"copilot-usage: error: {server.netloc} answered 502\nhint: GitHub has a temporary problem; try again later\n"
    )


# Redirects


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_on_the_same_origin_are_followed(
    status: int,
    token: str,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
) -> None:
    server = faulty()
    server.script += [
        behaviours.reply(status, "", Location="/organizations/1"),
        behaviours.reply(status, "", Location=f"{server.url.upper().replace('HTTP', 'http')}/b"),
        behaviours.reply(status, "", Location="c?d"),
        behaviours.reply(body="[1]"),
    ]
    assert pages(converse(server.url)) == [[1]]
    assert [lines(request)[0].split()[1] for request in server.requests] == [PATH, "/organizations/1", "/b", "/c?d"]
    assert {lines(request)[1]["authorization"][0] for request in server.requests} == {f"Bearer {token}"}


def test_four_redirects_are_too_many(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    server = faulty(*(behaviours.reply(302, "", Location=f"/{n}") for n in range(4)), behaviours.reply())
    with pytest.raises(NotUnderstood) as refused:
        pages(converse(server.url))
    assert refused.value.message == f"{server.netloc} redirects more than 3 times"
    assert len(server.requests) == 4


def test_a_redirect_to_nowhere_ends(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    server = faulty(behaviours.reply(302, ""))
    with pytest.raises(NotUnderstood, match=r"redirects more than 3 times$"):
        pages(converse(server.url))


def test_elsewhere_is_refused_with_advice(
    run: Run, faulty: Callable[..., Faulty], behaviours: type[Behaviours]
) -> None:
    server, other = faulty(), faulty(behaviours.reply())
    server.script.append(behaviours.reply(301, "", Location=f"{other.url}/orgs/acme/copilot/usage?secret=1"))
    done = run("org", "acme", "--api-url", server.url, env={"GH_TOKEN": "made-up"})
    assert (done.code, done.out) == (7, "")
    assert done.err == (
        f"copilot-usage: error: {server.netloc} redirects to another origin, which was refused\n"
        "hint: the token goes to the API's own host only; check --api-url, --hostname or GITHUB_API_URL\n"
    )
    assert other.connections == 0


# Faults of the network


def cut(reply: bytes, by: int = 1) -> bytes:
    return reply[:-by]


BODY = json.dumps([{"day": "2024-06-03", "breakdown": None}]).encode()
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (BODY[:9], BODY[9:]))
    + b"0\r\n\r\n"
)


def zipped(behaviours: type[Behaviours]) -> bytes:
    return behaviours.reply(body=compress(BODY), Content_Encoding="gzip")


def unlengthed(behaviours: type[Behaviours]) -> bytes:
    return behaviours.reply(body=compress(BODY), Content_Encoding="gzip", Content_Length="")


FAULTS: dict[str, Callable[[type[Behaviours]], Behaviour]] = {
    "reset": lambda behaviours: behaviours.reset,
    "closed": lambda _: b"",
    "garbage": lambda _: b"SSH-2.0-OpenSSH_9.6\r\n",
    "headers cut": lambda _: b"HTTP/1.1 200 OK\r\nContent-Type: app",
    "length cut": lambda behaviours: cut(behaviours.reply(body=BODY)),
    "length, no body": lambda behaviours: cut(behaviours.reply(body=BODY), len(BODY)),
    "chunk cut": lambda _: cut(CHUNKED, 12),
    "last chunk cut": lambda _: cut(CHUNKED, 5),
    "gzip cut": lambda behaviours: cut(unlengthed(behaviours)),
    "huge header": lambda behaviours: behaviours.reply(X_Long="x" * 200_000),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_recovered_from(
    name: str, faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    server = faulty(FAULTS[name](behaviours), behaviours.reply(body=BODY))
    talk = converse(server.url)
    assert pages(talk) == [json.loads(BODY)]
    assert talk.slept == [1.0]
    assert talk.said[0].startswith(f"waiting 1 s for {server.netloc}: ")
    assert server.connections == 2


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_stays_ends_in_exit_6(
    name: str, faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    server = faulty(FAULTS[name](behaviours))
    talk = converse(server.url)
    with pytest.raises(Unavailable) as ended:
        pages(talk)
    reason = "the answer was cut short" if name == "gzip cut" else "the connection broke"
    assert (ended.value.message, ended.value.hint) == (
        f"no answer from {server.netloc}: {reason}",
        "try again later",
    )
    assert talk.slept == [1, 2, 4, 8, 16, 32]
    assert server.connections == 7


def test_a_refused_connection_is_recovered_from(
    bound: socket.socket,
    refusing: str,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
) -> None:
    talk = converse(f"http://{refusing}", asleep=lambda _: faulty(behaviours.reply(), bound=bound))
    assert pages(talk) == [[]]
    assert talk.said == [f"waiting 1 s for {refusing}: the connection was refused"]


def test_a_refused_connection_that_stays_ends(refusing: str, converse: Callable[..., Conversation]) -> None:
    talk = converse(f"http://{refusing}", max_wait=4)
    with pytest.raises(Unavailable, match=r"^no answer from 127\.0\.0\.1:\d+: the connection was refused$"):
        pages(talk)
    assert talk.slept == [1, 2]


def test_an_answer_cut_at_any_byte_is_never_a_report(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    for whole in (behaviours.reply(body=BODY), CHUNKED, zipped(behaviours), unlengthed(behaviours)):
        points = range(whole.index(b"\r\n\r\n") + 4, len(whole))
        server = faulty(*(whole[:at] for at in points), whole)
        talk = converse(server.url, max_wait=1e9, jitter=-1.0)  # so no back-off: this is about cuts
        assert pages(talk) == [json.loads(BODY)]
        assert server.connections == len(points) + 1


def test_more_than_one_member_is_one_answer(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    body = compress(BODY[:10]) + compress(BODY[10:])
    server = faulty(behaviours.reply(body=body, Content_Encoding="GZip"))
    assert pages(converse(server.url)) == [json.loads(BODY)]


@pytest.mark.parametrize(
    ("body", "encoding", "why"),
    [
        (compress(bytes(65 * 1024 * 1024), 9), "gzip", "it is larger than 12 MiB"),
        (b"[]", "br", "it is encoded as 'br', which was not asked for"),
        (b"[]", "gzip", "its compression is broken (Error -3 while decompressing data: incorrect header check)"),
    ],
    ids=["bomb", "encoding", "no gzip"],
)
def test_an_unreadable_body_is_refused_at_once(
    body: bytes,
    encoding: str,
    why: str,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
) -> None:
    server = faulty(behaviours.reply(body=body, Content_Encoding=encoding))
    talk = converse(server.url)
    with pytest.raises(NotUnderstood) as refused:
        pages(talk)
    assert refused.value.message == f"the answer of {server.netloc} is not a usage report: {why}"
    assert talk.slept == []


def test_204_is_an_empty_report(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    server = faulty(behaviours.reply(204, "", Content_Length="", Content_Encoding="gzip"))
    assert fetch(converse(server.url).client, Query(ACME, Period(), NOW.date()), Period()) == []


def test_a_kept_connection_serves_all_pages(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    first = behaviours.reply(Link='</two>; rel="next"', Connection="keep-alive")

    def twice(connection: socket.socket) -> None:
        connection.sendall(first)
        connection.recv(65536)
        connection.sendall(behaviours.reply(body="[2]"))

    server = faulty(twice)
    assert pages(converse(server.url)) == [[], [2]]
    assert server.connections == 1


# Time


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n["


@pytest.mark.parametrize("kind", ["hang", "hang in body", "drip of headers", "drip of body"])
def test_a_timeout_is_a_limit_on_the_whole_answer(
    kind: str, faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    behaviour = {
        "hang": behaviours.hang(),
        "hang in body": behaviours.hang(HEAD),
        "drip of headers": behaviours.drip(HEAD[:20]),
        "drip of body": behaviours.drip(HEAD),
    }[kind]
    server = faulty(behaviour)
    talk = converse(server.url, timeout=0.5, max_wait=0)
    with pytest.raises(Unavailable) as ended:
        pages(talk)
    assert not behaviour.outlasted
    assert ended.value.message == f"no answer from {server.netloc}: it took longer than 0.5 s (--timeout)"
    talk.client.close()  # the server sees the end, and the test need not wait


def test_a_timeout_is_recovered_from(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    server = faulty(behaviours.drip(HEAD), behaviours.reply())
    talk = converse(server.url, timeout=0.4)
    assert pages(talk) == [[]]
    assert talk.said[0] == f"waiting 1 s for {server.netloc}: it took longer than 0.4 s (--timeout)"


def test_the_program_ends_in_time(run: Run, faulty: Callable[..., Faulty], behaviours: type[Behaviours]) -> None:
    drip = behaviours.drip(HEAD)
    server = faulty(drip)
    done = run("org", "acme", "--api-url", server.url, "--timeout", "0.5", "--max-wait", "0",
               env={"GH_TOKEN": "made-up"})  # fmt: skip
    assert not drip.outlasted
    assert (done.code, done.out) == (6, "")
    assert done.err == (
        f"copilot-usage: error: no answer from {server.netloc}: it took longer than 0.5 s (--timeout)\n"
        "hint: try again later\n"
    )


def test_within_gives_back_what_the_call_does() -> None:
    assert call_within(10, lambda: 5) == 5
    assert call_within(1e9, lambda: 6) == 6
    with pytest.raises(ZeroDivisionError):
        call_within(10, lambda: 1 // 0)
    ended = threading.Event()
    with pytest.raises(DeadlineExceeded):
        call_within(0.05, lambda: ended.wait(HANG))
    ended.set()


@needs_linux_loopback
def test_connecting_has_a_limit_of_its_own(
    converse: Callable[..., Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as waiting:
        netloc = f"127.0.0.1:{full.getsockname()[1]}"
        waiting.setblocking(False)
        waiting.connect_ex(full.getsockname())  # fills the queue; whoever comes next gets no answer
        with pytest.raises(Unavailable) as ended:
            pages(converse(f"http://{netloc}", max_wait=0))
    assert ended.value.message == f"no answer from {netloc}: connecting took longer than 0.2 s"


# Trust


def test_an_untrusted_certificate_is_refused_at_once(
    run: Run, faulty: Callable[..., Faulty], behaviours: type[Behaviours], tls: ssl.SSLContext
) -> None:
    server = faulty(behaviours.reply(), context=tls)
    done = run("org", "acme", "--api-url", server.url, env={"GH_TOKEN": "made-up"})
    assert (done.code, done.out) == (6, "")
    assert re.fullmatch(
        rf"copilot-usage: error: no answer from {re.escape(server.netloc)}: its certificate is not trusted \([^\n]+\)\n"
        r"hint: trust the certificate of a company's proxy on this machine, or let SSL_CERT_FILE name a file with it\n",
        done.err,
    )
    assert (server.connections, server.requests) == (1, [])


def test_a_certificate_for_another_name_is_not_trusted(
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
    tls: ssl.SSLContext,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    server = faulty(behaviours.reply(), context=tls)
    with pytest.raises(Unavailable, match=r"its certificate is not trusted \(.*localhost.*\)$"):
        pages(converse(server.url.replace("127.0.0.1", "localhost")))


def test_ssl_cert_file_names_whom_to_trust(
    run: Run, faulty: Callable[..., Faulty], behaviours: type[Behaviours], tls: ssl.SSLContext, ca_file: Path
) -> None:
    server = faulty(behaviours.reply(), context=tls)
    env = {"GH_TOKEN": "made-up", "SSL_CERT_FILE": str(ca_file)}
    done = run("org", "acme", "--json", "-q", "--api-url", server.url, env=env)
    assert (done.code, done.out, done.err) == (0, "[]\n", "")


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_ssl_cert_file_must_hold_certificates(run: Run, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    env = {"GH_TOKEN": "made-up", "SSL_CERT_FILE": str(tmp_path / "ca.pem")}
    done = run("org", "acme", "--api-url", "https://127.0.0.1:1", env=env)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "copilot-usage: error: the certificates to trust can't be read\n"
        "hint: check SSL_CERT_FILE, which must name existing certificates\n"
    )


# Proxies


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_proxy_for_https_is_asked(
    name: str,
    token: str,
    run: Run,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
) -> None:
    proxy = faulty(behaviours.reply(407, "", Content_Length="0"))
    env = {"GH_TOKEN": token, name: f"http://user:secret@{proxy.netloc}"}
    done = run("org", "acme", "-v", env=env)
    assert (done.code, done.out) == (6, "")
    traced, *said = done.err.splitlines()
    assert re.fullmatch(r"copilot-usage: GET api\.github\.com /orgs/acme/copilot/usage no answer \d+ ms", traced)
    assert said == [
        f"copilot-usage: error: no answer from api.github.com: the proxy {proxy.netloc} ({name}) refused",
        f"hint: check {name} and its password",
    ]
    (request,) = proxy.requests
    first, headers = lines(request)
    assert first == "CONNECT api.github.com:443 HTTP/1.1"
    assert "authorization" not in headers
    assert token.encode() not in request


def test_no_proxy_is_honoured(
    run: Run, faulty: Callable[..., Faulty], behaviours: type[Behaviours], tls: ssl.SSLContext, ca_file: Path
) -> None:
    server, proxy = faulty(behaviours.reply(), context=tls), faulty(b"")
    env = {"GH_TOKEN": "made-up", "SSL_CERT_FILE": str(ca_file), "HTTPS_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"}
    assert run("org", "acme", "--json", "-q", "--api-url", server.url, env=env).code == 0
    assert proxy.connections == 0


@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_near_proxy_for_http_is_asked(
    scheme: str,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy = faulty(behaviours.reply(body="[1]"))
    monkeypatch.setenv("HTTP_PROXY", f"{scheme}{proxy.netloc}")
    assert pages(converse("http://127.0.0.1:1")) == [[1]]
    assert lines(proxy.requests[0])[0] == f"GET http://127.0.0.1:1{PATH} HTTP/1.1"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("proxy", ["http://proxy.example:3128", "proxy.example:3128", "http://user@0.0.0.0:1"])
def test_a_far_proxy_never_sees_a_token_in_clear_text(
    name: str,
    proxy: str,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    converse: Callable[..., Conversation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, proxy)
    server = faulty(behaviours.reply(body="[1]"))
    assert pages(converse(server.url)) == [[1]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "http://user:secret@proxy.example:port"),
        ("https_proxy", "http://user:secret@proxy.example:0"),
        ("HTTPS_PROXY", "secret://proxy.example"),
        ("ALL_PROXY", "socks5://user:secret@127.0.0.1:1"),
        ("HTTPS_PROXY", "http://"),
        ("HTTPS_PROXY", "http://[::1"),
        ("HTTPS_PROXY", "http://secret proxy"),
        ("HTTPS_PROXY", "http://secret\x07proxy"),
        ("HTTPS_PROXY", "http://ex\u00ad\u00adample.secret:99999"),
    ],
)
def test_a_bad_proxy_is_named_by_its_variable_and_not_shown(call: Run, name: str, value: str) -> None:
    done = call("org", "acme", "--max-wait", "0", env={"GH_TOKEN": "made-up", name: value})
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"copilot-usage: error: the proxy that {name} names can't be used\n"
        "hint: write it as http://HOST:PORT; a SOCKS proxy, socks5://HOST:PORT, needs `pip install httpx[socks]`\n"
    )


@pytest.mark.parametrize("kind", ["refuses", "hangs", "is no proxy", "has no name"])
def test_a_dead_proxy_is_not_githubs_fault(
    kind: str, call: Run, refusing: str, faulty: Callable[..., Faulty], behaviours: type[Behaviours]
) -> None:
    url, said = {
        "refuses": (f"http://{refusing}", "the proxy {} (HTTPS_PROXY) refused the connection"),
        "hangs": (
            faulty(behaviours.hang()).url,
            "it took longer than 0.5 s (--timeout) through the proxy {} (HTTPS_PROXY)",
        ),
        "is no proxy": (faulty(b"SSH-2.0\r\n").url, "the connection through the proxy {} (HTTPS_PROXY) broke"),
        "has no name": ("http://nobody.invalid:9", "the name of the proxy {} (HTTPS_PROXY) can't be looked up"),
    }[kind]
    env = {"GH_TOKEN": "made-up", "HTTPS_PROXY": url.replace("//", "//user:secret@")}
    done = call("org", "acme", "--max-wait", "0", "--timeout", "0.5", env=env)
    netloc = url.removeprefix("http://")
    assert done.code == 6
    assert done.err.splitlines()[0] == f"copilot-usage: error: no answer from api.github.com: {said.format(netloc)}"
    assert "HTTPS_PROXY" in done.err.splitlines()[1]


# What is traced


def test_a_trace_names_the_request_without_its_query(github: GitHub, record: Callable[..., Any]) -> None:
    github.serve([record("2024-06-03"), record("2024-06-04")], most=1)
    done = github.run("org", "acme", "-v", "--since", "2024-06-03", "--until", "2024-06-04", "-q", "--json")
    assert done.code == 0
    assert re.sub(r"\d+ ms", "N ms", done.err) == (
        f"copilot-usage: GET {github.netloc} /orgs/acme/copilot/usage 200 N ms\n" * 2
    )


def test_requests_are_traced_whatever_becomes_of_them(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    moved = behaviours.reply(302, "", Location="/there?secret=1")
    server = faulty(behaviours.reset, behaviours.reply(500), moved, behaviours.reply(404))
    talk = converse(server.url)
    with pytest.raises(StatusError):
        pages(talk)
    assert [re.sub(r"\d+ ms", "N ms", line) for line in talk.traced] == [
        f"GET {server.netloc} {PATH} no answer N ms",
        f"GET {server.netloc} {PATH} 500 N ms",
        f"GET {server.netloc} {PATH} 302 N ms",
        f"GET {server.netloc} /there 404 N ms",
    ]


def test_a_client_needs_no_network_to_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    with (
        pytest.raises(UsageError),
        Client(Address("https://a.example", "a.example", "server"), Token("t", "GH_TOKEN"), now=lambda: NOW),
    ):
        pass
