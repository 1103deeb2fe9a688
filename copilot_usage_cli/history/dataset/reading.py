"""Read a month of a history, as rows of the dataset's tables.

The rows of the breakdown are far more than all others. SQLite writes their columns as text, which Arrow reads: that
takes half of the time that Python needs to fetch them as objects.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from sqlite3 import Connection
from typing import Any, NamedTuple

from copilot_usage_cli.history import stored_activity
from copilot_usage_cli.history.choice import activity_source, sources_of
from copilot_usage_cli.history.dataset.months import Month
from copilot_usage_cli.history.days import Row, Series
from copilot_usage_cli.history.tables import is_blank
from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, MORE_TABLES, WITHOUT_PROMPTS
from copilot_usage_cli.model.aggregates import Aggregates
from copilot_usage_cli.model.records import CELL_FIELDS, COUNTED, TOTALS
from copilot_usage_cli.model.vocabulary import USER_REPORTS

_DAYS = f"""SELECT day, fetched_at, imported, stated_at, cells, user_days, activity, {", ".join(TOTALS)}
  FROM day WHERE series = ? AND day BETWEEN ? AND ? ORDER BY day"""  # noqa: S608 - the names are ours
_IDES = f"""SELECT day, ide, {", ".join(ACTIVITY_COUNTS)}
  FROM ide WHERE series = ? AND day BETWEEN ? AND ? ORDER BY day, n"""  # noqa: S608 - as above
# Each column as one text, [1,null,2], in the order of the table's key, by which SQLite finds the rows.
_CELLS = f"""SELECT json_group_array(nullif(language, 0)), json_group_array(nullif(editor, 0)),
    {", ".join(f"json_group_array({name})" for name in CELL_FIELDS[2:])}
  FROM cell WHERE series = ? AND day BETWEEN ? AND ?"""  # noqa: S608 - as above


class DayHeld(NamedTuple):
    """A day of a series, as the file has it."""

    day: int
    fetched_at: int
    imported: int
    stated_at: int | None
    cells: int | None
    user_days: str | None
    activity: bytes | None
    totals: Row

    @classmethod
    def of(cls, row: Row) -> "DayHeld":
        """Return the day of a row that _DAYS selects."""
        day, fetched_at, imported, stated_at, cells, user_days, activity, *totals = row
        return cls(day, fetched_at, imported, stated_at, cells, user_days, activity, tuple(totals))

    @property
    def row(self) -> Row:
        """The day's row of `days` or `days_other`."""
        return (*self.totals, self.fetched_at, bool(self.imported), self.stated_at)


class Held(NamedTuple):
    """A series with its days of a month, by their numbers."""

    number: int
    series: Series
    days: Mapping[int, DayHeld]


def read_scopes(connection: Connection, every: Sequence[tuple[int, Series]], month: Month) -> Iterator[list[Held]]:
    """Yield what is held of each scope in a month, a series each, in the order of hosts and scopes."""
    found: dict[tuple[str, str], list[Held]] = {}
    for number, series in every:
        rows = connection.execute(_DAYS, (number, month.first, month.last)).fetchall()
        if rows:
            days = {row[0]: DayHeld.of(row) for row in rows}
            key = (series.host.lower(), str(series.scope).lower())
            found.setdefault(key, []).append(Held(number, series, days))
    for _, held in sorted(found.items(), key=itemgetter(0)):
        yield held


def choose(connection: Connection, scope: Sequence[Held]) -> dict[int, Held]:
    """Return which series each day of a scope counts from, in the order of days, as reports choose it.

    That is the first of the scope's sources that has the day, with a number if one has any; none, if it is held from
    another source alone.
    """
    preferred = sources_of(scope[0].series.scope)
    ranked = [held for source in preferred for held in scope if held.series.source == source]
    chosen: dict[int, Held] = {}
    for held in ranked:
        for day in held.days:
            known = chosen.get(day)
            if known is None or (
                is_blank(connection, known.number, day) and not is_blank(connection, held.number, day)
            ):
                chosen[day] = held
    return dict(sorted(chosen.items()))


def spans_of(chosen: Mapping[int, Held]) -> Iterator[tuple[Held, list[DayHeld]]]:
    """Yield the days that were chosen, those in a row from one series together."""
    for _, days in groupby(chosen.items(), key=lambda item: item[1].number):
        items = list(days)
        held = items[0][1]
        yield held, [held.days[day] for day, _ in items]


def read_cells(connection: Connection, number: int, days: Sequence[DayHeld]) -> tuple[str, ...]:
    """Return the columns of the breakdown of days in a row of a series, in their order, as JSON arrays of integers.

    These are the numbers of the languages and the editors, and the counts; nothing where the days have no rows. Raises
    ValueError if there are fewer or more than the days have.
    """
    rows = sum(day.cells or 0 for day in days)
    if not rows:
        return ()
    columns: tuple[str, ...] = connection.execute(_CELLS, (number, days[0].day, days[-1].day)).fetchone()
    if columns[0].count(",") + 1 != rows or columns[0] == "[]":
        raise ValueError(rows)
    return columns


def read_ides(
    connection: Connection, held: Held, month: Month, names: Mapping[int, str | None]
) -> Iterator[tuple[int, Row]]:
    """Yield the rows of `ide`, each with its day."""
    for day, ide, *counts in connection.execute(_IDES, (held.number, month.first, month.last)):
        yield day, (names[ide], *counts)


def user_days_of(day: DayHeld) -> list[Row]:
    """Return a day's row of `user_days`: the user-days with details, and those of which each count is known."""
    if day.user_days is None:
        return []
    everyone, short, *known = json.loads(day.user_days)
    return [(everyone - short, *known[: len(COUNTED)])]


def has_activity(series: Series) -> bool:
    """Return whether a series is that which a scope's tables of activity are from."""
    return series.source == activity_source(series.scope)


def has_user_days(series: Series) -> bool:
    """Return whether a series was added up from lines of users."""
    return series.source == USER_REPORTS


def activity_of(day: DayHeld) -> dict[str, list[Row]]:
    """Return a day's rows of the tables of activity and of what reports say besides, by table."""
    text = stored_activity.decompress(day.activity)
    if text is None:
        return {}
    activity, aggregates = stored_activity.from_text(text)
    rows: dict[str, list[Row]] = {"activity": [] if activity.totals is None else [activity.totals]}
    for name, table in zip(MORE_TABLES, activity.tables, strict=True):
        first = int(name in WITHOUT_PROMPTS)
        rows[name.removeprefix("totals_by_")] = [(*row.names, *row.counts[first:]) for row in table or ()]
    return rows | _rows_besides(aggregates)


def _rows_besides(found: Aggregates) -> dict[str, list[Row]]:
    pulls, engagement = found.pull_requests, found.engagement
    rows: dict[str, list[Any]] = {
        "active_users": [] if found.active_users is None else [found.active_users],
        "pull_requests": [] if pulls is None else [(*pulls.counts, *pulls.medians)],
        "adoption_phase": list(found.phases or ()),
        "feature_engagement": [],
        "cli": [] if found.cli is None else [found.cli],
        "app": [] if found.app is None else [found.app],
    }
    if engagement is not None:
        nothing: tuple[tuple[str | None, int | None], ...] = ((None, None),)
        features = engagement.features or nothing
        rows["feature_engagement"] = [(name, users, engagement.active_user_count) for name, users in features]
    return rows
