"""The history: daily records that GitHub has forgotten, or will, in one SQLite file on this machine.

Aggregates only: no user's name, id or bit is ever stored. A day of a series (a host's scope from one source) is
there whole or not at all, and nothing but `remove` deletes one. Moments are parameters and are kept in whole seconds.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Self

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.history.days import Series, to_day, to_number
from copilot_usage_cli.history.file import DamagedHistory, HistoryFile
from copilot_usage_cli.history.tables import ALWAYS, DayReader, DayWriter, add_series, number_of
from copilot_usage_cli.model.coverage import Coverage
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope

_MOST_PROBLEMS = 100
_REMOVE = (
    "DELETE FROM cell WHERE series = ? AND day < ?",
    "DELETE FROM ide WHERE series = ? AND day < ?",
    "DELETE FROM day WHERE series = ? AND day < ?",
    "DELETE FROM no_data WHERE series = ? AND day < ?",
)
_REMOVE_EMPTY = """DELETE FROM series WHERE id = ?1
  AND NOT EXISTS (SELECT 1 FROM day WHERE series = ?1) AND NOT EXISTS (SELECT 1 FROM no_data WHERE series = ?1)"""


class History:
    """Daily records on this machine; a context manager.

    Opens the file at `path`, which is made if it isn't there and `create`; `read_only` neither makes nor writes one.
    A lock of another process is waited for up to `wait` seconds. Whatever fails is a NotWritten.
    """

    def __init__(self, path: Path, *, create: bool = True, read_only: bool = False, wait: float = 30.0) -> None:
        self._file = HistoryFile(path, create=create, read_only=read_only, wait=wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def created(self) -> bool:
        """Whether there was no file before."""
        return self._file.created

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self._file.size

    def store(
        self,
        host: str,
        records: Sequence[DailyRecord],
        fetched_at: datetime,
        *,
        imported: bool = False,
        settles_in: int = 3,
    ) -> int:
        """Store days of any scopes and sources in one transaction; when this returns, they are on the disk.

        Returns the number of days whose numbers are new or changed. The newest fetch of a day wins, a fetch replaces
        an import, an import replaces only an import; of two records of a day, the last one wins. Identical numbers
        write nothing, except to note that they are now fetched rather than imported, or settled: fetched
        `settles_in` UTC days after the day. Raises ValueError for a moment without a time zone.
        """
        days = {(Series(host, record.scope, record.source), record.day): record for record in records}
        at = _seconds(fetched_at)
        if not days:
            return 0
        with self._file.writing() as connection:
            writer = DayWriter(connection, at, imported=imported, settles_in=settles_in)
            return sum(writer.put(series, record) for (series, _), record in days.items())

    def store_days_without_data(
        self, host: str, scope: Scope, source: str, days: Collection[date], asked_at: datetime
    ) -> None:
        """Remember days for which GitHub said that there is nothing; a day that is held stays held.

        Days known so already write nothing, and the next fetch that has the day forgets it.
        """
        at = _seconds(asked_at)
        if not days:
            return
        with self._file.writing() as connection:
            number = add_series(connection, Series(host, scope, source))
            connection.executemany(
                "INSERT OR IGNORE INTO no_data SELECT ?1, ?2, ?3 WHERE NOT EXISTS"
                " (SELECT 1 FROM day WHERE series = ?1 AND day = ?2 AND NOT imported AND fetched_at > ?3)",
                [(number, to_number(day), at) for day in sorted(days)],
            )

    def days_without_data(self, host: str, scope: Scope, source: str) -> frozenset[date]:
        """Return the days for which GitHub said last that there is nothing."""
        return self._days("SELECT day FROM no_data WHERE series = ?", Series(host, scope, source))

    def settled_days(self, host: str, scope: Scope, source: str, settles_in: int) -> frozenset[date]:
        """Return the days held that were fetched, not imported, at least `settles_in` UTC days after the day."""
        statement = "SELECT day FROM day WHERE series = ? AND NOT imported AND fetched_at / 86400 - day >= ?"
        return self._days(statement, Series(host, scope, source), settles_in)

    def load(
        self, host: str, scope: Scope, sources: Sequence[str], since: date | None, until: date | None
    ) -> list[DailyRecord]:
        """Load the days from `since` to `until`, both inclusive and open where None, in their order.

        A day comes from the first of `sources` that has it. One that isn't what was stored is a NotWritten.
        """
        span = (ALWAYS[0] if since is None else to_number(since), ALWAYS[1] if until is None else to_number(until))
        records: dict[int, DailyRecord] = {}
        with self._file.reading() as connection:
            reader = DayReader(connection)
            for source in sources:
                series = Series(host, scope, source)
                number = number_of(connection, series)
                for day, stored in () if number is None else reader.days(series, number, span):
                    if stored is None:
                        raise self._file.damaged(_changed(series, day))
                    if day not in records:
                        records[day] = stored.to_record(scope, source, to_day(day))
        return [records[day] for day in sorted(records)]

    def coverage(self) -> list[Coverage]:
        """List what is held, in order of hosts and scopes."""
        days: dict[tuple[str, Scope], dict[str, set[int]]] = {}
        with self._file.reading() as connection:
            for number, series in self._all_series(connection):
                held = {day for (day,) in connection.execute("SELECT day FROM day WHERE series = ?", (number,))}
                if held:
                    days.setdefault((series.host.lower(), series.scope), {})[series.source] = held
        with self._calendar():
            return [_coverage(host, scope, by_source) for (host, scope), by_source in days.items()]

    def remove(self, host: str | None, scope: Scope, before: date | None = None) -> int:
        """Remove a scope's days, all or those before a day, on one host or on all; returns how many these were."""
        end = ALWAYS[1] if before is None else to_number(before)
        removed: set[tuple[str, int]] = set()
        with self._file.writing() as connection:
            for number, series in self._all_series(connection):
                if series.scope != scope or (host is not None and series.host.lower() != host.lower()):
                    continue
                found = connection.execute("SELECT day FROM day WHERE series = ? AND day < ?", (number, end))
                removed.update((series.host.lower(), day) for (day,) in found)
                for statement in _REMOVE:
                    connection.execute(statement, (number, end))
                connection.execute(_REMOVE_EMPTY, (number,))
        return len(removed)

    def check(self) -> list[str]:
        """Check the whole file and each day's checksum; returns what is wrong, a line each, and [] if it is sound.

        At most a hundred lines. It takes a while (a minute for 400 MB), and lets others write now and then.
        """
        problems: list[str] = []
        try:
            with self._file.reading() as connection:
                found = connection.execute("PRAGMA integrity_check").fetchall()
                problems += [line for (line,) in found if line != "ok"]
            with self._file.reading() as connection:
                strays = connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST_PROBLEMS)
                problems += [f"a row of {table} belongs to no row of {parent}" for table, _, parent, _ in strays]
                every = self._all_series(connection)
            for number, series in every:
                with self._file.reading() as connection:
                    days = DayReader(connection).days(series, number, ALWAYS)
                    problems += [_changed(series, day) for day, stored in days if stored is None]
        except DamagedHistory as error:
            problems.append(error.message)
        return problems[:_MOST_PROBLEMS]

    def _days(self, statement: str, series: Series, *parameters: int) -> frozenset[date]:
        with self._file.reading() as connection:
            number = number_of(connection, series)
            if number is None:
                return frozenset()
            days = connection.execute(statement, (number, *parameters)).fetchall()
        with self._calendar():
            return frozenset(to_day(day) for (day,) in days)

    @contextmanager
    def _calendar(self) -> Iterator[None]:
        try:
            yield
        except (TypeError, ValueError, OverflowError):  # only a damaged file holds such a day
            raise self._file.damaged("a day of it is not in the calendar") from None

    def _all_series(self, connection: Connection) -> list[tuple[int, Series]]:
        rows = connection.execute("SELECT id, host, scope, source FROM series ORDER BY host, scope, source")
        try:
            return [(number, Series(host, Scope.parse(scope), source)) for number, host, scope, source in rows]
        except UsageError as error:
            raise self._file.damaged(error.message) from None


def _seconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return int(moment.timestamp())


def _coverage(host: str, scope: Scope, by_source: Mapping[str, set[int]]) -> Coverage:
    days = set().union(*by_source.values())
    first, last = to_day(min(days)), to_day(max(days))  # a damaged file's days are refused before they are counted
    missing = tuple(map(to_day, sorted(set(range(min(days), max(days))) - days)))
    return Coverage(host, scope, tuple(sorted(by_source)), first, last, len(days), missing)


def _changed(series: Series, day: int) -> str:
    try:
        text = str(to_day(day))
    except (TypeError, ValueError, OverflowError):
        text = str(day)
    return f"{series.scope} on {text} ({series.source}, {series.host}) is not what was stored"
