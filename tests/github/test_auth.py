from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.limits import HANG
from support.packing import compress

from copilot_usage_cli.errors import NotAllowed
from copilot_usage_cli.github import auth
from copilot_usage_cli.github.address import Address, find_address
from copilot_usage_cli.github.auth import Token, find_token, redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.faulty import Behaviour, Behaviours, Faulty
    from support.program import Run

GITHUB = find_address(None, "github.com", {})
TENANT = find_address(None, "octo.ghe.com", {})
SERVER = find_address(None, "git.example:8443", {})
LOOPBACK = find_address("http://127.0.0.1:1", None, {})
ALL = {
    "GH_TOKEN": "one",
    "GITHUB_TOKEN": "two",
    "GH_ENTERPRISE_TOKEN": "three",
    "GITHUB_ENTERPRISE_TOKEN": "four",
    "PATH": "/nowhere",
}
FORMS = {
    "a": "\u201cghp_Secret\u201d",
    "b": "ghp_Secret\nghp_Secret",
    "c": "ghp_Secret ghp_Secret",
    "d": "ghp_Secret\x00",
    "e": "ghp_Secret\x7f",
    "f": "ghp_S\u0435cret",
    "g": "Bearer ghp_Secret",
    "h": "\ufeffghp_Secret",
    "i": "ghp_Secret\x1b[31m",
    "j": "ghp_Secret\ud800",
    "k": "\u200bghp_Secret",
    "l": "ghp_Secret\tx",
}


@pytest.mark.parametrize(
    ("address", "order"),
    [
        (GITHUB, ["GH_TOKEN", "GITHUB_TOKEN"]),
        (TENANT, ["GH_TOKEN", "GITHUB_TOKEN"]),
        (SERVER, ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]),
        (LOOPBACK, ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]),
    ],
    ids=["github.com", "ghe.com", "server", "loopback"],
)
def test_each_kind_of_host_has_its_variables(address: Address, order: list[str]) -> None:
    environ = dict(ALL)
    for name in order:
        assert find_token(address, environ) == Token(ALL[name], name)
        environ[name] = " \n"  # as good as none
    with pytest.raises(NotAllowed) as refused:
        find_token(address, environ)
    assert refused.value.message == f"no token for {address.hostname}"
    log_in = f", or log in with `gh auth login --hostname {address.hostname}`" if address is not LOOPBACK else ""
    assert refused.value.hint == (
        f"set {order[0]} (or {order[1]}), for example {order[0]}=$(cat FILE){log_in}; "
        "to look around without a token, add --demo"
    )


def test_white_space_around_a_token_is_no_part_of_it() -> None:
    assert find_token(GITHUB, {"GH_TOKEN": "\t ghp_x \r\n"}) == Token("ghp_x", "GH_TOKEN")


