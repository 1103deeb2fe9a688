"""Run several calls at once, a few at a time, and no more of them in a minute than GitHub allows."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

Result = TypeVar("Result")

_PER_MINUTE = 880  # GitHub's documented limit is 900 points a minute, a GET being one


class Pace:
    """Lets so many calls begin in any minute, and makes the next one wait. Safe to share between threads."""

    def __init__(
        self,
        per_minute: int = _PER_MINUTE,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._begun: deque[float] = deque(maxlen=per_minute)
        self._lock = threading.Lock()
        self._clock = clock
        self._sleep = sleep

    def wait(self) -> None:
        """Return when one more call may begin."""
        with self._lock:
            if len(self._begun) == self._begun.maxlen:
                self._sleep(max(0.0, self._begun[0] + 60 - self._clock()))
            self._begun.append(self._clock())


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
