"""The one retry loop, for answers and downloads: which failures may pass, and how long a run waits in all."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from threading import Lock
from typing import NamedTuple, Self

from copilot_usage_cli.errors import CopilotUsageError, Unavailable
from copilot_usage_cli.github.gate import RequestGate
from copilot_usage_cli.github.rate_limit import RetryDelay, back_off, delay_after
from copilot_usage_cli.github.response import HttpResponse, TransportError

_LAST_SECOND = 253402300799  # of the year 9999


_WORTH_SAYING = 1.0  # seconds by which a wait grows


class RunLimits(NamedTuple):
    """Seconds that one answer may take and that a run may spend waiting, and how many requests it has at a time."""

    timeout: float = 30.0
    max_wait: float = 120.0
    jobs: int = 4


class LimitOutlasted(Unavailable):
    """A rate limit lasts longer than the run would wait, so nothing more is asked."""


class RetryableError(Exception):
    """An attempt failed in a way that may pass; `error` is what to say if the run has waited enough."""

    def __init__(self, delay: RetryDelay, error: CopilotUsageError) -> None:
        super().__init__(delay.reason)
        self.delay = delay
        self.error = error


class RetryBudget:
    """The waiting of one run, over all its requests: what waits at the same time counts once.

    A rate limit holds the `gate`, so that all wait for it, and shuts it if it lasts too long. `say` takes a line for
    the person; `now` (UTC), `clock` (seconds from any moment), `sleep` and `jitter` are time and chance. Safe to share
    between threads.
    """

    def __init__(  # noqa: PLR0913 - what it decides by, and what a test replaces
        self,
        max_wait: float,
        gate: RequestGate,
        say: Callable[[str], None],
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
    ) -> None:
        self._max_wait = max_wait
        self._gate = gate
        self._say = say
        self._now = now
        self._sleep = sleep
        self._jitter = jitter
        self._clock = clock
        self._waited = 0.0
        self._sleeping = 0
        self._slept_until = 0.0
        self._lock = Lock()

    def attempts(self, netloc: str) -> Iterator["Attempt"]:
        """Yield attempts without end: the body of each `with` returns, or its failure is waited out or raised."""
        for number in count():
            yield Attempt(self, netloc, number)

    def delay_after(self, response: HttpResponse, attempt: int) -> tuple[RetryDelay | None, float]:
        """Return how long to wait after a status, None if that can't help, and the moment from which it counts."""
        now = self._now().timestamp()
        return delay_after(response, attempt, now, self._jitter), now

    def wait(self, failure: TransportError | RetryableError, attempt: int, netloc: str) -> None:
        """Wait until another attempt makes sense; raises Unavailable if none does, or the wait would be too long."""
        if isinstance(failure, TransportError):
            delay = RetryDelay(back_off(attempt, self._jitter), failure.reason)
            error: CopilotUsageError = Unavailable(f"no answer from {netloc}: {failure.reason}", failure.hint)
            if failure.final:
                raise error from None
        else:
            delay, error = failure.delay, failure.error
        with self._lock:
            under_way = max(self._gate.held_for, self._slept_until - self._clock() if self._sleeping else 0.0)
            longer = max(0.0, delay.seconds - under_way)
            if self._waited + longer > self._max_wait:
                if isinstance(error, LimitOutlasted):
                    self._gate.shut(error)
                raise error from None
            self._waited += longer
            if delay.rate_limited:
                self._gate.hold(delay.seconds)
            else:
                self._slept_until = self._clock() + max(delay.seconds, under_way)
                self._sleeping += 1
        if not delay.rate_limited or longer >= min(_WORTH_SAYING, delay.seconds):
            self._say(f"waiting {delay.seconds:.0f} s for {netloc}: {delay.reason}")
        if not delay.rate_limited:
            try:
                self._sleep(delay.seconds)
            finally:
                with self._lock:
                    self._sleeping -= 1


class Attempt:
    """One attempt: a context manager that waits out TransportError and RetryableError."""

    def __init__(self, budget: RetryBudget, netloc: str, number: int) -> None:
        self._budget = budget
        self._netloc = netloc
        self._number = number

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> bool:
        if not isinstance(error, TransportError | RetryableError):
            return False
        self._budget.wait(error, self._number, self._netloc)
        return True

    def judge(self, response: HttpResponse, message: str = "") -> None:
        """Raise RetryableError for a status that may pass. `message` is GitHub's, fit to be shown."""
        delay, now = self._budget.delay_after(response, self._number)
        if delay is None:
            return
        words = f"{self._netloc} answered {response.status}" + (f": {message}" if message else "")
        if not delay.rate_limited:
            raise RetryableError(delay, Unavailable(words, "GitHub has a temporary problem; try again later"))
        ends = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(min(now + delay.seconds, _LAST_SECOND)))
        hint = f"the limit ends at {ends} UTC, in {delay.seconds:.0f} s; --max-wait SECONDS waits that long"
        limit = delay.reason.removesuffix(f" ({response.status})")
        raise RetryableError(delay, LimitOutlasted(words if message else f"{words}: {limit}", hint))
