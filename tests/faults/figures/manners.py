"""F17: how much a run that fails says."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from faults.figures.ground import QUERY, Figure, classic_days, each, envelope, run, served
from faults.figures.kinds import LINE, of_answers, of_both
from support.environment import TOKEN
from support.faulty import Behaviours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from faults.figures.ground import Ended, Ground
    from support.faulty import Behaviour

_MOST_LINES = 3
_FIRST = ("org", "acme", "--input")


class Failure(NamedTuple):
    """A run that fails; `scopes` is how many fail in it, each of which has a line."""

    name: str
    run: Callable[[], Ended]
    scopes: int = 1


def failed_runs(ground: Ground) -> Figure:
    """Let runs fail in all ways, and count their lines on stderr."""
    failures = [*_by_network(), *_by_files(ground.folder), *_by_usage(ground.folder)]
    failures = ground.pick(ground.chance("F17").sample(failures, 16), failures)
    ended = each(lambda failure: failure.run(), failures)
    wrong = [
        f"{failure.name}: exit {done.code}, {len(done.err.splitlines())} lines: {done.err[:200]!r}"
        for failure, done in zip(failures, ended, strict=True)
        if not 2 <= done.code <= 8 or done.has_traceback or not 1 <= _lines(failure, done) <= _MOST_LINES
    ]
    most = max(map(_lines, failures, ended))
    words = (
        f"{len(failures) - len(wrong)} of {len(failures)} failing runs say what is wrong without a traceback in "
        f"{_MOST_LINES} lines, {most} at most, besides one for each more scope that fails and for each wait"
    )
    return Figure("F17", "; ".join([words, *wrong]), not wrong)


def _lines(failure: Failure, done: Ended) -> int:
    waits = done.err.count("copilot-usage: waiting ")
    return len(done.err.splitlines()) - waits - (failure.scopes - 1)


def _by_network() -> list[Failure]:
    reply = Behaviours.reply
    words = json.dumps({"message": "No\nreally " * 50})
    statuses: dict[str, Callable[[], Behaviour]] = {
        str(status): partial(reply, status, words) for status in (400, 401, 403, 404, 410, 418, 422, 451, 301, 304)
    }
    bodies: dict[str, Callable[[], Behaviour]] = {
        body.decode("utf-8", "replace")[:20]: partial(reply, 200, body)
        for body in (b"{}", b"null", b"[1]", b'[{"day": 5}]', b"\xff\xfe", b"[" * 5000, b"nan", b'"No"')
    }
    links = ("", "http://a.example/", "file:///etc/passwd", "https://[", "\x1b[31m", f"https://x@y/?{QUERY}")
    odd: dict[str, Callable[[], Behaviour]] = {
        "redirects": lambda: reply(302, "", Location="/again"),
        "pages": lambda: reply(Link='</again>; rel="next"'),
    }
    cases = [(name, make, False) for name, make in {**of_answers(), **statuses, **bodies, **odd}.items()]
    cases += [(name, make, True) for name, make in (of_both(LINE) | statuses | bodies).items()]
    failures = [
        Failure(f"{name}{' of a file' * is_file}", partial(_asked, make, is_file)) for name, make, is_file in cases
    ]
    failures += [
        Failure(f"a link to {link[:20]}", partial(_asked, partial(envelope, link), False, "reports")) for link in links
    ]
    off = ("--api-url", "http://127.0.0.1:1", "--max-wait")
    refused = partial(run, env={"GH_TOKEN": TOKEN})
    bad = {"GH_TOKEN": TOKEN, "HTTPS_PROXY": "socks9://x", "SSL_CERT_FILE": "nowhere"}
    return [
        *failures,
        Failure("refused", partial(refused, "org", "acme", *off, "0")),
        Failure("refused after waiting", partial(refused, "org", "acme", *off, "3")),
        Failure("refused sync", partial(refused, "history", "sync", "org:acme", *off, "0")),
        Failure("refused list", partial(refused, "org", "--all", "--enterprise", "mega", *off, "0")),
        Failure("refused, four scopes", partial(refused, "org", "a", "b", "c", "d", *off, "0"), 4),
        Failure("no token", partial(run, "org", "acme", env={"PATH": ""})),
        Failure("no proxy", partial(run, "org", "acme", "--api-url", "https://a.invalid", env=bad)),
    ]


def _asked(make: Callable[[], Behaviour], is_file: bool, source: str = "usage") -> Ended:
    with ExitStack() as stack:
        server = stack.enter_context(served(make()))
        if is_file:
            link = f"{server.url}/part-0.json?{QUERY}"
            server, source = stack.enter_context(served(envelope(link))), "reports"
        options = ("--api-url", server.url, "--max-wait", "0", "--timeout", "1", "--source", source)
        return run("org", "acme", *options, env={"GH_TOKEN": TOKEN})


def _by_files(folder: Path) -> list[Failure]:
    saved = {
        "empty": b"",
        "bytes": os.urandom(999),
        "cut": json.dumps(classic_days(3, 3)).encode()[:-9],
        "page": b"<html>log in</html>",
        "csv": b"day,total\n2026-01-01,3\n",
        "negative": json.dumps(classic_days(1, 1, -1)).encode(),
        "long name": json.dumps([{"x" * 70_000: 1, "day": "2026-01-01"}]).encode(),
        "lines": b'{"a\\nb\\u2028": "c\\nd", "day": "2026-01-01\\n\\n\\n\\n"}',
        "surrogate": b'[{"day": "\\ud800\\n"}]',
    }
    failures = []
    for name, data in saved.items():
        path = folder / f"{name}.json"
        path.write_bytes(data)
        history = {"COPILOT_USAGE_HISTORY": str(folder / f"{name}.sqlite3")}
        imported = ("history", "import", path, "--scope", "org:acme")
        failures.append(Failure(f"--input {name}", partial(run, *_FIRST, path)))
        failures.append(Failure(f"import {name}", partial(run, *imported, env=history)))
        if name != "empty":
            held = {"COPILOT_USAGE_HISTORY": str(path)}
            failures += [
                Failure(f"{command} of {name}", partial(run, "history", command, env=held))
                for command in ("check", "list")
            ]
    return failures


def _by_usage(folder: Path) -> list[Failure]:
    good = folder / "good.json"
    good.write_text(json.dumps(classic_days(3, 3)), "utf-8")
    wrong: tuple[tuple[object, ...], ...] = (
        ("nonsense",),
        ("org",),
        ("org", "a/b"),
        ("org", "../../user"),
        ("org", "acme", "--nonsense"),
        ("org", "acme", "--since", "never"),
        ("org", "acme", "--since", "2026-02-02", "--until", "2026-01-01"),
        ("org", "acme", "--by", "mood"),
        ("org", "acme", "-f", "xml"),
        ("org", "acme", "--jobs", "0"),
        ("org", "acme", "--timeout", "nan"),
        ("org", "acme", "--input", "nowhere.json"),
        ("org", "acme", "--input", folder),
        ("org", "acme", "--api-url", "http://a.example"),
        ("org", "acme", "--scopes", "nowhere.txt"),
        ("team", "core"),
        ("history", "import", "nowhere.json", "--scope", "org:acme"),
        ("history", "remove", "org:acme"),
        (*_FIRST, good, "-o", folder),
        (*_FIRST, good, "-o", folder / "no" / "file"),
        (*_FIRST, good, "-o", folder / ("x" * 300)),
        (*_FIRST, good, "-o", "\n\n\n\n/x"),
        (*_FIRST, good, "--fail-if", "mood<1"),
    )
    return [Failure(" ".join(map(str, args))[:60], partial(run, *args)) for args in wrong]
