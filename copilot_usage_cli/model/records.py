"""Daily records: one scope's numbers for one UTC day, in GitHub's own terms."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, NO_ACTIVITY, Activity, ActivityRows
from copilot_usage_cli.model.aggregates import NO_AGGREGATES, Aggregates
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import PREFERENCE


class BreakdownRow(NamedTuple):
    """Completions in one language and editor on one day; None is unknown, never 0.

    `user_bits` are the users as the bits of a number, as in DailyRecord.
    """

    language: str | None = None
    editor: str | None = None
    suggestions_count: int | None = None
    acceptances_count: int | None = None
    lines_suggested: int | None = None
    lines_accepted: int | None = None
    active_users: int | None = None
    user_bits: int | None = None


class UserDayCounts(NamedTuple):
    """How many user-days a day was added up from: all, those without details, and those with each count known.

    `known` is in the order of COUNTED. A count of rows is known of a user-day if each of its rows has it. `rated` are
    the user-days that know both counts of a rate, in the order of RATED; empty in days of an earlier version. `tables`
    are the user-days that know all of a table, in the order of MORE_TABLES; empty where there is none.
    """

    all: int
    without_details: int
    known: tuple[int, ...]
    rated: tuple[int, ...] = ()
    tables: tuple[int, ...] = ()

    @property
    def detailed(self) -> int:
        """The user-days with details: GitHub has no telemetry of the others."""
        return self.all - self.without_details

    def of(self, name: str) -> int:
        """Return the user-days of which a count is known: one of COUNTED."""
        return self.known[COUNTED.index(name)]

    def has_rate(self, name: str) -> bool:
        """Return whether both counts of a rate, one of RATED, are sums over the same user-days."""
        at = list(RATED).index(name)
        above, below = map(self.of, RATED[name])
        return above == below and (not self.rated or self.rated[at] == above)


class DailyRecord(NamedTuple):
    """One scope's usage on one UTC day; None is unknown, never 0.

    `source` is the generation of GitHub's API that the numbers follow: `usage` for the classic endpoints, `reports`
    or `user-reports` for today's, `metrics` for the one between. The other fields are those of the classic API, by its
    names, the activity of all features, and what aggregated reports say besides. `user_bits`, here and in rows, is a
    set of users as the bits of a number, to count distinct users with; only user-reports have it, it means nothing
    outside the run, and it is never written anywhere. `stated_at` orders statements about the same day: a report's
    `created_at`, else its `report_end_day`; None ranks lowest. `user_days` are what a users report was added up from.
    """

    scope: Scope
    source: str
    day: date
    total_suggestions_count: int | None = None
    total_acceptances_count: int | None = None
    total_lines_suggested: int | None = None
    total_lines_accepted: int | None = None
    total_active_users: int | None = None
    total_chat_acceptances: int | None = None
    total_chat_turns: int | None = None
    total_active_chat_users: int | None = None
    breakdown: tuple[BreakdownRow, ...] | None = None
    totals_by_ide: ActivityRows = None
    user_bits: int | None = None
    stated_at: datetime | None = None
    user_days: UserDayCounts | None = None
    activity: Activity = NO_ACTIVITY
    aggregates: Aggregates = NO_AGGREGATES

    @property
    def is_blank(self) -> bool:
        """Whether the record has no number at all: it never stands before one that has."""
        return (
            all(value is None for value in self[_FIRST_TOTAL : _FIRST_TOTAL + 8])
            and all(value is None for row in self.breakdown or () for value in row[2:7])
            and all(value is None for row in self.totals_by_ide or () for value in row.counts)
            and self.activity.is_blank
            and self.aggregates.is_blank
        )

    def table(self, name: str) -> ActivityRows:
        """Return a table of activity, one of TABLES."""
        rows: ActivityRows = getattr(self if name == "totals_by_ide" else self.activity, name)
        return rows

    @classmethod
    def of(  # noqa: PLR0913, PLR0917 - the fields, the eight totals as one
        cls,
        scope: Scope,
        source: str,
        day: date,
        totals: Sequence[int | None],
        breakdown: tuple[BreakdownRow, ...] | None,
        totals_by_ide: ActivityRows = None,
        user_bits: int | None = None,
        stated_at: datetime | None = None,
        user_days: UserDayCounts | None = None,
        activity: Activity = NO_ACTIVITY,
        aggregates: Aggregates = NO_AGGREGATES,
    ) -> "DailyRecord":
        """Return the record of totals in the order of TOTALS; raises TypeError if they aren't eight."""
        fields = (breakdown, totals_by_ide, user_bits, stated_at, user_days, activity, aggregates)
        return cls._make((scope, source, day, *totals, *fields))


