"""From a month of a history to the files of the dataset's tables."""

from collections.abc import Sequence
from sqlite3 import Connection

from copilot_usage_cli.history.dataset.encoding import CellWriter, RowWriter
from copilot_usage_cli.history.dataset.layout import BREAKDOWN, TABLES, path_of
from copilot_usage_cli.history.dataset.months import Month, fingerprint
from copilot_usage_cli.history.dataset.reading import (
    Held,
    activity_of,
    choose,
    has_activity,
    has_user_days,
    read_cells,
    read_ides,
    read_scopes,
    spans_of,
    user_days_of,
)
from copilot_usage_cli.history.days import Row, Series
from copilot_usage_cli.history.file import DamagedHistory
from copilot_usage_cli.history.store import History
from copilot_usage_cli.history.tables import DayReader

Files = dict[str, bytes]
"""The files of a month, by their paths."""

_NOT_AS_WRITTEN = (ArithmeticError, LookupError, TypeError, ValueError)
"""What a damaged file makes of a value; Arrow's errors are among them."""


def files_of(history: History, month: Month) -> tuple[str, Files]:
    """Return a month's fingerprint and its files, one of each table; an empty one and none if it has no day.

    Raises NotWritten where it shows that a day isn't what was stored; to look at each number is left to the history's
    check.
    """
    with history.reading() as connection:
        seal = fingerprint(connection, month)
        if not seal:
            return seal, {}
        every = history.all_series(connection)
        maker = _Maker(connection, month)
        try:
            for scope in read_scopes(connection, every, month):
                maker.add(scope)
            return seal, maker.files()
        except _NOT_AS_WRITTEN:
            raise _damage(history, connection, every, month) from None


def _damage(
    history: History, connection: Connection, every: Sequence[tuple[int, Series]], month: Month
) -> DamagedHistory:
    """Return an error that names the first day of a month that isn't what was stored."""
    reader = DayReader(connection)
    for number, series in every:
        for day, stored in reader.days(series, number, (month.first, month.last)):
            if stored is None:
                return history.damaged(series, day)
    return history.damaged(every[0][1], month.first)


class _Maker:
    """Adds up the rows of a month."""

    def __init__(self, connection: Connection, month: Month) -> None:
        self._connection = connection
        self._month = month
        self._names: dict[int, str | None] = dict(connection.execute("SELECT id, text FROM name"))
        self._rows = {table: RowWriter(table) for table in TABLES if table != BREAKDOWN}
        self._cells = CellWriter(self._names)

    def add(self, scope: Sequence[Held]) -> None:
        """Add all rows of a scope; raises one of _NOT_AS_WRITTEN if they show damage."""
        chosen = choose(self._connection, scope)
        for held, days in spans_of(chosen):
            self._rows["days"].add(held.series, [day.day for day in days], [day.row for day in days])
            self._cells.add(held.series, days, read_cells(self._connection, held.number, days))
        for held in scope:
            others = [found for day, found in held.days.items() if chosen.get(day) is not held]
            self._rows["days_other"].add(held.series, [day.day for day in others], [day.row for day in others])
            self._add_besides(held)

    def files(self) -> Files:
        """Return the files."""
        writers = {**self._rows, BREAKDOWN: self._cells}
        return {path_of(table, self._month.name): writers[table].close() for table in TABLES}

    def _add_besides(self, held: Held) -> None:
        series = held.series
        if has_user_days(series):
            for day, found in held.days.items():
                self._add("user_days", series, day, user_days_of(found))
        if has_activity(series):
            for day, row in read_ides(self._connection, held, self._month, self._names):
                self._add("ide", series, day, [row])
            for day, found in held.days.items():
                for table, rows in activity_of(found).items():
                    self._add(table, series, day, rows)

    def _add(self, table: str, series: Series, day: int, rows: Sequence[Row]) -> None:
        self._rows[table].add(series, [day] * len(rows), rows)
