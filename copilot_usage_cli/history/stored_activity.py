"""The activity of all features on a day, and what reports say besides, as the history keeps them.

They are one text, compressed, since no query looks into it.
"""

import json
import zlib
from typing import Any

from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, MORE_TABLES, Activity, ActivityRow, ActivityRows
from copilot_usage_cli.model.aggregates import NO_AGGREGATES, Aggregates, from_plain, to_plain

_encode = json.JSONEncoder(separators=(",", ":")).encode


def to_text(activity: Activity, aggregates: Aggregates = NO_AGGREGATES) -> str:
    """Write a day's activity as a JSON array: its totals, its tables, of which a row is its names and counts.

    What reports say besides is one more item, where there is any.
    """
    rows = [None if rows is None else [(*row.names, *row.counts) for row in rows] for rows in activity.tables]
    besides = [] if aggregates == NO_AGGREGATES else [to_plain(aggregates)]
    return _encode([activity.totals, *rows, *besides])


def from_text(text: str) -> tuple[Activity, Aggregates]:
    """Read what `to_text` wrote."""
    totals, *rest = json.loads(text)
    tables, besides = rest[: len(MORE_TABLES)], rest[len(MORE_TABLES) :]
    activity = Activity(None if totals is None else tuple(totals), *map(_rows, tables))
    return activity, from_plain(besides[0]) if besides else NO_AGGREGATES


def compress(text: str | None) -> bytes | None:
    """Compress a text for the file."""
    return None if text is None else zlib.compress(text.encode("ascii"), 6)


def decompress(data: Any) -> str | None:
    """Return a text that was compressed; raises TypeError or ValueError for anything else."""
    if data is None:
        return None
    try:
        return zlib.decompress(data).decode("ascii")
    except zlib.error as error:
        raise ValueError(error) from None


def _rows(rows: list[list[Any]] | None) -> ActivityRows:
    if rows is None:
        return None
    names = -len(ACTIVITY_COUNTS)
    return tuple(ActivityRow(tuple(row[:names]), *row[names:]) for row in rows)
