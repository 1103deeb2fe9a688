"""Run several calls at once, a few at a time."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

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
