"""How long a run waits before it asks again, over all its requests."""

import time
from collections.abc import Callable
from datetime import datetime
from random import random
from threading import Lock
from typing import NamedTuple

from copilot_usage_cli.errors import CopilotUsageError, Unavailable
from copilot_usage_cli.github.answer import Answer
from copilot_usage_cli.github.http import Failed
from copilot_usage_cli.github.rate_limit import Wait, back_off, wait_for_status

_LAST_SECOND = 253402300799  # of the year 9999


class Patience(NamedTuple):
    """Seconds that one answer may take, and that a run may spend waiting before it asks again."""

    timeout: float = 30.0
    max_wait: float = 120.0


class Passing(Exception):
    """One attempt failed in a way that may pass; `error` is what to say if patience ends first."""

    def __init__(self, wait: Wait, error: CopilotUsageError) -> None:
        super().__init__(wait.reason)
        self.wait = wait
        self.error = error


class Waiting:
    """The waiting of one run. Safe to share between threads; `say` takes a line for the person."""

    def __init__(
        self,
        max_wait: float,
        say: Callable[[str], None],
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random,
    ) -> None:
        self._max_wait = max_wait
        self._say = say
        self._now = now
        self._sleep = sleep
        self._jitter = jitter
        self._waited = 0.0
        self._lock = Lock()

    def wait_or_give_up(self, passing: Passing, netloc: str) -> None:
        """Wait as long as it takes until another attempt, or raise the error if that is too long."""
        wait = passing.wait
        with self._lock:
            if self._waited + wait.seconds > self._max_wait:
                raise passing.error from None
            self._waited += wait.seconds
        self._say(f"waiting {wait.seconds:.0f} s for {netloc}: {wait.reason}")
        self._sleep(wait.seconds)

    def failed(self, failed: Failed, attempt: int, netloc: str) -> CopilotUsageError | Passing:
        """Judge an attempt that brought no answer."""
        error = Unavailable(f"no answer from {netloc}: {failed.reason}", failed.hint)
        return error if failed.final else Passing(Wait(back_off(attempt, self._jitter), failed.reason), error)

    def answered(self, answer: Answer, message: str, attempt: int, netloc: str) -> Passing | None:
        """Judge an answer's status; None if asking again can't help. `message` is GitHub's, fit to be shown."""
        now = self._now().timestamp()
        wait = wait_for_status(answer, attempt, now, self._jitter)
        if wait is None:
            return None
        words = f"{netloc} answered {answer.status}" + (f": {message}" if message else "")
        if not wait.rate_limited:
            return Passing(wait, Unavailable(words, "GitHub has a fault that mostly passes; try again later"))
        ends = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(min(now + wait.seconds, _LAST_SECOND)))
        hint = f"the limit ends at {ends} UTC, in {wait.seconds:.0f} s; --max-wait SECONDS waits that long"
        limit = wait.reason.removesuffix(f" ({answer.status})")
        return Passing(wait, Unavailable(words if message else f"{words}: {limit}", hint))
