"""Limits on the time that a call may take, whatever it waits for."""

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class DeadlineExceeded(Exception):
    """A call had not returned when its time was over."""


def call_within(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what `call` returns or raise what it raises, or raise DeadlineExceeded after so many seconds.

    The call runs in a daemon thread, which is left behind when the time is over: a socket's own time limit starts
    anew with each byte, and a name look-up has none.
    """
    done = threading.Event()
    results: list[Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:  # noqa: BLE001 - handed to the caller, whatever it is
            errors.append(error)
        finally:
            done.set()

    threading.Thread(target=work, daemon=True).start()
    if not done.wait(min(max(seconds, 0.0), threading.TIMEOUT_MAX)):
        raise DeadlineExceeded
    if errors:
        raise errors[0]
    return results[0]
