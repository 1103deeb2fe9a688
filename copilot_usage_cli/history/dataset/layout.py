"""The tables of the dataset: their columns and types, and where their files are.

Engines read them by name, so a table or column is only ever added; anything else is another LAYOUT.
"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, WITHOUT_PROMPTS
from copilot_usage_cli.model.activity import TABLES as ACTIVITY_TABLES
from copilot_usage_cli.model.aggregates import ACTIVE_USERS, MEDIANS, PULL_REQUESTS, SESSIONS, Phase
from copilot_usage_cli.model.records import CELL_FIELDS, COUNTED, TOTALS

LAYOUT = 1
CONTENT = 1
"""Another number if the same days make other rows: all months are written anew. So they are with another column."""

MANIFEST = "_copilot_usage.json"
"""The file that says what the folder is; engines leave out names that begin with `_`."""

Kind = Literal["text", "count", "number", "moment", "flag"]
"""What a column holds: text, a whole number of 64 bits, one with a fraction, a moment in UTC, or true and false."""


class Column(NamedTuple):
    """A column besides those that each table has."""

    name: str
    kind: Kind


SERIES = ("host", "kind", "enterprise", "organization", "team", "source")
"""The columns with which each table begins: whose day it is, and from which source. The day itself comes next."""

DAY = "day"


def _counts(names: Iterable[str]) -> tuple[Column, ...]:
    return tuple(Column(name, "count") for name in names)


def _texts(names: Iterable[str]) -> tuple[Column, ...]:
    return tuple(Column(name, "text") for name in names)


_DAYS = (
    *_counts(TOTALS),
    Column("fetched_at", "moment"),
    Column("imported", "flag"),
    Column("stated_at", "moment"),
)
_OF_ACTIVITY = {
    table.removeprefix("totals_by_"): (*_texts(names), *_counts(ACTIVITY_COUNTS[int(table in WITHOUT_PROMPTS) :]))
    for table, names in ACTIVITY_TABLES.items()
}

BREAKDOWN = "breakdown"
TABLES: dict[str, tuple[Column, ...]] = {
    "days": _DAYS,
    "days_other": _DAYS,
    BREAKDOWN: (*_texts(CELL_FIELDS[:2]), *_counts(CELL_FIELDS[2:])),
    "user_days": _counts(("user_days", *(f"{name}_user_days" for name in COUNTED))),
    "activity": _counts(ACTIVITY_COUNTS),
    **_OF_ACTIVITY,
    "active_users": _counts(ACTIVE_USERS),
    "pull_requests": (*_counts(PULL_REQUESTS), *(Column(name, "number") for name in MEDIANS)),
    "adoption_phase": (*_texts(Phase._fields[:1]), *_counts(Phase._fields[1:])),
    "feature_engagement": (*_texts(["feature"]), *_counts(["engaged_users", "active_users"])),
    "cli": _counts(SESSIONS),
    "app": _counts(SESSIONS),
}
"""Each table with its columns after those of SERIES and the day."""


def path_of(table: str, month: str) -> str:
    """Return where the file of a table's month is, such as `days/month=2026-11/data.parquet`."""
    return f"{table}/month={month}/data.parquet"


def month_of(path: str) -> str | None:
    """Return which month a file of the dataset is of; None for any other file."""
    table, _, rest = path.partition("/")
    month = rest.removeprefix("month=").removesuffix("/data.parquet")
    return month if table in TABLES and is_month(month) and path == path_of(table, month) else None


def is_month(name: str) -> bool:
    """Return whether a text is written as a month is."""
    return re.fullmatch(r"\d{4}-\d\d", name, re.ASCII) is not None
