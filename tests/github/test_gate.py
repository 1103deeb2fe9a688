"""When a request may begin: so many at a time, so many a minute, none while a limit lasts."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING

import pytest
from support.clock import NOW
from support.environment import TOKEN

from copilot_usage_cli.errors import NotFound, Unavailable
from copilot_usage_cli.github.address import find_address
from copilot_usage_cli.github.auth import Token
from copilot_usage_cli.github.client import Client
from copilot_usage_cli.github.gate import RequestGate
from copilot_usage_cli.github.rate_limit import RetryDelay
from copilot_usage_cli.github.retry import LimitOutlasted, RetryableError, RetryBudget, RunLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MINUTE = 60.0
MOST = 880
DOCUMENTED = 900  # points a minute
JOBS = 8
LATER = int(NOW.timestamp()) + 3600


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


def busiest_minute(moments: list[float]) -> int:
    """Count the requests that began in the busiest 60 seconds, both ends included."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] < moment - MINUTE:
            first += 1
        most = max(most, last - first + 1)
    return most


def pass_through(gate: RequestGate, times: int, clock: Clock, took: Callable[[], float] = lambda: 0) -> list[float]:
    moments = []
    for _ in range(times):
        with gate.request():
            moments.append(clock.now)
            clock.now += took()
    return moments


def test_requests_keep_below_what_github_documents() -> None:
    clock = Clock()
    moments = pass_through(RequestGate(1, clock=clock, sleep=clock.sleep), 4000, clock)
    assert busiest_minute(moments) == MOST < DOCUMENTED
    assert moments[-1] - moments[0] < 5 * MINUTE  # and not much below


def test_the_limit_holds_for_requests_that_take_their_time() -> None:
    clock = Clock()
    chance = Random(1)
    gate = RequestGate(1, 100, clock=clock, sleep=clock.sleep)
    moments = pass_through(gate, 1000, clock, lambda: chance.choice([0, 0, 0.1, 2, 30]))
    assert busiest_minute(moments) <= 100
    assert all(seconds <= MINUTE + 0.1 for seconds in clock.slept)


def test_slow_requests_never_wait() -> None:
    clock = Clock()
    pass_through(RequestGate(1, 10, clock=clock, sleep=clock.sleep), 100, clock, lambda: 6.1)
    assert clock.slept == []


def test_threads_share_one_limit() -> None:
    clock = Clock()
    gate = RequestGate(JOBS, 50, clock=clock, sleep=clock.sleep)
    moments: list[float] = []

    def request() -> None:
        with gate.request():
            moments.append(clock.now)

    with ThreadPoolExecutor(2 * JOBS) as pool:
        for done in [pool.submit(request) for _ in range(200)]:
            done.result()
    assert clock.now - 1000 == pytest.approx(3 * MINUTE, abs=0.1)
    assert busiest_minute(sorted(moments)) <= 50


def test_no_more_than_the_jobs_run_at_a_time() -> None:
    gate = RequestGate(3)
    running = most = 0
    lock = threading.Lock()
    full = threading.Barrier(3)  # each waits until three run: that three do is held, too

    def request() -> None:
        nonlocal running, most
        with gate.request():
            with lock:
                running += 1
                most = max(most, running)
            full.wait(10)
            with lock:
                running -= 1

    with ThreadPoolExecutor(9) as pool:
        for done in [pool.submit(request) for _ in range(9)]:
            done.result()
    assert most == 3


def test_a_request_that_fails_makes_room() -> None:
    gate = RequestGate(1)
    for _ in range(3):
        with pytest.raises(KeyError), gate.request():
            raise KeyError


def test_all_wait_while_a_limit_lasts() -> None:
    clock = Clock()
    gate = RequestGate(JOBS, clock=clock, sleep=clock.sleep)
    gate.hold(30)
    gate.hold(20)  # a shorter one changes nothing
    assert gate.held_for == 30
    assert pass_through(gate, 3, clock) == [1030.0] * 3
    assert clock.slept == [30]
    assert gate.held_for == 0


def test_a_longer_limit_that_is_learnt_of_meanwhile_is_waited_for() -> None:
    clock = Clock()

    def sleep(seconds: float) -> None:
        if not clock.slept:
            gate.hold(40)
        clock.sleep(seconds)

    gate = RequestGate(JOBS, clock=clock, sleep=sleep)
    gate.hold(30)
    assert pass_through(gate, 1, clock) == [1040.0]


def test_a_gate_that_is_shut_lets_nothing_begin() -> None:
    gate = RequestGate(2)
    first = NotFound("gone", "look elsewhere")
    gate.shut(first)
    gate.shut(Unavailable("later"))
    for _ in range(3):
        with pytest.raises(NotFound, match="gone") as raised, gate.request():
            pytest.fail("it was let through")
        assert raised.value is not first  # which another thread raises
        assert raised.value.hint == "look elsewhere"


