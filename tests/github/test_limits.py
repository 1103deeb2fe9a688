"""What an answer, a link or a file may be at most, whatever it is."""

from __future__ import annotations

import gzip
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
from support.environment import TOKEN
from support.packing import compress

from copilot_usage_cli.errors import NotUnderstood, Unavailable
from copilot_usage_cli.github import downloads
from copilot_usage_cli.github.body import BodyTooLarge, inflate
from copilot_usage_cli.github.client import StatusError
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources import saved_files
from copilot_usage_cli.sources.reports.api import ReportsApi

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.conversation import Conversation
    from support.faulty import Behaviours, Faulty
    from support.program import Run

ORG = Scope("org", "acme")


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_of_a_long_error_nothing_is_read(
    encoding: str, faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    body = json.dumps({"message": "x" * (1 << 16)}).encode()
    server = faulty(behaviours.reply(422, gzip.compress(body) if encoding else body, Content_Encoding=encoding))
    with pytest.raises(StatusError) as refused:
        converse(server.url).client.get(f"{server.url}/")
    assert refused.value.message == "HTTP 422: "


def test_an_envelope_is_not_megabytes(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation]
) -> None:
    body = json.dumps({"download_links": [], "more": "x" * (4 << 20)})
    api = ReportsApi(converse(faulty(behaviours.reply(body=body)).url).client, ORG)
    with pytest.raises(NotUnderstood, match="it is larger than 4 MiB"):
        api.envelope("organization-28-day/latest")


@pytest.mark.parametrize(
    "link",
    [
        *("https://a..b/", f"https://{'a' * 64}.test/", "https://xn--/", "https://x.invalid/\ud800"),
        *("http://127.0.0.1:1/\ud800", "https://host:99999/", "https://host:x/", "https://h:443:443/", "https://[::1/"),
    ],
)
@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:1"])
def test_a_link_that_no_request_can_be_made_of_is_refused(
    link: str,
    proxy: str,
    call: Run,
    faulty: Callable[..., Faulty],
    behaviours: type[Behaviours],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = faulty(*[behaviours.reply(body=json.dumps({"download_links": [link]}))] * 2)
    env = {"GH_TOKEN": TOKEN} | ({"HTTPS_PROXY": proxy} if proxy else {})
    args = ("org", "acme", "--source", "reports", "--api-url", server.url, "--max-wait", "0", "--no-history")
    done = call(*args, env=env)
    assert done.code in ({6, 7} if proxy else {7}), done.err  # a proxy may be asked to look a name up
    assert "Traceback" not in done.err


@pytest.mark.parametrize("target", ["https://a..b/", "http://xn--/", f"http://{'a' * 300}.test/"])
def test_a_redirect_to_what_is_no_address_is_refused(
    target: str, call: Run, faulty: Callable[..., Faulty], behaviours: type[Behaviours]
) -> None:
    away = behaviours.reply(302, Location=target)
    for source in ("usage", "reports"):
        storage = faulty(away)
        links = {"download_links": [f"{storage.url}/file?sig=x"]}
        server = faulty(away if source == "usage" else behaviours.reply(body=json.dumps(links)))
        args = ("org", "acme", "--source", source, "--api-url", server.url, "--max-wait", "0", "--no-history")
        done = call(*args, env={"GH_TOKEN": TOKEN})
        assert (done.code, "Traceback" in done.err) == (7, False), done.err


@pytest.mark.parametrize("value", ["http://us:pw@[::1", "http://us:pw@a..b:1", f"http://us:pw@{'a' * 64}:1"])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "all_proxy"])
def test_a_proxy_that_is_no_address_is_named_by_its_variable(variable: str, value: str, call: Run) -> None:
    env = {"GH_ENTERPRISE_TOKEN": TOKEN, variable: value}
    done = call("org", "acme", "--api-url", "https://api.invalid", "--max-wait", "0", "--no-history", env=env)
    assert done.code == 2
    assert f"the proxy that {variable} names can't be used" in done.err
    assert "pw" not in done.err
    assert "pw" not in (checked := call("doctor", "org:acme", env=env | {"PATH": ""})).out + checked.err
    assert "Traceback" not in checked.err


def test_a_file_of_empty_members_ends() -> None:
    def endless() -> Any:
        while True:
            yield gzip.compress(b"") * 100

    with pytest.raises(BodyTooLarge, match="in pieces of next to nothing"):
        for _ in inflate(endless()):
            pass


def test_many_small_members_are_one_stream() -> None:
    line = b"a line of some length, as a log appends it, one after the other, for years on end, compressed by itself\n"
    assert b"".join(inflate([gzip.compress(line)] * 3000)) == line * 3000


def test_what_comes_of_a_file_is_limited_as_well_as_what_is_in_it(
    faulty: Callable[..., Faulty], converse: Callable[..., Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert downloads._LARGEST == 1 << 30
    monkeypatch.setattr(downloads, "_LARGEST", 1 << 16)

    def send(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n")
        connection.sendall(b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * (1 << 17))  # a file's name without an end

    server = faulty(send)
    with pytest.raises(NotUnderstood, match="it is larger than 0 MiB"):
        list(converse("http://127.0.0.1:9").client.downloads.documents(f"{server.url}/f?sig=x", "it"))


@pytest.mark.parametrize("body", [b"", b"\x1f"])
def test_an_encoding_alone_is_no_end(
    body: bytes, faulty: Callable[..., Faulty], converse: Callable[..., Conversation]
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
    server = faulty(head + body)
    with pytest.raises(Unavailable, match="doesn't say where it ends"):
        list(converse("http://127.0.0.1:9", max_wait=0).client.downloads.documents(f"{server.url}/f?sig=x", "it"))


def test_no_more_layers_of_gzip_are_taken_off_than_anybody_puts_on(
    faulty: Callable[..., Faulty], behaviours: type[Behaviours], converse: Callable[..., Conversation], tmp_path: Path
) -> None:
    line = b'{"day": "2026-11-12", "total_active_users": 1}\n'
    twice, thrice = compress(compress(line)), compress(compress(compress(line)))

    def read(body: bytes, encoding: str) -> list[Any]:
        server = faulty(behaviours.reply(body=body, Content_Encoding=encoding))
        return list(converse("http://127.0.0.1:9").client.downloads.documents(f"{server.url}/f?sig=x", "it"))

    assert read(twice, "gzip") == [json.loads(line)]
    for body, encoding in ((twice, ""), (thrice, "gzip")):
        with pytest.raises(NotUnderstood, match="it is gzip within gzip"):
            read(body, encoding)
    saved = tmp_path / "a"
    saved.write_bytes(compress(line))
    assert len(saved_files.read_files([str(saved)], ORG).records) == 1
    saved.write_bytes(twice)
    with pytest.raises(NotUnderstood, match="it is gzip within gzip"):
        saved_files.read_files([str(saved)], ORG)
