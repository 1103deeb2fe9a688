"""How many calls may begin in a minute."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

from copilot_usage_cli.github.rate_limit import RateLimiter

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


def test_calls_keep_below_what_github_documents() -> None:
    clock = Clock()
    limiter = RateLimiter(clock=clock, sleep=clock.sleep)
    moments = []
    for _ in range(4000):
        limiter.wait()
        moments.append(clock.now)
    assert busiest_minute(moments) < DOCUMENTED
    assert moments[-1] - moments[0] < 5 * MINUTE  # and not much below


def test_the_limit_holds_for_calls_that_take_their_time() -> None:
    clock = Clock()
    chance = Random(1)
    limiter = RateLimiter(100, clock=clock, sleep=clock.sleep)
    moments = []
    for _ in range(1000):
        limiter.wait()
        moments.append(clock.now)
        clock.now += chance.choice([0, 0, 0.1, 2, 30])
    assert busiest_minute(moments) <= 100
    assert all(seconds <= MINUTE for seconds in clock.slept)


def test_slow_calls_never_wait() -> None:
    clock = Clock()
    limiter = RateLimiter(10, clock=clock, sleep=clock.sleep)
    for _ in range(100):
        limiter.wait()
        clock.now += 6
    assert sum(clock.slept) == 0


def test_threads_share_one_limit() -> None:
    clock = Clock()
    limiter = RateLimiter(50, clock=clock, sleep=clock.sleep)
    moments: list[float] = []

    def call() -> None:
        limiter.wait()
        moments.append(clock.now)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(call) for _ in range(200)]:
            done.result()
    assert clock.now - 1000 == 3 * MINUTE
    assert busiest_minute(sorted(moments)) <= 50
