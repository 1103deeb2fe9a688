from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest
from support.limits import HANG

from copilot_usage_cli.errors import NotAllowed
from copilot_usage_cli.sources.parallel import Outcome, run_all, run_each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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


def bring(number: int, *more: Callable[[], Outcome[int]]) -> Callable[[], Outcome[int]]:
    return lambda: Outcome([number], more)


def test_each_result_comes_as_it_is_there() -> None:
    late = threading.Event()

    def wait() -> Outcome[int]:
        late.wait(HANG)
        return Outcome([0])

    found = run_each([wait, bring(1)], 2)
    assert next(found) == 1
    late.set()
    assert list(found) == [0]
    assert list(run_each([], 4)) == []


def test_what_a_task_brings_goes_before_what_has_not_begun() -> None:
    tasks = [bring(1, bring(11, bring(111)), bring(12)), *map(bring, range(2, 9))]
    found = list(run_each(tasks, 1))
    assert sorted(found) == [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 111]
    assert found.index(111) < found.index(5)  # two are under way, or next


@pytest.mark.parametrize("jobs", [1, 3])
def test_tasks_are_made_as_they_are_needed_in_the_callers_thread(jobs: int) -> None:
    made: list[int] = []
    threads = set()

    def tasks() -> Iterator[Callable[[], Outcome[int]]]:
        for number in range(100):
            threads.add(threading.get_ident())
            made.append(number)
            yield bring(number)

    for ended, _ in enumerate(run_each(tasks(), jobs), 1):
        assert len(made) <= ended - 1 + 2 * jobs
    assert threads == {threading.get_ident()}
    assert made == list(range(100))


@pytest.mark.parametrize("jobs", [1, 4])
def test_so_many_tasks_run_at_once_and_no_more(jobs: int) -> None:
    lock = threading.Lock()
    together = threading.Barrier(jobs)
    running = [0]
    seen: list[int] = []

    def task() -> Outcome[None]:
        with lock:
            running[0] += 1
            seen.append(running[0])
        together.wait(HANG)
        with lock:
            running[0] -= 1
        return Outcome([None])

    assert len(list(run_each([task] * 20, jobs))) == 20
    assert max(seen) == jobs


def test_an_error_ends_all_and_so_does_the_caller() -> None:
    begun: list[int] = []

    def task(number: int) -> Outcome[int]:
        begun.append(number)
        if number == 3:
            raise NotAllowed("no")
        return Outcome([number])

    with pytest.raises(NotAllowed):
        list(run_each((partial(task, number) for number in range(1000)), 1))
    assert len(begun) < 10
    begun.clear()
    found = run_each((partial(task, number) for number in range(4, 1000)), 1)
    assert next(found) == 4
    found.close()
    assert len(begun) < 10
    for left_behind in [each for each in threading.enumerate() if each.name == "fetching"]:
        left_behind.join(HANG)
        assert not left_behind.is_alive()
