"""A real limit on how long a call takes, wherever it hangs: name look-up, handshake, headers or body."""

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class OutOfTime(Exception):
    """The call had not returned when its time was over."""


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what `call` returns or raise what it raises, or raise OutOfTime after so many seconds.

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
    if not done.wait(min(seconds, threading.TIMEOUT_MAX)):
        raise OutOfTime
    if errors:
        raise errors[0]
    return results[0]
