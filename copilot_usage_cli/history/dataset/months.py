"""The months of a history, and a fingerprint of each, which changes with any of its days."""

from calendar import monthrange
from datetime import date
from hashlib import blake2b
from sqlite3 import Connection
from typing import NamedTuple

from copilot_usage_cli.history.days import to_day, to_number
from copilot_usage_cli.history.tables import ALWAYS

# A look into the index for each series, which takes less time than to look at all days.
_NEXT = "SELECT min((SELECT min(day) FROM day WHERE day.series = series.id AND day > ?)) FROM series"
_CHECKSUMS = """SELECT CAST(group_concat(checksum, '') AS BLOB) FROM (SELECT day.checksum FROM series
  JOIN day ON day.series = series.id AND day.day BETWEEN ? AND ? ORDER BY series.id, day.day)"""
_LAST = to_number(date.max)


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
    """Return the months that have a day, in their order, with their fingerprints; raises as `to_day`."""
    found: dict[Month, str] = {}
    number = _next_day(connection, ALWAYS[0])
    while number is not None:
        month = Month.around(number)
        seal = fingerprint(connection, month)
        if seal:
            found[month] = seal
        # Most often the month that comes next has days, too.
        number = month.last + 1 if seal and month.last < _LAST else _next_day(connection, month.last)
    return found


def fingerprint(connection: Connection, month: Month) -> str:
    """Return a fingerprint of a month, made of its days' checksums; empty where it has no day."""
    (checksums,) = connection.execute(_CHECKSUMS, (month.first, month.last)).fetchone()
    return "" if checksums is None else blake2b(checksums, digest_size=16).hexdigest()


def _next_day(connection: Connection, after: int) -> int | None:
    found: tuple[int | None] = connection.execute(_NEXT, (after,)).fetchone()
    return found[0]
