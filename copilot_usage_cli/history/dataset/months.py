"""The months of a history, and a fingerprint of each, which changes with any of its days."""

import json
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from sqlite3 import Connection
from typing import NamedTuple

from copilot_usage_cli.history.dataset.layout import CONTENT, TABLES
from copilot_usage_cli.history.days import to_day

_SIZE = 8  # bytes of a day's checksum
_EVERY = """SELECT series, min(day), max(day), count(*), CAST(group_concat(checksum, '') AS BLOB)
  FROM day GROUP BY series ORDER BY series"""
_OF_MONTH = """SELECT CAST(group_concat(checksum, '') AS BLOB)
  FROM (SELECT day.checksum FROM series JOIN day ON day.series = series.id AND day.day BETWEEN ? AND ?
    ORDER BY series.id, day.day)"""
_DAYS = "SELECT json_group_array(day) FROM day WHERE series = ?"


class Month(NamedTuple):
    """A calendar month such as `2026-11`, with its first and its last day as the history counts them."""

    name: str
    first: int
    last: int

    @classmethod
    def around(cls, number: int) -> "Month":
        """Return the month that a day is in; raises as `to_day`."""
        day = to_day(number)
        first = number - day.day + 1
        return cls(day.isoformat()[:7], first, first + monthrange(day.year, day.month)[1] - 1)


def fingerprints(connection: Connection) -> dict[Month, str]:
    """Return the months that have a day, in their order, with their fingerprints; raises as `to_day`.

    All checksums are read at once, which takes less time than a look for each month.
    """
    parts: dict[Month, list[bytes]] = {}
    months: dict[int, Month] = {}
    for series, first, last, count, checksums in connection.execute(_EVERY):
        days: Sequence[int] = range(first, last + 1)
        if count != len(days):
            days = json.loads(connection.execute(_DAYS, (series,)).fetchone()[0])
        start = 0
        while start < len(days):
            day = days[start]
            month = months.get(day) or months.setdefault(day, Month.around(day))
            end = bisect_right(days, month.last, start)
            parts.setdefault(month, []).append(checksums[_SIZE * start : _SIZE * end])
            start = end
    return {month: _digest(b"".join(parts[month])) for month in sorted(parts, key=lambda month: month.first)}


def fingerprint(connection: Connection, month: Month) -> str:
    """Return a fingerprint of a month, made of its days' checksums; empty where it has no day."""
    (checksums,) = connection.execute(_OF_MONTH, (month.first, month.last)).fetchone()
    return "" if checksums is None else _digest(checksums)


def _digest(checksums: bytes) -> str:
    return blake2b(checksums, digest_size=16, key=_made_of()).hexdigest()


@cache
def _made_of() -> bytes:
    """Return what the rows of a month depend on besides its days."""
    return blake2b(repr((CONTENT, TABLES)).encode(), digest_size=16).digest()
