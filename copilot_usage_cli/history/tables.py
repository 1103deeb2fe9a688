"""Read and write days in the history's tables, inside the caller's transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from sqlite3 import Connection
from typing import Literal, NamedTuple

from copilot_usage_cli.history import stored_activity
from copilot_usage_cli.history.days import Row, Series, StoredDay, to_number
from copilot_usage_cli.model.activity import ACTIVITY_COUNTS
from copilot_usage_cli.model.records import CELL_FIELDS, TOTALS, DailyRecord
from copilot_usage_cli.model.vocabulary import REPORTS, USER_REPORTS

Span = tuple[int, int]  # first and last day, both inclusive
ALWAYS: Span = (-(2**63), 2**63 - 1)  # also what only a damaged file holds
_A_DAY = 86_400  # seconds
_BEFORE_ALL = -(2**63)
_INSERT_DAY = "INSERT OR REPLACE INTO day VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_CELL = "INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_IDE = "INSERT INTO ide VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

_IS_BLANK = f"""SELECT coalesce({", ".join(TOTALS)}) IS NULL AND activity IS NULL
  AND NOT EXISTS (SELECT 1 FROM cell WHERE series = ?1 AND day = ?2
    AND coalesce({", ".join(CELL_FIELDS[2:])}) IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM ide WHERE series = ?1 AND day = ?2
    AND coalesce({", ".join(ACTIVITY_COUNTS)}) IS NOT NULL)
