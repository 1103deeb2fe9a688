"""The months of a history, and a fingerprint of each, which changes with any of its days."""

from calendar import monthrange
from hashlib import blake2b
from sqlite3 import Connection
from typing import NamedTuple

from copilot_usage_cli.history.days import to_day

_CHECKSUMS = """SELECT CAST(group_concat(checksum, '') AS BLOB) FROM (SELECT day.checksum FROM series
  JOIN day ON day.series = series.id AND day.day BETWEEN ? AND ? ORDER BY series.id, day.day)"""


class Month(NamedTuple):
    """A calendar month such as `2026-11`, with its first and its last day as the history counts them."""

    name: str
    first: int
    last: int


def months_held(connection: Connection) -> list[Month]:
    """List the months that have a day, in their order; raises as `to_day`."""
    months: list[Month] = []
    for number in sorted(day for (day,) in connection.execute("SELECT DISTINCT day FROM day")):
        if not months or number > months[-1].last:
            day = to_day(number)
            first = number - day.day + 1
            months.append(Month(day.isoformat()[:7], first, first + monthrange(day.year, day.month)[1] - 1))
    return months


def fingerprint(connection: Connection, month: Month) -> str:
    """Return a fingerprint of a month, made of its days' checksums; empty where it has no day."""
    (checksums,) = connection.execute(_CHECKSUMS, (month.first, month.last)).fetchone()
    return "" if checksums is None else blake2b(checksums, digest_size=16).hexdigest()
