"""F1 to F4 and F6: what the network and GitHub may do to a request."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING, Any

from faults.figures.ground import QUERY, Figure, each, envelope, head, run, served, talking
from faults.figures.kinds import DAY, LINE, Drip, of_answers, of_both
from support.environment import TOKEN
from support.faulty import Behaviours, Faulty
from support.packing import compress

from copilot_usage_cli.errors import CopilotUsageError, Unavailable

if TYPE_CHECKING:
    from faults.figures.ground import Ground, Talk
    from support.faulty import Behaviour

_PATH = "/orgs/acme/copilot/usage"
_UNREADABLE = (
    *("abc", "-5", "1e9", " ", "٣", "²", "0x10", "1.5", "nan", "inf", "1 2", "+5", "1_000", "1,000", "0", "00"),
    *("Tue, 99 Foo 2026 99:99:99 GMT", "Fri, 20 Nov 99999 12:00:00 GMT", "Fri, 20 Nov 2026 12:00:00 +9999"),
    *("86400", "1000000000", "99999999999", str(10**12), str(2**63), str(10**18), "9" * 400, "9" * 5000),
)


def _read(talk: Talk, url: str, *, is_file: bool) -> Any:
    if is_file:
        return list(talk.client.downloads.documents(f"{url}/part-0.json?{QUERY}", "it"))
    return [json.loads(body) for body in talk.client.pages(_PATH, {})]


def transient_faults(_: Ground) -> Figure:
    """Count the kinds of single transient faults that are recovered from, of answers and of report files."""
    missed = []
    counts = {}
    for is_file, kinds in ((False, of_answers()), (True, of_both(LINE))):
        good = Behaviours.reply(body=LINE if is_file else DAY)
        due = json.loads(LINE) if is_file else json.loads(DAY)
        recovered = [_recovers(make(), good, due, is_file=is_file) for make in kinds.values()]
        recovered.append(_recovers_from_refusal(good, due, is_file=is_file))
        missed += [name for name, ok in zip([*kinds, "refused"], recovered, strict=True) if not ok]
        counts[is_file] = f"{sum(recovered)} of {len(recovered)}"
    words = f"recovered from {counts[False]} kinds of single faults of an answer, and {counts[True]} of a file"
    return Figure("F1", words + (f"; not from {', '.join(missed)}" if missed else ""), not missed)


def _recovers(fault: Behaviour, good: bytes, due: Any, *, is_file: bool) -> bool:
    with (
        served(fault, good) as server,
        talking(server.url, timeout=0.5) as talk,
        suppress(CopilotUsageError, ValueError),
    ):
        return _read(talk, server.url, is_file=is_file) == [due] and server.connections == 2
    return False


def _recovers_from_refusal(good: bytes, due: Any, *, is_file: bool) -> bool:
    bound = socket.socket()  # holds the port, and refuses who connects until it is listened at
    bound.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    with ExitStack() as servers:

        def start() -> None:
            servers.enter_context(closing(Faulty([good], bound=bound)))

        with talking(url, asleep=start) as talk, suppress(CopilotUsageError, ValueError):
            return bool(_read(talk, url, is_file=is_file) == [due])
    return False


def permanent_statuses(_: Ground) -> Figure:
    """Count the requests that a status which lasts is worth: one."""
    statuses = (400, 401, 403, 404, 410, 422, 451)
    sent = {}
    for status in statuses:
        with served(Behaviours.reply(status, b'{"message": "No"}')) as server, talking(server.url) as talk:
            with suppress(CopilotUsageError):
                _read(talk, server.url, is_file=False)
            sent[status] = len(server.requests)
    once = [status for status, count in sent.items() if count == 1]
    return Figure("F2", f"{len(once)} of {len(statuses)} lasting statuses are asked once", len(once) == len(statuses))


def hostile_limits(_: Ground) -> Figure:
    """Answer with limits that can't be read, or are far too long, for ever."""
    cases: list[tuple[int, dict[str, str]]] = [(408, {})]
    for value in _UNREADABLE:
        cases += [(429, {"Retry_After": value}), (403, {"Retry_After": value})]
        cases.append((403, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": value}))
        cases.append((503, {"Retry_After": value, "Date": value}))
    failed = []
    most = 5.0
    for status, headers in cases:
        with served(Behaviours.reply(status, b"{}", **headers)) as server, talking(server.url, max_wait=most) as talk:
            try:
                _read(talk, server.url, is_file=False)
                error: Exception | None = None
            except Exception as raised:  # noqa: BLE001 - whatever it is, it is counted
                error = raised
            if not isinstance(error, Unavailable) or sum(talk.slept) > most:
                failed.append(f"{status} {str(headers)[:60]}: {type(error).__name__} after {sum(talk.slept):g} s")
    with served(Behaviours.reply(429, b"{}", Retry_After="1")) as server:
        code, took = _timed("--api-url", server.url, "--max-wait", "1")
    words = f"{len(cases) - len(failed)} of {len(cases)} hostile limits end within --max-wait and without a fault"
    words += f"; a process with --max-wait 1 ends after {took:.1f} s with {code}"
    return Figure("F3", "; ".join([words, *failed[:3]]), not failed and code == 6 and took <= 2.0)


def _timed(*options: str) -> tuple[int, float]:
    """Run a report; return its code and its seconds, without those that a refused connection takes as well."""
    begun = time.monotonic()
    env = {"GH_TOKEN": TOKEN}
    run("org", "acme", *options, "--api-url", "http://127.0.0.1:1", "--max-wait", "0", env=env)
    between = time.monotonic()
    ended = run("org", "acme", *options, env=env)
    return ended.code, time.monotonic() - between - (between - begun)


def cut_gzip(ground: Ground) -> Figure:
    """Cut gzip that says nowhere else how long it is."""
    points = ground.pick(200, 900)
    chance = ground.chance("F4")
    lines = [{"user_id": n, "day": "2026-11-02", "noise": chance.random()} for n in range(300)]
    found = {}
    for is_file in (False, True):
        text = "\n".join(map(json.dumps, lines)) if is_file else json.dumps(lines)
        packed = compress(text.encode())
        at = sorted(chance.sample(range(3, len(packed)), points))
        # A jitter below zero makes no wait too long: this is about cuts.
        begin = head() if is_file else head("Content-Encoding: gzip")
        with (
            served(*(begin + packed[:point] for point in at), begin + packed) as server,
            talking(server.url, max_wait=1e9, jitter=-1.0) as talk,
        ):
            read = None
            with suppress(CopilotUsageError, ValueError):  # a cut that isn't found may be no JSON
                read = _read(talk, server.url, is_file=is_file)
            whole = read == (lines if is_file else [lines])
            found[is_file] = server.connections - 1 if whole else 0
    words = f"{found[False]} of {points} cuts of a gzipped answer are found, and {found[True]} of {points} of a file"
    return Figure("F4", words, list(found.values()) == [points, points])


def dripping_answers(_: Ground) -> Figure:
    """Let a byte come each tenth of a second, with --timeout 1 and no patience."""
    drips = {"head": Drip(b"HTTP/1.1 200 OK\r\nX-Drip: "), "body": Drip(head("Content-Length: 99999"))}

    def drip(case: tuple[str, str]) -> tuple[int, float]:
        what, part = case
        with served(drips[part]) as storage:
            answer = envelope(f"{storage.url}/part-0.json?{QUERY}") if what == "file" else drips[part]
            with served(answer) as api:
                return _timed("--api-url", api.url, "--source", "reports", "--timeout", "1", "--max-wait", "0")

    cases = [(what, part) for what in ("answer", "file") for part in ("head", "body")]
    ended = each(drip, cases)
    longest = max(seconds for _, seconds in ended)
    all_end = {code for code, _ in ended} == {6}
    words = f"a drip in the head or body of an answer or a file ends after {longest:.1f} s at most with --timeout 1"
    return Figure("F6", words, all_end and longest <= 2.0)
