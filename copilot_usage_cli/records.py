"""Daily records: one scope's numbers for one UTC day, in GitHub's own terms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from copilot_usage_cli.scopes import Scope


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """Completions in one language and editor on one day; None is unknown, never 0."""

    language: str | None = None
    editor: str | None = None
    suggestions_count: int | None = None
    acceptances_count: int | None = None
    lines_suggested: int | None = None
    lines_accepted: int | None = None
    active_users: int | None = None


@dataclass(frozen=True, slots=True)
class DailyRecord:
    """One scope's usage on one UTC day; None is unknown, never 0.

    `source` is the generation of GitHub's API that the numbers follow: `usage` for the classic endpoints. The
    other fields are those of the classic API, by its names.
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


COUNTS = ("suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted")
CELL_FIELDS = ("language", "editor", *COUNTS, "active_users")
COUNTABLE_TOTALS = (*(f"total_{name}" for name in COUNTS), "total_chat_acceptances", "total_chat_turns")
TOTALS = (
    "total_suggestions_count",
    "total_acceptances_count",
    "total_lines_suggested",
    "total_lines_accepted",
    "total_active_users",
    "total_chat_acceptances",
    "total_chat_turns",
    "total_active_chat_users",
)


def merge(records: Iterable[DailyRecord]) -> tuple[tuple[DailyRecord, ...], tuple[date, ...]]:
    """Make records unique by day, in order of days: identical repeats count once, else the last one read wins.

    Returns the records and the days on which two differed.
    """
    by_day: dict[date, DailyRecord] = {}
    conflicts: set[date] = set()
    for record in records:
        known = by_day.get(record.day)
        if known is not None and known != record:
            conflicts.add(record.day)
        by_day[record.day] = record
    return tuple(by_day[day] for day in sorted(by_day)), tuple(sorted(conflicts))
