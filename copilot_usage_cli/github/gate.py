"""What each request of a run passes before it begins: so many at a time, so many a minute, none during a limit."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from copilot_usage_cli.errors import CopilotUsageError

_PER_MINUTE = 880  # GitHub's documented limit is 900 points a minute, a GET being one
_WORTH_SAYING = 5.0  # seconds
_MINUTE = 60.01  # seconds, with what a clock may be off


class RequestGate:
    """Lets `jobs` requests run at a time, and `per_minute` begin in any minute. Safe to share between threads.

    `say` takes a line for the person before a pause; `clock` counts seconds from any moment.
    """

    def __init__(
        self,
        jobs: int,
        per_minute: int = _PER_MINUTE,
        *,
        say: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._slots = threading.BoundedSemaphore(jobs)
        self._begun: deque[float] = deque(maxlen=per_minute)
        self._turn = threading.Lock()  # held while waiting: who comes later waits as well
        self._state = threading.Lock()
        self._held_until = 0.0
        self._is_held = False
        self._shut: CopilotUsageError | None = None
        self._say = say
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def request(self) -> Iterator[None]:
        """Wait until a request may begin, and count it as running; raises what the gate was shut with."""
        with self._slots:
            with self._turn:
                self._wait()
                self._begun.append(self._clock())
            yield

    def hold(self, seconds: float) -> None:
        """Let no request begin for so long."""
        with self._state:
            until = self._clock() + seconds
            if not self._is_held or until > self._held_until:
                self._is_held, self._held_until = True, until

    @property
    def held_for(self) -> float:
        """The seconds for which no request will begin."""
        with self._state:
            return max(0.0, self._held_until - self._clock()) if self._is_held else 0.0

    def shut(self, error: CopilotUsageError) -> None:
        """Let no request begin any more: each raises a copy of `error`, the first that was given."""
        with self._state:
            self._shut = self._shut or error

    def _wait(self) -> None:
        while True:
            with self._state:
                if self._shut is not None:
                    raise type(self._shut)(self._shut.message, self._shut.hint)
                if not self._is_held:
                    break
                until = self._held_until
            self._sleep(max(0.0, until - self._clock()))
            with self._state:
                self._is_held = self._held_until != until  # somebody may have learnt of a longer limit
        if len(self._begun) == self._begun.maxlen and (early := self._begun[0] + _MINUTE - self._clock()) > 0:
            if early >= _WORTH_SAYING:
                self._say(f"waiting {early:.0f} s: GitHub takes 900 requests a minute")
            self._sleep(early)
