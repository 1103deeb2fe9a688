"""Run several calls at once, a few at a time."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

Result = TypeVar("Result")


def run_all(calls: Sequence[Callable[[], Result]], jobs: int, done: Callable[[], None] = lambda: None) -> list[Result]:
    """Return the results of all calls, in their order, running up to `jobs` at a time; `done` is told of each.

    The first error ends it: calls that have not begun never do. The threads are daemons, so that a signal ends the
    process at once.
    """
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
        threading.Thread(target=work, daemon=True).start()
    results: dict[int, Result] = {}
    try:
        for _ in calls:
            number, result, error = ended.get()
            if error is not None:
                raise error
            results[number] = result  # type: ignore[assignment]
            done()
    finally:
        stop.set()
    return [results[number] for number in range(len(calls))]