FROM day WHERE series = ?1 AND day = ?2"""  # noqa: S608 - the names are ours


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


Outcome = Literal["changed", "replaced", "same", "outranked", "part", "organizations"]
"""What became of a day: new or other numbers, other numbers of the same statement, nothing new, an older statement, or
refused: another part of a statement that is held, or what only some organizations stated of a day that is held."""


class DayWriter:
    """Stores days that were fetched or imported at one moment, in seconds since 1970.

    Imported days of `summed`, added up from lines of users, never take the place of others of the same statement, and
    those of `organizations`, which only some of an enterprise's organizations stated, of none at all.
    """

    def __init__(  # noqa: PLR0913 - how, besides what
        self,
        connection: Connection,
        at: int,
        *,
        imported: bool,
        settles_in: int,
        summed: Collection[date] = (),
        organizations: Collection[date] = (),
    ) -> None:
        self._connection = connection
        self._at = at
        self._imported = imported
        self._settles_in = settles_in
        self._summed = summed
        self._organizations = organizations
        self._names = _Names(connection)
        self._numbers: dict[Series, int] = {}

    def put(self, series: Series, record: DailyRecord) -> Outcome:
        """Store a record, unless a later statement is held, and say what became of it."""
        if series not in self._numbers:
            self._numbers[series] = add_series(self._connection, series)
        number, day = self._numbers[series], to_number(record.day)
        if not self._imported:
            self._connection.execute(
                "DELETE FROM no_data WHERE series = ? AND day = ? AND asked_at <= ?", (number, day, self._at)
            )
        known = self._connection.execute(
            "SELECT fetched_at, imported, checksum, stated_at, activity FROM day WHERE series = ? AND day = ?",
            (number, day),
        ).fetchone()
        stored = StoredDay.from_record(record, self._names)
        if known is None:
            self._write(series, number, day, stored)
            return "changed"
        held = _Held(*known)
        if series.source == REPORTS:
            stored = stored.keeping_engagement(held.text)
        if self._is_outranked(held):
            return "outranked"
        return self._put_beside(series, number, record.day, stored, held)

    def _put_beside(self, series: Series, number: int, of: date, stored: StoredDay, held: "_Held") -> Outcome:
        """Store a day of which another statement is held, or the same."""
        day = to_number(of)
        order = self._compare(stored, held)
        if self._is_same(series, day, [stored], held):
            self._seal_anew(series, number, day, stored, held)
            return "same"
        if self._is_same(series, day, stored.earlier_forms, held):
            self._write_over(series, number, day, stored)
            return "changed" if stored.activity is not None else "same"
        blank, held_blank = stored.is_blank, is_blank(self._connection, number, day)
        if blank != held_blank:
            order = 1 if held_blank else -1
        if series.source == USER_REPORTS and not held_blank and (refused := self._refused(of, order)):
            return refused
        if order < 0:
            return "outranked"
        self._write_over(series, number, day, stored)
        return "changed" if order else "replaced"

    def _write_over(self, series: Series, number: int, day: int, stored: StoredDay) -> None:
        for statement in (
            "DELETE FROM cell WHERE series = ? AND day = ?",
            "DELETE FROM ide WHERE series = ? AND day = ?",
        ):
            self._connection.execute(statement, (number, day))
        self._write(series, number, day, stored)

    def _refused(self, day: date, order: int) -> Outcome | None:
        """Return why what was added up from users may not take the place of a day that is held."""
        if day in self._organizations:
            return "organizations"
        return "part" if order == 0 and day in self._summed else None

    def _is_outranked(self, held: "_Held") -> bool:
        """Return whether this was fetched before the day held was."""
        return not self._imported and not held.imported and self._at < held.fetched_at

    def _compare(self, stored: StoredDay, held: "_Held") -> int:
        """Return 1 if this is the later statement, -1 if the day held is; what GitHub answers now is the latest."""
        if not self._imported:
            return 1
        new, old = (_BEFORE_ALL if moment is None else moment for moment in (stored.stated_at, held.statement))
        if new == old:  # the one read later counts
            return -1 if held.imported and self._at < held.fetched_at else 0
        return 1 if new > old else -1

    def _is_same(self, series: Series, day: int, forms: Sequence[StoredDay], held: "_Held") -> bool:
        """Return whether the numbers held are those of a day in one of its forms."""
        imported = bool(held.imported)
        return any(
            held.checksum
            == series.checksum(day, held.fetched_at, form._replace(stated_at=held.stated_at), imported=imported)
            for form in forms
        )

    def _seal_anew(self, series: Series, number: int, day: int, stored: StoredDay, held: "_Held") -> None:
        """Note of the same numbers that they were fetched, not imported, or are settled, or were stated later."""
        at, imported, stated = held.fetched_at, bool(held.imported), held.stated_at
        if self._tells_more(day, held) or (not self._imported and stored.stated_at is None and stated is not None):
            # What was fetched and doesn't say when it was stated is of the day on which it was fetched.
            at, imported, stated = self._at, self._imported, stored.stated_at
        elif stored.stated_at is not None and (held.statement is None or stored.stated_at > held.statement):
            stated = stored.stated_at
        checksum = series.checksum(day, at, stored._replace(stated_at=stated), imported=imported)
        if checksum != held.checksum:
            self._connection.execute(
                "UPDATE day SET fetched_at = ?, imported = ?, checksum = ?, stated_at = ?, user_days = ?"
                " WHERE series = ? AND day = ?",
                (at, imported, checksum, stated, stored.user_days, number, day),
            )

    def _tells_more(self, day: int, held: "_Held") -> bool:
        """Return whether the same numbers are now fetched rather than imported, or now settled."""
        if self._imported:
            return False
        return bool(held.imported) or held.fetched_at // _A_DAY - day < self._settles_in <= self._at // _A_DAY - day

    def _write(self, series: Series, number: int, day: int, stored: StoredDay) -> None:
        cells, ides, names = stored.cells, stored.ides, self._names
        sizes = (None if cells is None else len(cells), None if ides is None else len(ides))
        checksum = series.checksum(day, self._at, stored, imported=self._imported)
        later = (stored.stated_at, stored.user_days, stored_activity.compress(stored.activity))
        self._connection.execute(
            _INSERT_DAY, (number, day, self._at, self._imported, checksum, *sizes, *stored.totals, *later)
        )
        self._connection.executemany(
            _INSERT_CELL, [(number, day, names[cell[0]], names[cell[1]], *cell[2:]) for cell in cells or ()]
        )
        self._connection.executemany(
            _INSERT_IDE, [(number, day, n, names[row[0]], *row[1:]) for n, row in enumerate(ides or ())]
        )


class _Held(NamedTuple):
    """What is held of a day that a new statement has to be compared with."""

    fetched_at: int
    imported: int
    checksum: bytes
    stated_at: int | None
    activity: bytes | None = None

    @property
    def text(self) -> str | None:
        """The activity, None where there is none, or damage has made it something else."""
        try:
            return stored_activity.decompress(self.activity)
        except (TypeError, ValueError):
            return None

    @property
    def statement(self) -> int | None:
        """The moment of the statement: its own, else the day on which it was fetched."""
        if self.stated_at is not None or self.imported:
            return self.stated_at
        return self.fetched_at // _A_DAY * _A_DAY


def is_blank(connection: Connection, number: int, day: int) -> bool:
    """Return whether a day that is held has no number at all."""
    return bool(connection.execute(_IS_BLANK, (number, day)).fetchone()[0])


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
        for _, day, fetched_at, imported, checksum, cell_count, ide_count, *rest in days:
            *totals, stated_at, user_days, activity = rest
            inside = (cells.get(day, []), ides.get(day, []))
            stored = StoredDay(
                tuple(totals),
                None if cell_count is None else inside[0],
                None if ide_count is None else inside[1],
                stated_at,
                user_days,
            )
            try:
                stored = stored._replace(activity=stored_activity.decompress(activity))
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
