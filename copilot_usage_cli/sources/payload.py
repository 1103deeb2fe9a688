"""Read JSON that comes from elsewhere: strictly where numbers are concerned, with the place of what is wrong."""

import json
import re
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import Any

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.model.records import COUNTS, TOTALS, BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.text import one_line

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MOST = 2**53  # the largest whole number that every JSON reader keeps exact
_LOOK = "look at the record as it was fetched or saved"


def parse_record(payload: Any, place: str, scope: Scope, source: str) -> DailyRecord:
    """Read one daily record in the shape of the classic API; what the API doesn't define is ignored.

    An absent or null field is unknown. Raises NotUnderstood, naming the record and the field.
    """
    day = day_of(payload, place)
    place = f"{place} ({day})"
    totals: dict[str, Any] = {name: count(payload, name, place) for name in TOTALS}
    rows = payload.get("breakdown")
    if rows is not None and not isinstance(rows, list):
        raise NotUnderstood(f"{place}, field breakdown: {_show(rows)} is no list of rows", _LOOK)
    breakdown = None if rows is None else tuple(_row(row, f"{place}, breakdown[{n}]") for n, row in enumerate(rows))
    return DailyRecord(scope, source, day, **totals, breakdown=breakdown)


def day_of(payload: Any, place: str) -> date:
    """Read the day of a record; raises NotUnderstood, naming the record."""
    if not isinstance(payload, dict):
        raise NotUnderstood(f"{place} is {_show(payload)}, not a daily record", "each record is an object with a day")
    day = payload.get("day")
    if day is None:
        message = payload.get("message")
        said = f"; GitHub's message in it: {one_line(message)}" if isinstance(message, str) else ""
        raise NotUnderstood(f"{place} has no day, so it is no usage report{said}", _LOOK)
    if isinstance(day, str) and (read := _date(day)) is not None:
        return read
    raise NotUnderstood(f"{place}, field day: {_show(day)} is no date (YYYY-MM-DD)", _LOOK)


@lru_cache(maxsize=64)  # a users report names each day thousands of times
def _date(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    return None


def _row(row: Any, place: str) -> BreakdownRow:
    if not isinstance(row, dict):
        raise NotUnderstood(f"{place} is {_show(row)}, not a row", _LOOK)
    counts = {name: count(row, name, place) for name in (*COUNTS, "active_users")}
    return BreakdownRow(name_of(row, "language", place), name_of(row, "editor", place), **counts)


def name_of(row: dict[str, Any], name: str, place: str) -> str | None:
    """Read a name, None where there is none; raises NotUnderstood, naming the place and the field."""
    value = row.get(name)
    if value is None or isinstance(value, str):
        return value
    raise NotUnderstood(f"{place}, field {name}: {_show(value)} is no name", _LOOK)


def count(payload: dict[str, Any], name: str, place: str) -> int | None:
    """Read a count, None where it is unknown; raises NotUnderstood, naming the place and the field."""
    value = payload.get(name)
    # bool is an int to Python, and 1.0 is no count.
    if value is None or (type(value) is int and 0 <= value <= MOST):
        return value
    raise NotUnderstood(f"{place}, field {name}: {_show(value)} is no count (a whole number, 0 or more)", _LOOK)


def _show(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return one_line(json.dumps(value), 40)


def objects(rows: Any, place: str, field: str) -> list[dict[str, Any]]:
    """Give an array of objects; raises NotUnderstood if it is none."""
    if not isinstance(rows, list):
        raise NotUnderstood(f"{place}, field {field}: it is no list of rows")
    for row in rows:
        if not isinstance(row, dict):
            raise NotUnderstood(f"{place}, field {field}: a row of it is no object")
    return rows
