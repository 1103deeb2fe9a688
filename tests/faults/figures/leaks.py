"""F7: whether the token, or what a link is signed with, comes to light."""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64encode
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faults.figures.ground import QUERY, SIGNATURE, Figure, each, envelope, served, until
from faults.figures.kinds import DAY, LINE, of_answers, of_both
from support.environment import TOKEN
from support.faulty import Behaviours
from support.processes import started
from support.program import SCRIPT

if TYPE_CHECKING:
    from collections.abc import Callable

    from faults.figures.ground import Ground
    from support.faulty import Behaviour

_PIECE = 16  # characters of a secret that give it away


class Case(NamedTuple):
    """A fault, whether a file has it and not the answer, and the options of the run."""

    name: str
    make: Callable[[], Behaviour]
    is_file: bool
    options: tuple[str, ...]


def needles() -> list[bytes]:
    """List what must not be found: pieces of the secrets, and of what they are as base64."""
    texts = [TOKEN[4:], SIGNATURE]
    texts += [b64encode(f"{'x' * n}{TOKEN}".encode()).decode()[8:] for n in range(3)]
    return [piece.lower().encode() for text in texts for piece in (text[:_PIECE], text[-_PIECE:])]


def echoes(secret: str) -> dict[str, Callable[[], Behaviour]]:
    """Make answers that give the secret back where the program might quote them."""
    reply = Behaviours.reply
    echo = json.dumps({"message": f"no {secret} of {secret}"})
    padded = json.dumps({"message": "x" * 280 + secret})
    day = {"day": "2026-11-12", "total_suggestions_count": 1, "breakdown": None}
    return {
        **{f"{n} echo": partial(reply, n, echo) for n in (400, 401, 403, 404, 418, 422, 429, 500)},
        "403 cut echo": lambda: reply(403, padded),
        "echo as text": lambda: reply(200, secret),
        "echo as JSON": lambda: reply(200, json.dumps(secret)),
        "echo as object": lambda: reply(200, echo),
        "echo as day": lambda: reply(200, json.dumps([day | {"day": secret}])),
        "echo as cut day": lambda: reply(200, json.dumps([day | {"day": "x" * 20 + secret}])),
        "echo as count": lambda: reply(200, json.dumps([day | {"total_suggestions_count": secret}])),
        "echo as field": lambda: reply(200, json.dumps([{secret: 1, "day": "2026-11-12"}])),
        "echo as page": lambda: reply(200, f"<html>{secret}</html>"),
        "echo as link": lambda: reply(Link=f'<https://a.example/{secret}>; rel="next"'),
        "echo as redirect": lambda: reply(302, "", Location=f"https://127.0.0.1:1/{secret}"),
        "echo as encoding": lambda: reply(Content_Encoding=secret),
        "echo as Retry-After": lambda: reply(429, "{}", Retry_After=secret),
        "echo as reason": f"HTTP/1.1 500 {secret}\r\nContent-Length: 0\r\n\r\n".encode,
        "echo instead of HTTP": f"{secret}\r\n\r\n".encode,
    }


def secrets_in_output(ground: Ground) -> Figure:
    """Run the program into each fault, quiet and verbose, and look for both secrets in all that is left of it."""
    url = f"https://127.0.0.1:1/part-0.json?{QUERY}"
    of_answer = of_answers() | echoes(TOKEN)
    of_file = of_both(LINE) | echoes(url)
    cases = [
        Case(name, make, is_file, options)
        for is_file, kinds in ((False, of_answer), (True, of_file))
        for name, make in kinds.items()
        for options in ((), ("-v",))
    ]
    cases = ground.pick(ground.chance("F7").sample(cases, 10), cases)
    patience = ground.pick("0", "1")
    found = each(lambda case: _leaks(ground, case, patience), cases)
    leaks = [f"{case.name}{' of a file' * case.is_file}: {where}" for case, where in zip(cases, found, strict=True)]
    leaks = [leak for leak, where in zip(leaks, found, strict=True) if where]
    words = f"{len(leaks)} of {len(cases)} runs into faults show a token or a signature in an output, a file or a title"
    return Figure("F7", "; ".join([words, *leaks[:5]]), not leaks)


def _leaks(ground: Ground, case: Case, patience: str) -> str:
    """Return where a secret was found, or nothing."""
    folder = ground.folder_named(os.urandom(8).hex())
    env = {"HOME": str(folder), "GH_TOKEN": TOKEN, "COPILOT_USAGE_HISTORY": str(folder / "history" / "h.sqlite3")}
    env |= {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    good = Behaviours.reply(body=LINE if case.is_file else DAY)
    script = [case.make(), good] if case.options else [case.make()]  # what recovers writes a history
    with served(*script) as faulty:
        answer = envelope(f"{faulty.url}/part-0.json?{QUERY}")
        with served(answer) as api:
            to = api if case.is_file else faulty
            options = ["--source", "reports"] if case.is_file else []
            options += ["--api-url", to.url, "--max-wait", patience, "--timeout", "0.7", *case.options]
            command = (SCRIPT, "org", "acme", *options)
            with started(command, env=env, stdin=subprocess.DEVNULL, cwd=folder) as process:
                until(lambda: to.requests or process.poll() is not None)
                titles = _titles(process.pid)
                out, err = process.communicate()
            if not any(TOKEN.encode() in request for request in to.requests):
                return "nothing: the token was not sent"
            if case.is_file and not any(SIGNATURE.encode() in request for request in faulty.requests):
                return "nothing: the link was not followed"
            if any(TOKEN.encode() in request for request in faulty.requests) and case.is_file:
                return "the request of a file"
    places = {"stdout": out, "stderr": err, "a title": titles}
    places |= {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    places |= {"a file's name": "\n".join(str(path) for path in folder.rglob("*")).encode()}
    return ", ".join(place for place, data in places.items() if any(needle in data.lower() for needle in needles()))


def _titles(pid: int) -> bytes:
    """Read the command lines of a process and its children, which anyone may."""
    titles = b""
    with suppress(OSError):
        titles = Path(f"/proc/{pid}/cmdline").read_bytes()
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text("ascii").split():
                titles += Path(f"/proc/{child}/cmdline").read_bytes()
    return titles
