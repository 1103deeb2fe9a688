"""Run several calls at once, a few at a time: all for one result, or each for its own."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from typing import Generic, NamedTuple, Protocol, TypeVar

Result = TypeVar("Result")


class Progress(Protocol):
    """Is told how far a fetch is; the command line draws it."""

    def expect(self, steps: int) -> None:
        """Add steps that are still to come."""

    def step(self) -> None:
        """Count a step as done."""


def run_all(calls: Sequence[Callable[[], Result]], jobs: int, progress: Progress | None = None) -> list[Result]:
    """Return the results of all calls, in their order, running up to `jobs` at a time; `progress` is told of each.

    The first error ends it: calls that have not begun never do. The threads are daemons, so that a signal ends the
    process at once.
    """
    if progress is not None:
        progress.expect(len(calls))
    import queue  # a run that asks for one thing needs none

    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    ended: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()
    for number in range(len(calls)):
        waiting.put(number)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                ended.put((number, calls[number](), None))
            except BaseException as error:  # noqa: BLE001 - handed to the caller, whatever it is
                stop.set()
                ended.put((number, None, error))

    for _ in range(min(jobs, len(calls))):
        threading.Thread(target=work, name="fetching", daemon=True).start()
    results: dict[int, Result] = {}
    try:
        for _ in calls:
            number, result, error = ended.get()
            if error is not None:
                raise error
            results[number] = result  # type: ignore[assignment]
            if progress is not None:
                progress.step()
    finally:
        stop.set()
    return [results[number] for number in range(len(calls))]


class Outcome(NamedTuple, Generic[Result]):
    """What a task brought: results, and tasks that follow from it."""

    results: Sequence[Result] = ()
    tasks: "Sequence[Callable[[], Outcome[Result]]]" = ()


def run_each(tasks: Iterable[Callable[[], Outcome[Result]]], jobs: int) -> Generator[Result, None, None]:
    """Run tasks, up to `jobs` at a time, and yield what they bring as they end.

    Each is taken from `tasks` in the thread that asks for results, once there is room for it, so that what is read
    ahead stays small. What a task brings to do goes before what hasn't begun. An error ends it, as in run_all.
    """
    import queue

    waiting: queue.SimpleQueue[Callable[[], Outcome[Result]] | None] = queue.SimpleQueue()
    ended: queue.SimpleQueue[tuple[Outcome[Result], BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        while (task := waiting.get()) is not None:
            try:
                ended.put((task(), None))
            except BaseException as error:  # noqa: BLE001 - handed to the caller, whatever it is
                ended.put((Outcome(), error))

    source = iter(tasks)
    brought: deque[Callable[[], Outcome[Result]]] = deque()
    workers = running = 0
    try:
        while True:
            while running < 2 * jobs:  # so that none idles while the caller is busy with results
                task = brought.popleft() if brought else next(source, None)
                if task is None:
                    break
                if workers < jobs:
                    threading.Thread(target=work, name="fetching", daemon=True).start()
                    workers += 1
                waiting.put(task)
                running += 1
            if not running:
                return
            outcome, error = ended.get()
            running -= 1
            if error is not None:
                raise error
            brought.extendleft(reversed(outcome.tasks))
            yield from outcome.results
    finally:
        with suppress(queue.Empty):
            while True:
                waiting.get_nowait()
        for _ in range(workers):
            waiting.put(None)