class Server:
    """Answers in place of GitHub, and counts."""

    def __init__(self, answers: Callable[[int], tuple[int, Mapping[str, str], bytes]], clock: Clock) -> None:
        self.begun: list[float] = []
        self._answers = answers
        self._clock = clock
        self._lock = threading.Lock()

    def respond(self, _host: str, _target: str, _headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        with self._lock:
            self.begun.append(self._clock.now)
            number = len(self.begun)
        return self._answers(number)


def client_of(server: Server, clock: Clock, said: list[str], max_wait: float = 120, jobs: int = JOBS) -> Client:
    return Client(
        find_address("https://api.github.com", None, {}),
        Token(TOKEN, "GH_TOKEN"),
        RunLimits(10, max_wait, jobs),
        say=said.append,
        responder=server.respond,
        now=lambda: NOW,
        clock=clock,
        sleep=clock.sleep,
        jitter=lambda: 1.0,
    )


def ask(client: Client, times: int) -> list[Exception]:
    """Ask from more threads than may ask at a time; return the errors."""
    errors: list[Exception] = []

    def get() -> None:
        try:
            client.get(client.url("/", {}))
        except Unavailable as error:
            errors.append(error)

    with client, ThreadPoolExecutor(2 * JOBS) as pool:
        for done in [pool.submit(get) for _ in range(times)]:
            done.result()
    return errors


def test_everything_a_run_sends_counts_retries_and_downloads_too() -> None:
    clock = Clock()
    said: list[str] = []
    server = Server(lambda number: (500 if number % 20 == 0 else 200, {}, b"[]"), clock)
    client = client_of(server, clock, said)
    for _ in range(600):
        client.get(client.url("/", {}))
        list(client.downloads.documents("https://storage.invalid/file", "a file"))
    client.close()
    assert len(server.begun) > 1200
    assert busiest_minute(server.begun) <= MOST


def limited(number: int) -> tuple[int, Mapping[str, str], bytes]:
    if number < 50:
        return 200, {}, b"[]"
    return (
        403,
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(LATER)},
        b'{"message": "API rate limit exceeded"}',
    )


def test_after_a_limit_that_lasts_only_what_runs_already_is_answered() -> None:
    clock = Clock()
    said: list[str] = []
    server = Server(limited, clock)
    errors = ask(client_of(server, clock, said), 300)
    assert len(server.begun) <= 50 + JOBS - 1
    assert len(errors) == 300 - 49
    assert {(type(error), str(error)) for error in errors} == {
        (LimitOutlasted, "api.github.com answered 403: API rate limit exceeded")
    }
    assert said == []
    assert clock.slept == []


def test_a_limit_that_passes_is_waited_for_once_by_all() -> None:
    clock = Clock()
    said: list[str] = []

    def answer(number: int) -> tuple[int, Mapping[str, str], bytes]:
        return (403, {"retry-after": "60"}, b"{}") if clock.now < 1060 and number > 20 else (200, {}, b"[]")

    errors = ask(client_of(Server(answer, clock), clock, said, max_wait=60, jobs=1), 100)
    assert errors == []
    assert said == ["waiting 60 s for api.github.com: a secondary rate limit (403)"]
    assert sum(clock.slept) == 60


@pytest.mark.parametrize(("max_wait", "failed"), [(1.8, 0), (0.9, 40)])
@pytest.mark.parametrize("jobs", [1, pytest.param(4, marks=pytest.mark.slow), 16])
def test_a_limit_ends_in_the_same_way_however_many_jobs_there_are(jobs: int, max_wait: float, failed: int) -> None:
    """By the real clock: a made-up one that jumps would let answers that came before the wait count after it."""
    said: list[str] = []
    begun: list[float] = []

    def respond(_host: str, _target: str, _headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        begun.append(time.monotonic())
        return (429, {"retry-after": "1"}, b"{}") if begun[-1] < begun[0] + 1 else (200, {}, b"[]")

    address, token = find_address("https://api.github.com", None, {}), Token(TOKEN, "GH_TOKEN")
    limits = RunLimits(10, max_wait, jobs)
    client = Client(address, token, limits, say=said.append, responder=respond, now=lambda: NOW)
    assert len(ask(client, 40)) == failed
    assert len(said) == (0 if failed else 1)


def test_those_that_were_under_way_wait_for_the_same_limit() -> None:
    clock = Clock()
    said: list[str] = []
    gate = RequestGate(JOBS, clock=clock, sleep=clock.sleep)
    budget = RetryBudget(60, gate, said.append, now=lambda: NOW, clock=clock, sleep=clock.sleep, jitter=lambda: 1.0)
    limit = RetryableError(RetryDelay(60, "the rate limit (403)", rate_limited=True), LimitOutlasted("limited"))
    for _ in range(JOBS):
        budget.wait(limit, 0, "api.github.com")
    assert (gate.held_for, said) == (60, ["waiting 60 s for api.github.com: the rate limit (403)"])
    pass_through(gate, 1, clock)
    with pytest.raises(LimitOutlasted):  # all patience is used up
        budget.wait(limit, 1, "api.github.com")
    with pytest.raises(LimitOutlasted):
        pass_through(gate, 1, clock)


def test_what_waits_at_the_same_time_counts_once() -> None:
    """Eight that back off together wait as long as one; waits one after the other add up."""
    said: list[str] = []
    together = threading.Barrier(JOBS)
    clock = Clock()

    def answer(number: int) -> tuple[int, Mapping[str, str], bytes]:
        return (503, {}, b"") if number <= JOBS else (200, {}, b"[]")  # all wait before one asks again

    def sleep(_seconds: float) -> None:
        together.wait(10)

    client = Client(
        find_address("https://api.github.com", None, {}),
        Token(TOKEN, "GH_TOKEN"),
        RunLimits(10, 1.0, JOBS),
        say=said.append,
        responder=Server(answer, clock).respond,
        now=lambda: NOW,
        clock=clock,
        sleep=sleep,
        jitter=lambda: 1.0,
    )
    with ThreadPoolExecutor(JOBS) as pool:
        for done in [pool.submit(client.get, client.url("/", {})) for _ in range(JOBS)]:
            assert done.result().status == 200
    client.close()
    assert said == ["waiting 1 s for api.github.com: a temporary failure (503)"] * JOBS


def test_a_pause_for_the_minute_is_said_before_it_begins() -> None:
    clock, said = Clock(), []
    gate = RequestGate(1, 3, say=lambda line: said.append((clock.now, line)), clock=clock, sleep=clock.sleep)
    pass_through(gate, 4, clock)
    assert said == [(1000.0, "waiting 60 s: GitHub takes 900 requests a minute")]
