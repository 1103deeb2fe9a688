"""Days in the history's tables, within a transaction that the caller holds."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from sqlite3 import Connection

from copilot_usage_cli.history.days import Row, Series, StoredDay, to_number
from copilot_usage_cli.model.records import DailyRecord

Span = tuple[int, int]  # first and last day, both inclusive
ALWAYS: Span = (-(2**63), 2**63 - 1)  # also what only a damaged file holds
_A_DAY = 86_400  # seconds
_INSERT_DAY = "INSERT OR REPLACE INTO day VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_CELL = "INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_IDE = "INSERT INTO ide VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def number_of(connection: Connection, series: Series) -> int | None:
    """Return the number of a series, None if there is none yet."""
    found = connection.execute(
        "SELECT id FROM series WHERE host = ? AND scope = ? AND source = ?",
        (series.host, str(series.scope), series.source),
    ).fetchone()
    return None if found is None else int(found[0])


def add_series(connection: Connection, series: Series) -> int:
    """Return the number of a series, a new one if there is none yet."""
    number = number_of(connection, series)
    if number is None:
        cursor = connection.execute(
            "INSERT INTO series (host, scope, source) VALUES (?, ?, ?)",
            (series.host, str(series.scope), series.source),
        )
        number = cursor.lastrowid or 0
    return number


class DayWriter:
    """Stores days that were fetched or imported at one moment, in seconds since 1970."""

    def __init__(self, connection: Connection, at: int, *, imported: bool, settles_in: int) -> None:
        self._connection = connection
        self._at = at
        self._imported = imported
        self._settles_in = settles_in
        self._names = _Names(connection)
        self._numbers: dict[Series, int] = {}

    def put(self, series: Series, record: DailyRecord) -> bool:
        """Store a record, if it outranks the one held; returns whether the day's numbers are new or changed."""
        if series not in self._numbers:
            self._numbers[series] = add_series(self._connection, series)
        number, day = self._numbers[series], to_number(record.day)
        if not self._imported:
            self._connection.execute(
                "DELETE FROM no_data WHERE series = ? AND day = ? AND asked_at <= ?", (number, day, self._at)
            )
        known = self._connection.execute(
            "SELECT fetched_at, imported, checksum FROM day WHERE series = ? AND day = ?", (number, day)
        ).fetchone()
        if known is None:
            self._write(series, number, day, StoredDay.from_record(record, self._names))
            return True
        fetched_at, imported, checksum = known
        if self._is_outranked(fetched_at, imported=bool(imported)):
            return False
        stored = StoredDay.from_record(record, self._names)
        if checksum != series.checksum(day, fetched_at, stored, imported=bool(imported)):
            for statement in (
                "DELETE FROM cell WHERE series = ? AND day = ?",
                "DELETE FROM ide WHERE series = ? AND day = ?",
            ):
                self._connection.execute(statement, (number, day))
            self._write(series, number, day, stored)
            return True
        if self._tells_more(day, fetched_at, imported=bool(imported)):
            checksum = series.checksum(day, self._at, stored, imported=self._imported)
            self._connection.execute(
                "UPDATE day SET fetched_at = ?, imported = ?, checksum = ? WHERE series = ? AND day = ?",
                (self._at, self._imported, checksum, number, day),
            )
        return False

    def _is_outranked(self, fetched_at: int, *, imported: bool) -> bool:
        """Return whether the day held is a fetch and this an import, or it is a newer one of the same kind."""
        return self._imported if self._imported != imported else self._at < fetched_at

    def _tells_more(self, day: int, fetched_at: int, *, imported: bool) -> bool:
        """Return whether the same numbers are now fetched rather than imported, or now settled."""
        if self._imported:
            return False
        return imported or fetched_at // _A_DAY - day < self._settles_in <= self._at // _A_DAY - day

    def _write(self, series: Series, number: int, day: int, stored: StoredDay) -> None:
        cells, ides, names = stored.cells, stored.ides, self._names
        sizes = (None if cells is None else len(cells), None if ides is None else len(ides))
        checksum = series.checksum(day, self._at, stored, imported=self._imported)
        self._connection.execute(_INSERT_DAY, (number, day, self._at, self._imported, checksum, *sizes, *stored.totals))
        self._connection.executemany(
            _INSERT_CELL, [(number, day, names[cell[0]], names[cell[1]], *cell[2:]) for cell in cells or ()]
        )
        self._connection.executemany(
            _INSERT_IDE, [(number, day, n, names[row[0]], *row[1:]) for n, row in enumerate(ides or ())]
        )


class DayReader:
    """Reads days, and tells which of them are as they were stored."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # A number that damage made up has no text, which the day's checksum brings to light.
        self._text = {number: text for text, number in _Names(connection).items()}.get

    def days(self, series: Series, number: int, span: Span) -> Iterator[tuple[int, StoredDay | None]]:
        """Yield each day held, in order, with its numbers; None if that isn't what was stored."""
        where = (number, *span)
        cells, ides = self._cells(where), self._ides(where)
        days = self._connection.execute(
            "SELECT * FROM day WHERE series = ? AND day BETWEEN ? AND ? ORDER BY day", where
        ).fetchall()
        for _, day, fetched_at, imported, checksum, cell_count, ide_count, *totals in days:
            inside = (cells.get(day, []), ides.get(day, []))
            stored = StoredDay(
                tuple(totals),
                None if cell_count is None else inside[0],
                None if ide_count is None else inside[1],
            )
            try:
                sound = (len(inside[0]), len(inside[1])) == (cell_count or 0, ide_count or 0)
                sound &= checksum == series.checksum(day, fetched_at, stored, imported=bool(imported))
            except (TypeError, ValueError):  # whatever a damaged file makes of a value
                sound = False
            yield day, stored if sound else None

    def _cells(self, where: Row) -> Mapping[int, list[Row]]:
        rows = self._connection.execute(
            "SELECT day, language, editor, suggestions_count, acceptances_count, lines_suggested, lines_accepted,"
            " active_users FROM cell WHERE series = ? AND day BETWEEN ? AND ? ORDER BY day, language, editor",
            where,
        )
        text = self._text
        return {
            day: [(text(language), text(editor), a, b, c, d, e) for _, language, editor, a, b, c, d, e in inside]
            for day, inside in groupby(rows, itemgetter(0))
        }

    def _ides(self, where: Row) -> Mapping[int, list[Row]]:
        rows = self._connection.execute(
            "SELECT day, ide, user_initiated_interaction_count, code_generation_activity_count,"
            " code_acceptance_activity_count, loc_suggested_to_add_sum, loc_suggested_to_delete_sum, loc_added_sum,"
            " loc_deleted_sum FROM ide WHERE series = ? AND day BETWEEN ? AND ? ORDER BY day, n",
            where,
        )
        return {
            day: [(self._text(ide), *counts) for _, ide, *counts in inside]
            for day, inside in groupby(rows, itemgetter(0))
        }


class _Names(dict[str | None, int]):
    """The numbers of names; one that has none yet gets one."""

    def __init__(self, connection: Connection) -> None:
        super().__init__((text, number) for number, text in connection.execute("SELECT id, text FROM name"))
        self._connection = connection

    def __missing__(self, text: str | None) -> int:
        # As bytes: SQLite's text may hold half a character, Python's binding of it may not.
        data = (text or "").encode("utf-8", "surrogatepass")
        number = self._connection.execute("INSERT INTO name (text) VALUES (CAST(? AS TEXT))", (data,)).lastrowid or 0
        self[text] = number
        return number
