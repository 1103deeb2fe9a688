from __future__ import annotations

import threading
import time

import pytest
from support.limits import HANG

from copilot_usage_cli.errors import NotAllowed
from copilot_usage_cli.sources.parallel import run_all


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
