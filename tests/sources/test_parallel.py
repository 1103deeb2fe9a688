from __future__ import annotations

import threading
import time
from random import Random

import pytest
from support.limits import HANG

from copilot_usage_cli.errors import NotAllowed
from copilot_usage_cli.github.rate_limit import RateLimiter
from copilot_usage_cli.sources.parallel import run_all

MINUTE = 60.0
DOCUMENTED = 900  # calls a minute


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
    """Count the calls in the busiest 60 seconds."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - MINUTE:
            first += 1
        most = max(most, last - first + 1)
    return most


def test_the_pace_keeps_below_what_github_documents() -> None:
    clock = Clock()
    pace = RateLimiter(clock=clock, sleep=clock.sleep)
    moments = []
    for _ in range(4000):
        pace.wait()
        moments.append(clock.now)
    assert busiest_minute(moments) < DOCUMENTED
    assert moments[-1] - moments[0] < 5 * MINUTE  # and not much below


def test_the_pace_holds_for_calls_that_take_their_time() -> None:
    clock = Clock()
    chance = Random(1)
    pace = RateLimiter(100, clock=clock, sleep=clock.sleep)
    moments = []
    for _ in range(1000):
        pace.wait()
        moments.append(clock.now)
        clock.now += chance.choice([0, 0, 0.1, 2, 30])
    assert busiest_minute(moments) <= 100
    assert all(seconds <= MINUTE for seconds in clock.slept)


def test_slow_calls_never_wait() -> None:
    clock = Clock()
    pace = RateLimiter(10, clock=clock, sleep=clock.sleep)
    for _ in range(100):
        pace.wait()
        clock.now += 6
    assert sum(clock.slept) == 0


def test_threads_share_one_pace() -> None:
    clock = Clock()
    pace = RateLimiter(50, clock=clock, sleep=clock.sleep)
    moments: list[float] = []

    def call() -> None:
        pace.wait()
        moments.append(clock.now)

    run_all([call] * 200, 8)
    assert clock.now - 1000 == 3 * MINUTE
    assert busiest_minute(sorted(moments)) <= 50


def test_results_come_in_the_order_of_the_calls() -> None:
    def call(number: int) -> int:
        time.sleep(0.002 * (number % 3))
        return number

    assert run_all([lambda n=n: call(n) for n in range(20)], 5) == list(range(20))  # type: ignore[misc]
    assert run_all([], 4) == []
    assert run_all([lambda: None], 4) == [None]


@pytest.mark.parametrize("jobs", [1, 4])
def test_so_many_run_at_once_and_no_more(jobs: int) -> None:
    lock = threading.Lock()
    together = threading.Barrier(jobs)
    running: list[int] = [0]
    seen: list[int] = []

    def call() -> None:
        with lock:
            running[0] += 1
            seen.append(running[0])
        together.wait(HANG)  # until so many run
        with lock:
            running[0] -= 1

    run_all([call] * 20, jobs)
    assert max(seen) == jobs


def test_the_first_error_ends_it_and_calls_that_have_not_begun_never_do() -> None:
    begun: list[int] = []

    def call(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise NotAllowed("no")

    with pytest.raises(NotAllowed):
        run_all([lambda n=n: call(n) for n in range(1000)], 1)  # type: ignore[misc]
    time.sleep(0.05)
    assert begun == [0, 1, 2, 3]


def test_any_kind_of_error_reaches_the_caller() -> None:
    def fail() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all([fail], 2)


def test_progress_is_told_in_the_thread_of_the_caller() -> None:
    told: list[tuple[str, object]] = []

    class Heard:
        def expect(self, steps: int) -> None:
            told.append((threading.current_thread().name, steps))

        def step(self) -> None:
            told.append((threading.current_thread().name, "step"))

    run_all([lambda: None] * 3, 2, Heard())
    assert told == [(threading.current_thread().name, what) for what in (3, "step", "step", "step")]
