"""When to ask again, and how long to wait before: GitHub's rules for rate limits, and exponential back-off."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from copilot_usage_cli.github.answer import Answer

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
_UNNAMED_LIMIT = 60.0  # seconds: GitHub's own advice for a limit that doesn't say when it ends
_SECONDS = re.compile(r"\d+", re.ASCII)
_FOREVER = 1e12  # seconds; what is longer is all the same


class Wait(NamedTuple):
    """How long to wait, in seconds, and for what."""

    seconds: float
    reason: str
    rate_limited: bool = False


def wait_for_status(answer: Answer, attempt: int, now: float, jitter: Callable[[], float]) -> Wait | None:
    """Decide on an answer's status, or return None if asking again can't help.

    `attempt` counts from 0; `now` is in Unix seconds; `jitter` gives a number from 0 to 1.
    """
    headers = answer.headers
    limit = _rate_limit(answer)
    if limit is None and answer.status not in TRANSIENT:
        return None
    reason = f"{limit or 'a passing fault'} ({answer.status})"
    if "retry-after" in headers:
        # 0 is taken at its word once, or it would be asked for ever.
        seconds = _retry_after(headers["retry-after"], _server_time(headers, now))
        seconds = seconds or (back_off(attempt, jitter) if attempt else 0.0)
    elif limit == "the rate limit":
        seconds = _reset(headers.get("x-ratelimit-reset", ""), _server_time(headers, now))
    elif limit:
        seconds = max(_UNNAMED_LIMIT, back_off(attempt, jitter))
    else:
        seconds = back_off(attempt, jitter)
    return Wait(seconds, reason, rate_limited=limit is not None)


def back_off(attempt: int, jitter: Callable[[], float]) -> float:
    """Double from one second with each attempt, of which chance takes up to a half."""
    return float(2 ** min(attempt, 30)) * (0.5 + 0.5 * jitter())


def _rate_limit(answer: Answer) -> str | None:
    status, headers = answer.status, answer.headers
    if status not in {403, 429}:
        return None
    if headers.get("x-ratelimit-remaining") == "0":
        return "the rate limit"
    if status == 429 or "retry-after" in headers or "rate limit" in answer.message.lower():
        return "a secondary rate limit"
    return None


def _retry_after(value: str, server_time: float) -> float:
    if _SECONDS.fullmatch(value):
        return min(float(value), _FOREVER)
    moment = _moment(value)
    return _UNNAMED_LIMIT if moment is None else max(0.0, moment - server_time)


def _reset(value: str, server_time: float) -> float:
    # One second more: the reset is given in whole seconds.
    return max(0.0, min(float(value), _FOREVER) - server_time) + 1 if _SECONDS.fullmatch(value) else _UNNAMED_LIMIT


def _server_time(headers: Mapping[str, str], now: float) -> float:
    """Read GitHub's clock, not this machine's, which may be off by hours."""
    moment = _moment(headers.get("date", ""))
    return now if moment is None else moment


def _moment(value: str) -> float | None:
    """Read an HTTP date, which is always in GMT, even in the one form that doesn't say so."""
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
