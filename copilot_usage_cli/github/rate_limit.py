"""GitHub's limits: how long to wait after an answer that may pass.

From GitHub's documentation of the REST API's rate limits, and its best practices for retrying.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import NamedTuple

from copilot_usage_cli.github.response import HttpResponse

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
_UNNAMED_LIMIT = 60.0  # seconds: GitHub's own advice for a limit that doesn't say when it ends
_SECONDS = r"(?a:\d+)"
_FOREVER = 1e12  # seconds; what is longer is all the same


class RetryDelay(NamedTuple):
    """How long to wait, in seconds, and for what."""

    seconds: float
    reason: str
    rate_limited: bool = False


def delay_after(response: HttpResponse, attempt: int, now: float, jitter: Callable[[], float]) -> RetryDelay | None:
    """Decide on an answer's status, or return None if asking again can't help.

    `attempt` counts from 0; `now` is in Unix seconds; `jitter` returns a number from 0 to 1.
    """
    headers = response.headers
    limit = _rate_limit(response)
    if limit is None and response.status not in TRANSIENT:
        return None
    reason = f"{limit or 'a temporary failure'} ({response.status})"
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
    return RetryDelay(seconds, reason, rate_limited=limit is not None)


def back_off(attempt: int, jitter: Callable[[], float]) -> float:
    """Return seconds that double from one with each attempt, of which chance takes up to a half."""
    return float(2 ** min(attempt, 30)) * (0.5 + 0.5 * jitter())


def _rate_limit(response: HttpResponse) -> str | None:
    status, headers = response.status, response.headers
    if status not in {403, 429}:
        return None
    if headers.get("x-ratelimit-remaining") == "0":
        return "the rate limit"
    if status == 429 or "retry-after" in headers or "rate limit" in response.message.lower():
        return "a secondary rate limit"
    return None


def _retry_after(value: str, server_time: float) -> float:
    if re.fullmatch(_SECONDS, value):
        return min(float(value), _FOREVER)
    moment = _unix_time(value)
    return _UNNAMED_LIMIT if moment is None else max(0.0, moment - server_time)


def _reset(value: str, server_time: float) -> float:
    if not re.fullmatch(_SECONDS, value):
        return _UNNAMED_LIMIT
    # One second more: the reset is given in whole seconds.
    return max(0.0, min(float(value), _FOREVER) - server_time) + 1


def _server_time(headers: Mapping[str, str], now: float) -> float:
    """Read GitHub's clock, not this machine's, which may be off by hours."""
    moment = _unix_time(headers.get("date", ""))
    return now if moment is None else moment


def _unix_time(value: str) -> float | None:
    """Read an HTTP date, which is always in GMT, even in the one form that doesn't say so."""
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