@pytest.mark.parametrize("form", FORMS)
def test_a_token_that_is_none_is_refused_unseen(form: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        find_token(GITHUB, {"GITHUB_TOKEN": FORMS[form]})
    assert refused.value.message == "the token from GITHUB_TOKEN holds characters that no token has"
    assert refused.value.hint == (
        "it may have been copied with a line break, a space or a typographic quote; set it anew"
    )


def test_a_token_shows_in_no_representation() -> None:
    assert repr(Token("ghp_Secret", "GH_TOKEN")) == "Token(where='GH_TOKEN')"


# gh


@pytest.fixture
def gh(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Make a gh of one line of Python, which tells what it was called with; gives the environment to find it in."""

    def make(line: str) -> dict[str, str]:
        program = tmp_path / "bin" / "gh"
        program.parent.mkdir(exist_ok=True)
        program.write_text(
            f"#!{sys.executable} -S\nimport os, sys, time\n"
            f"open({str(tmp_path / 'called')!r}, 'a').write(' '.join(sys.argv[1:]) + '\\n')\n{line}\n"
        )
        program.chmod(0o755)
        return {"PATH": str(program.parent)}

    return make


def called(tmp_path: Path) -> list[str]:
    log = tmp_path / "called"
    return log.read_text().splitlines() if log.exists() else []


@pytest.mark.parametrize("address", [GITHUB, TENANT, SERVER], ids=["github.com", "ghe.com", "server"])
def test_gh_is_asked_last_and_for_the_host(
    address: Address, gh: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    environ = gh("print('gho_FromGh')")
    assert find_token(address, environ) == Token("gho_FromGh", "gh auth token")
    assert called(tmp_path) == [f"auth token --hostname {address.hostname}"]
    variable = "GH_ENTERPRISE_TOKEN" if address is SERVER else "GITHUB_TOKEN"
    assert find_token(address, {**environ, variable: "own"}) == Token("own", variable)
    assert len(called(tmp_path)) == 1


def test_gh_is_never_asked_for_loopback(gh: Callable[[str], dict[str, str]], tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match=r"^no token for 127\.0\.0\.1$"):
        find_token(LOOPBACK, gh("print('gho_FromGh')"))
    assert called(tmp_path) == []


@pytest.mark.parametrize(
    "line", ["sys.exit(1)", "print('gho_x'); sys.exit(1)", "", "print(' ')", "os.kill(os.getpid(), 9)"]
)
def test_a_gh_without_a_token_is_none(line: str, gh: Callable[[str], dict[str, str]]) -> None:
    with pytest.raises(NotAllowed, match=r"^no token for github\.com$"):
        find_token(GITHUB, gh(line))


@pytest.mark.parametrize(
    "line", ["print('no oauth token')", "print('gho_a\\ngho_b')", "os.write(1, b'gho_\\xff')", "print('gho_\\u201d')"]
)
def test_junk_of_gh_is_refused_unseen(line: str, gh: Callable[[str], dict[str, str]]) -> None:
    with pytest.raises(NotAllowed) as refused:
        find_token(GITHUB, {**gh(line), "PYTHONUTF8": "1"})
    assert refused.value.message == "the token from gh auth token holds characters that no token has"


def test_a_gh_that_hangs_is_left(
    gh: Callable[[str], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert auth._GH_SECONDS == 5
    monkeypatch.setattr(auth, "_GH_SECONDS", 0.3)
    late = tmp_path / "late"
    with pytest.raises(NotAllowed, match=r"^no token for github\.com$"):
        find_token(GITHUB, gh(f"time.sleep({HANG}); open({str(late)!r}, 'w')"))
    assert not late.exists()


def test_a_gh_that_is_no_program_is_none(tmp_path: Path) -> None:
    (tmp_path / "gh").write_bytes(b"\x7fELF is not what this is")
    (tmp_path / "gh").chmod(0o755)
    with pytest.raises(NotAllowed, match=r"^no token for github\.com$"):
        find_token(GITHUB, {"PATH": str(tmp_path)})


def test_gh_says_nothing_of_its_own(gh: Callable[[str], dict[str, str]], run: Run) -> None:
    done = run("org", "acme", env=gh("print('secret', file=sys.stderr); print(sys.stdin.read()); sys.exit(4)"))
    assert (done.code, done.out) == (4, "")
    assert done.err == (
        "copilot-usage: error: no token for github.com\n"
        "hint: set GH_TOKEN (or GITHUB_TOKEN), for example GH_TOKEN=$(cat FILE), or log in with "
        "`gh auth login --hostname github.com`; to look around without a token, add --demo\n"
    )


def test_the_token_of_gh_is_sent(
    gh: Callable[[str], dict[str, str]], run: Run, faulty: Callable[..., Faulty], behaviours: type[Behaviours]
) -> None:
    # A host that is not loopback's, behind a proxy that answers in its place, sees only the request for a tunnel.
    proxy = faulty(behaviours.reply(502, ""))
    env = {**gh("print('gho_FromGh')"), "HTTPS_PROXY": proxy.url}
    assert run("org", "acme", "--hostname", "git.example", "--max-wait", "0", env=env).code == 6
    assert proxy.requests[0].startswith(b"CONNECT git.example:443 HTTP/1.1\r\n")
    assert b"gho_" not in proxy.requests[0]


@pytest.mark.parametrize(
    "line",
    [
        "os.execvp('yes', ['yes'])",
        f"time.sleep({HANG})",
        f"print('gho_Half', flush=True); time.sleep({HANG})",
        f"os.fork() or time.sleep({HANG})",
        f"os.close(1); time.sleep({HANG})",
    ],
    ids=["endless", "silent", "half", "a child that stays", "closed"],
)
def test_a_gh_that_goes_on_is_ended(
    line: str, gh: Callable[[str], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("copilot_usage_cli.github.auth._GH_SECONDS", 0.2)
    begun = time.monotonic()
    with pytest.raises(NotAllowed, match=r"no token for github\.com"):
        find_token(GITHUB, {**gh(line), "PATH": f"{gh(line)['PATH']}:{os.environ['PATH']}"})
    assert time.monotonic() - begun < 3


# Redaction


def test_redaction() -> None:
    token = Token("0123456789abcdef0123456789abcdef", "GH_TOKEN")
    for text, expected in {
        "Bad credentials": "Bad credentials",
        f"Bad credentials {token.value}!": "Bad credentials ***!",
        f"cut: {token.value[:20]}...": "cut: ***...",
        f"cut: {token.value[:12]}": "cut: ***",
        f"short: {token.value[:11]}": f"short: {token.value[:11]}",
        "gho_Another ghs_One github_pat_11A_b": "*** *** ***",
        "see https://a.example/b?sig=secret&x=y now": "see https://a.example/b?*** now",
        "see <https://a.example/b?sig=secret> now?": "see <https://a.example/b?***> now?",
        "/b?se=2026&sig=secret%2B&x=y": "/b?se=***",
        "X-Amz-Signature=secret X-Amz-Security-Token=secret": "X-Amz-Signature=*** X-Amz-Security-Token=***",
        "what? a=b": "what? a=b",
        "'a?b' is not a slug": "'a?b' is not a slug",
    }.items():
        assert redact(text, token) == expected
    assert redact("a test", Token("t", "GH_TOKEN")) == "a test"
    assert redact("the word", Token("word", "GH_TOKEN")) == "the ***"


# A token in no output: every fault, with a server that echoes, quiet and verbose.

CLASSIC = "0123456789abcdef" * 2 + "01234567"  # as GitHub's tokens once were: no prefix gives them away
MODERN = "github_pat_11SENTINEL0123456789_" + "abcdEFGH" * 7


def echoes(behaviours: type[Behaviours], token: str, url: str) -> dict[str, Behaviour]:
    padded = "x" * 280 + token
    echo = json.dumps({"message": f"Bad token {token} of Bearer {token}", "documentation_url": token})
    record = {"day": "2024-06-03", "breakdown": None}
    return {
        **{f"status {status}": behaviours.reply(status, echo) for status in (400, 401, 403, 404, 418, 422, 429, 500)},
        "cut message": behaviours.reply(403, json.dumps({"message": padded})),
        "reset": behaviours.reset,
        "closed": b"",
        "garbage": token.encode() + b"\r\n\r\n",
        "hang": behaviours.hang(),
        "web page": behaviours.reply(200, f"<html>{token}</html>"),
        "text": behaviours.reply(200, token),
        "object": behaviours.reply(200, echo),
        "day": behaviours.reply(200, json.dumps([{**record, "day": token}])),
        "cut day": behaviours.reply(200, json.dumps([{**record, "day": "x" * 12 + token}])),
        "no day": behaviours.reply(200, f"[{echo}]"),
        "no day, cut message": behaviours.reply(200, json.dumps([{"message": padded}])),
        "count": behaviours.reply(200, json.dumps([{**record, "total_chat_turns": token}])),
        "no record": behaviours.reply(200, json.dumps([token])),
        "link elsewhere": behaviours.reply(Link=f'<https://{token}.example/{token}>; rel="next"'),
        "link with it": behaviours.reply(Link=f'</{token}?{token}>; rel="next"'),
        "redirect elsewhere": behaviours.reply(302, "", Location=f"https://a.example/{token}"),
        "redirect with it": behaviours.reply(302, "", Location=f"{url}/{token}?{token}"),
        "encoding": behaviours.reply(Content_Encoding=token),
        "broken gzip": behaviours.reply(body=token, Content_Encoding="gzip"),
        "cut gzip": behaviours.reply(body=compress(token.encode())[:-1], Content_Encoding="gzip"),
        "retry-after": behaviours.reply(429, echo, Retry_After=token),
        "header": behaviours.reply(403, "{}", **{"X-GitHub-SSO": f"required; url=https://a.example/?{token}"}),
        "reason": f"HTTP/1.1 401 {token}\r\nContent-Length: 0\r\n\r\n".encode(),
    }


@pytest.mark.parametrize("verbosity", [(), ("-v",), ("-q",)], ids=["plain", "verbose", "quiet"])
@pytest.mark.parametrize("token", [pytest.param(CLASSIC, marks=pytest.mark.slow), MODERN], ids=["classic", "modern"])
def test_a_token_is_in_no_output(
    token: str, verbosity: tuple[str, ...], call: Run, faulty: Callable[..., Faulty], behaviours: type[Behaviours]
) -> None:
    server = faulty()
    for name, behaviour in echoes(behaviours, token, server.url).items():
        server.script.append(behaviour)
        done = call(
            "enterprise", "mega", "--api-url", server.url, "--max-wait", "0", "--timeout",
            "0.3" if name == "hang" else "10", *verbosity, env={"GH_TOKEN": token},
        )  # fmt: skip
        server.script = [b""] * server.connections
        assert 2 <= done.code <= 7, name
        shown = (done.out + done.err).lower()
        assert token[:12].lower() not in shown, (name, done)
        assert token[-12:].lower() not in shown, (name, done)
        assert "traceback" not in shown, (name, done)
        errors = [line for line in done.err.splitlines() if not line.startswith("copilot-usage: GET ")]
        assert 1 <= len(errors) <= 3, (name, done)


def test_help_does_not_show_it(run: Run) -> None:
    for asked in (["--help"], ["org", "--help"], ["enterprise", "--help"], ["team", "--help"]):
        done = run(*asked, env=dict.fromkeys(ALL, MODERN) | {"PATH": os.environ["PATH"]})
        assert done.code == 0
        assert "SENTINEL" not in done.out + done.err
        assert "--token" not in done.out


def test_a_fault_of_the_tool_does_not_show_it(call: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"ghp_{CLASSIC} https://a.example/?sig=SENTINEL")

    monkeypatch.setattr("copilot_usage_cli.sources.fetch.Fetcher.fetch", broken)
    done = call("org", "acme", "--api-url", "http://127.0.0.1:1", env={"GH_TOKEN": CLASSIC})
    assert (done.code, done.out) == (1, "")
    assert "SENTINEL" not in done.err
    assert CLASSIC not in done.err
    assert done.err.endswith(
        "RuntimeError: *** https://a.example/?***\n"
        "copilot-usage: error: this is a fault in the tool\n"
        "hint: please report it with the lines above; they hold no token\n"
    )
