"""The history: daily records that GitHub has forgotten, or will, in one SQLite file on this machine.

Aggregates only: no user's name, id or bit is ever stored. A day of a series (a host's scope from one source) is
there whole or not at all, and nothing but `remove` deletes one. Moments are parameters and are kept in whole seconds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple, Self

from copilot_usage_cli.errors import NotUnderstood, UsageError
from copilot_usage_cli.history.days import Series, coverage_of, to_day, to_number
from copilot_usage_cli.history.file import DamagedHistory, HistoryFile
from copilot_usage_cli.history.identity import claim, team_of
from copilot_usage_cli.history.tables import ALWAYS, DayReader, DayWriter, Outcome, add_series, number_of
from copilot_usage_cli.model.coverage import Coverage
from copilot_usage_cli.model.period import format_ranges
from copilot_usage_cli.model.records import TOTALS, DailyRecord, merge
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import SETTLES_IN

_MOST_PROBLEMS = 100
_SETTLED = f"""SELECT day FROM day WHERE series = ? AND NOT imported AND fetched_at / 86400 - day >= ?
  AND (coalesce({", ".join(TOTALS)}) IS NOT NULL OR cells > 0 OR ides > 0)"""  # noqa: S608 - the names are ours
_REMOVE_EMPTY = """DELETE FROM series WHERE id = ?1
  AND NOT EXISTS (SELECT 1 FROM day WHERE series = ?1) AND NOT EXISTS (SELECT 1 FROM no_data WHERE series = ?1)"""

_REFUSALS: tuple[tuple[Outcome, str, str], ...] = (
    (
        "part",
        "other numbers of the same users report",
        "give all files of a users report to one history import, or add --replace to keep these alone",
    ),
    (
        "organizations",
        "other numbers of days that organizations state each by itself, and not which these are",
        "give all files of all organizations to one history import, with --replace",
    ),
)


class Stored(NamedTuple):
    """What became of days that were stored: how many are new or changed, and which weren't simply that.

    `replaced` are days of which another part or version of the same statement was held, `outranked` those of which a
    later statement is held.
    """

    changed: int
    replaced: tuple[date, ...] = ()
    outranked: tuple[date, ...] = ()


class Moments(NamedTuple):
    """The days on which days of the history were fetched, and on which they were imported."""

    fetched: frozenset[date]
    imported: frozenset[date]


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

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold a transaction for the other readers of this room, in which all reads see the file as of one moment."""
        with self._file.reading() as connection:
            yield connection

    def damaged(self, series: Series, day: int) -> DamagedHistory:
        """Return an error that says which day isn't what was stored."""
        return self._file.damaged(f"{_name(series, day)} is not what was stored")

    @contextmanager
    def together(self) -> Iterator[None]:
        """Store all that is stored meanwhile in one transaction: all of it, or nothing."""
        with self._file.writing():
            yield

    def store(  # noqa: PLR0913 - how, besides what
        self,
        host: str,
        records: Sequence[DailyRecord],
        fetched_at: datetime,
        *,
        imported: bool = False,
        settles_in: int = SETTLES_IN,
        summed: Collection[date] = (),
        organizations: Collection[date] = (),
    ) -> "Stored":
        """Store days of any scopes and sources in one transaction; at its end, they are on the disk.

        Of a day the latest statement is kept: what was fetched is later than what is held; what was imported is
        ordered by `stated_at`, and a day held without one by the day on which it was fetched. Days without any number
        are not kept. Identical numbers write nothing, except to note that they are now fetched rather than
        imported, settled (fetched `settles_in` UTC days after the day), or stated later. Raises NotUnderstood, and
        stores nothing, if other numbers of the same statement are held of a day in `summed`, or any of a day in
        `organizations`: parts of users reports can't be added up in the history. Raises ValueError for a moment without
        a time zone.
        """
        by_series: dict[Series, list[DailyRecord]] = {}
        for record in records:
            if not record.is_blank:
                by_series.setdefault(Series(host, record.scope, record.source), []).append(record)
        at = _seconds(fetched_at)
        outcomes: dict[Outcome, set[date]] = defaultdict(set)
        changed = 0
        if not by_series:
            return Stored(0)
        with self._file.writing() as connection:
            writer = DayWriter(
                connection,
                at,
                imported=imported,
                settles_in=settles_in,
                summed=summed,
                organizations=organizations,
            )
            for series, every in by_series.items():
                for record in merge(every)[0]:
                    outcome = writer.put(series, record)
                    outcomes[outcome].add(record.day)
                    changed += outcome in {"changed", "replaced"}
            for refused, problem, hint in _REFUSALS:
                if days := sorted(outcomes[refused]):
                    raise NotUnderstood(f"the history holds {problem}: {format_ranges(days)}", hint)
        return Stored(changed, *(tuple(sorted(outcomes[name])) for name in ("replaced", "outranked")))

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

    def settled_days(
        self, host: str, scope: Scope, source: str, settles_in: int, *, complete: bool = False
    ) -> frozenset[date]:
        """Return the days held that were fetched, not imported, at least `settles_in` UTC days after the day.

        Days without any number aren't settled, nor, if `complete`, those without activity, as earlier versions kept
        them.
        """
        statement = f"{_SETTLED} AND activity IS NOT NULL" if complete else _SETTLED
        return self._days(statement, Series(host, scope, source), settles_in)

    def team_of(self, host: str, scope: Scope, source: str) -> str:
        """Return the id of the team that a series is of; empty where none is known."""
        with self._file.reading() as connection:
            return team_of(connection, Series(host, scope, source))

    def claim(self, host: str, scope: Scope, source: str, team: str) -> Scope | None:
        """Let a series be of a team; returns where what another one had under its name is kept from now on."""
        with self._file.writing() as connection:
            return claim(connection, Series(host, scope, source), team)

    def load(
        self, host: str, scope: Scope, sources: Sequence[str], since: date | None, until: date | None
    ) -> list[DailyRecord]:
        """Load the days from `since` to `until`, both inclusive and open where None, in their order.

        A day comes from the first of `sources` that has it, with numbers if one has any. A day that isn't what was
        stored is a NotWritten.
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
                        raise self.damaged(series, day)
                    if day not in records or (records[day].is_blank and not stored.is_blank):
                        records[day] = stored.to_record(scope, source, to_day(day))
        return [records[day] for day in sorted(records)]

    def moments(self, host: str, records: Sequence[DailyRecord]) -> "Moments":
        """Return when days that were loaded had been fetched or imported."""
        wanted: dict[Series, set[int]] = {}
        for record in records:
            wanted.setdefault(Series(host, record.scope, record.source), set()).add(to_number(record.day))
        fetched: set[date] = set()
        imported: set[date] = set()
        with self._file.reading() as connection:
            for series, days in wanted.items():
                number = number_of(connection, series)
                for day, at, is_import in connection.execute(
                    "SELECT day, fetched_at, imported FROM day WHERE series = ?", (number,)
                ):
                    if day in days:
                        (imported if is_import else fetched).add(datetime.fromtimestamp(at, UTC).date())
        return Moments(frozenset(fetched), frozenset(imported))

    def coverage(self) -> list[Coverage]:
        """List what is held, in order of hosts and scopes."""
        days: dict[tuple[str, Scope], dict[str, set[int]]] = {}
        with self._file.reading() as connection:
            for number, series in self.all_series(connection):
                held = {day for (day,) in connection.execute("SELECT day FROM day WHERE series = ?", (number,))}
                if held:
                    days.setdefault((series.host.lower(), series.scope), {})[series.source] = held
        with self.calendar():
            return [coverage_of(host, scope, by_source) for (host, scope), by_source in days.items()]

    def remove(
        self,
        host: str | None,
        scope: Scope,
        since: date | None = None,
        until: date | None = None,
        source: str | None = None,
    ) -> int:
        """Remove a scope's days from `since` to `until`, both inclusive and open where None; returns how many.

        `host` and `source` restrict them to one of each.
        """
        span = (ALWAYS[0] if since is None else to_number(since), ALWAYS[1] if until is None else to_number(until))
        removed: set[tuple[str, int]] = set()
        with self._file.writing() as connection:
            for number, series in self.all_series(connection):
                if series.scope != scope or (host is not None and series.host.lower() != host.lower()):
                    continue
                if source is not None and series.source != source:
                    continue
                found = connection.execute(
                    "SELECT day FROM day WHERE series = ? AND day BETWEEN ? AND ?", (number, *span)
                )
                removed.update((series.host.lower(), day) for (day,) in found)
                for table in ("cell", "ide", "day", "no_data"):
                    connection.execute(f"DELETE FROM {table} WHERE series = ? AND day BETWEEN ? AND ?", (number, *span))  # noqa: S608
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
                every = self.all_series(connection)
            for number, series in every:
                with self._file.reading() as connection:
                    for day, stored in DayReader(connection).days(series, number, ALWAYS):
                        if stored is None:
                            problems.append(f"{_name(series, day)} is not what was stored")
                        elif stored.is_blank:
                            problems.append(f"{_name(series, day)} has no number")
        except DamagedHistory as error:
            problems.append(error.message)
        return problems[:_MOST_PROBLEMS]

    def _days(self, statement: str, series: Series, *parameters: int) -> frozenset[date]:
        with self._file.reading() as connection:
            number = number_of(connection, series)
            if number is None:
                return frozenset()
            days = connection.execute(statement, (number, *parameters)).fetchall()
        with self.calendar():
            return frozenset(to_day(day) for (day,) in days)

    @contextmanager
    def calendar(self) -> Iterator[None]:
        """Turn the error of a day that no calendar has into one of this file."""
        try:
            yield
        except (TypeError, ValueError, OverflowError):  # only a damaged file holds such a day
            raise self._file.damaged("a day of it is not in the calendar") from None

    def all_series(self, connection: Connection) -> list[tuple[int, Series]]:
        """List the series that there are, with their numbers, in the order of hosts, scopes and sources."""
        rows = connection.execute("SELECT id, host, scope, source FROM series ORDER BY host, scope, source")
        try:
            return [(number, Series(host, Scope.parse(scope), source)) for number, host, scope, source in rows]
        except UsageError as error:
            raise self._file.damaged(error.message) from None


def _seconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return int(moment.timestamp())


def _name(series: Series, day: int) -> str:
    try:
        text = str(to_day(day))
    except (TypeError, ValueError, OverflowError):
        text = str(day)
    return f"{series.scope} on {text} ({series.source}, {series.host})"
