"""The months of a history, and a fingerprint of each, which changes with any of its days."""

from datetime import timedelta
from hashlib import blake2b
from sqlite3 import Connection
from typing import NamedTuple

from copilot_usage_cli.history.days import to_day, to_number

_CHECKSUMS = """SELECT CAST(group_concat(checksum, '') AS BLOB) FROM (SELECT day.checksum FROM series
  JOIN day ON day.series = series.id AND day.day BETWEEN ? AND ? ORDER BY series.id, day.day)"""


class Month(NamedTuple):
    """A calendar month such as `2026-11`, with its first and its last day as the history counts them."""

    name: str
    first: int
    last: int


def months_held(connection: Connection) -> list[Month]:
    """List the months from the first to the last day held; raises as `to_day`."""
    first, last = connection.execute("SELECT min(day), max(day) FROM day").fetchone()
    months: list[Month] = []
    while first is not None and first <= last:
        begin = to_day(first).replace(day=1)
        after = (begin + timedelta(days=31)).replace(day=1)
        months.append(Month(f"{begin:%Y-%m}", to_number(begin), to_number(after) - 1))
        first = to_number(after)
    return months


def fingerprint(connection: Connection, month: Month) -> str:
    """Return a fingerprint of a month, made of its days' checksums; empty where it has no day."""
    (checksums,) = connection.execute(_CHECKSUMS, (month.first, month.last)).fetchone()
    return "" if checksums is None else blake2b(checksums, digest_size=16).hexdigest()
