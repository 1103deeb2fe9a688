"""How a number changed from one period to another, where both sides state the same thing. No I/O."""

from collections.abc import Sequence
from datetime import date

from copilot_usage_cli.model.period import is_weekend
from copilot_usage_cli.report.grouping import ACTIVITY_COLUMNS, DAYS, ON_KNOWN_DAYS, USER_DAYS, Row, Value

_COUNTABLE = ("_count", "_sum", "_suggested", "_accepted", "_turns", "_acceptances")
_KNOWN_AS = {  # users are those who were shown completions, or used chat
    "total_active_users": "total_suggestions_count",
    "active_users_mean": "total_suggestions_count",
    "active_users_at_least": "suggestions_count",
    "total_active_chat_users": "total_chat_turns",
    "active_chat_users_mean": "total_chat_turns",
}


def is_rate(name: str) -> bool:
    """Return whether a column is a fraction, which changes by percentage points."""
    return name.endswith("_rate")


def is_countable(name: str) -> bool:
    """Return whether a column is a count that can be added up over days."""
    return name.endswith(_COUNTABLE) or name in ACTIVITY_COLUMNS


def mean_a_day(row: Row, name: str) -> Value:
    """Return a sum divided by the days on which all of it is known; None if there are none."""
    known = row.get(name + ON_KNOWN_DAYS)
    count, days = row.get(name) if known is None else known, row.get(name + DAYS)
    return count / days if isinstance(count, int | float) and isinstance(days, int | float) and days else None


def is_alike(now: Row, before: Row, name: str, prefix: str = "") -> bool:
    """Return whether a number is known of the same share of user-days on both sides, where they count them.

    `prefix` is what the columns of `before` begin with.
    """
    name = _KNOWN_AS.get(name, name)
    known, whole = now.get(f"{name}{USER_DAYS}"), now.get("user_days")
    known_before, whole_before = before.get(f"{prefix}{name}{USER_DAYS}"), before.get(f"{prefix}user_days")
    if not all(isinstance(n, int) for n in (known, whole, known_before, whole_before)):
        return True
    return int(known or 0) * int(whole_before or 0) == int(known_before or 0) * int(whole or 0)


def change(now: Value, before: Value, *, points: bool = False) -> float | None:
    """Return the change: of rates the difference, of all else the part of what was before; None if it can't be told."""
    if not isinstance(now, int | float) or not isinstance(before, int | float):
        return None
    if points:
        return now - before
    return (now - before) / before if before else None


def unlike_weekends(now: Sequence[date], before: Sequence[date]) -> str:
    """Say where a change may come from how many of the days with data are weekend days; nothing of equal shares."""
    some, others = sum(map(is_weekend, now)), sum(map(is_weekend, before))
    if some * len(before) == others * len(now):
        return ""
    shares = f"{some} of {len(now)} now, {others} of {len(before)} before"
    return f"weekend days: {shares}, which by itself changes the numbers"