_FIRST_TOTAL = 3
_NEVER = datetime.min.replace(tzinfo=UTC)

COUNTS = ("suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted")
CELL_FIELDS = BreakdownRow._fields[:7]
COUNTABLE_TOTALS = (*(f"total_{name}" for name in COUNTS), "total_chat_acceptances", "total_chat_turns")
COUNTED = (*COUNTABLE_TOTALS, *COUNTS, *ACTIVITY_COUNTS)
RATED = {
    "total_acceptance_rate": ("total_acceptances_count", "total_suggestions_count"),
    "total_lines_acceptance_rate": ("total_lines_accepted", "total_lines_suggested"),
    "acceptance_rate": ("acceptances_count", "suggestions_count"),
    "lines_acceptance_rate": ("lines_accepted", "lines_suggested"),
}
"""The rates of a day's totals and of its breakdown, each with what is above and below the line."""

TOTALS = DailyRecord._fields[_FIRST_TOTAL : _FIRST_TOTAL + 8]


def merge(records: Iterable[DailyRecord]) -> tuple[tuple[DailyRecord, ...], tuple[date, ...]]:
    """Make records unique by day, in order of days: the latest statement counts whole, of equal ones the last read.

    A record without any number gives way to one that has some, and of several sources the first of PREFERENCE counts.
    Returns the records and the days on which two of the
    same moment differed.
    """
    by_day: dict[date, DailyRecord] = {}
    conflicts: set[date] = set()
    for record in records:
        known = by_day.get(record.day)
        if known is not None:
            if _rank(record) < _rank(known):
                by_day[record.day] = keeping_engagement(known, record)
                continue
            if _rank(record) > _rank(known):
                conflicts.discard(record.day)
            elif _comparable(known) != _comparable(record):
                conflicts.add(record.day)
        by_day[record.day] = record if known is None else keeping_engagement(record, known)
    return tuple(by_day[day] for day in sorted(by_day)), tuple(sorted(conflicts))


def keeping_engagement(record: DailyRecord, other: DailyRecord) -> DailyRecord:
    """Return a record with the engagement that another statement of the same day and source has, unless it has its own.

    It is said by a report of 28 days, of its last day alone; one of other days that states the day anew takes nothing
    back.
    """
    engagement = other.aggregates.engagement
    if engagement is None or record.aggregates.engagement is not None or other.source != record.source:
        return record
    return record._replace(aggregates=record.aggregates._replace(engagement=engagement))


def stated_on(record: DailyRecord, day: date) -> DailyRecord:
    """Return a record that was fetched on a day, which orders it if it doesn't say when it was stated."""
    if record.stated_at is not None:
        return record
    return record._replace(stated_at=datetime(day.year, day.month, day.day, tzinfo=UTC))


def days_of_several_sources(records: Iterable[DailyRecord]) -> tuple[date, ...]:
    """Return the days that more than one source has, with numbers."""
    sources: dict[date, set[str]] = {}
    for record in records:
        if not record.is_blank:
            sources.setdefault(record.day, set()).add(record.source)
    return tuple(sorted(day for day, names in sources.items() if len(names) > 1))


def _rank(record: DailyRecord) -> tuple[bool, int, datetime]:
    preference = -PREFERENCE.index(record.source) if record.source in PREFERENCE else -len(PREFERENCE)
    return not record.is_blank, preference, record.stated_at or _NEVER


def _comparable(record: DailyRecord) -> DailyRecord:
    """Return a record without the users' bits, its rows in an order of their own: that of GitHub's means nothing."""
    rows = record.breakdown
    if rows is not None:
        rows = tuple(sorted((row._replace(user_bits=None) for row in rows), key=repr))
    activity = Activity(record.activity.totals, *map(_in_order, record.activity.tables))
    ides = _in_order(record.totals_by_ide)
    aggregates = record.aggregates._replace(engagement=None)
    return record._replace(
        user_bits=None, breakdown=rows, totals_by_ide=ides, user_days=None, activity=activity, aggregates=aggregates
    )


def _in_order(rows: ActivityRows) -> ActivityRows:
    return None if rows is None else tuple(sorted((row._replace(user_bits=None) for row in rows), key=repr))
