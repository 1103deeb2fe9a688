"""The activity of all features on a day as the history keeps it: one text, compressed, since no query looks into it."""

import json
import zlib
from typing import Any

from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, Activity, ActivityRow, ActivityRows

_encode = json.JSONEncoder(separators=(",", ":")).encode


def to_text(activity: Activity) -> str:
    """Write a day's activity as a JSON array: its totals, and its tables, of which a row is its names and counts."""
    rows = [None if rows is None else [(*row.names, *row.counts) for row in rows] for rows in activity.tables]
    return _encode([activity.totals, *rows])


def from_text(text: str) -> Activity:
    """Read what `to_text` wrote."""
    totals, *tables = json.loads(text)
    return Activity(None if totals is None else tuple(totals), *map(_rows, tables))


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
