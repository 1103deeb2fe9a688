"""The days of a period: which there are, which are missing, and which aren't finished yet. No I/O."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from copilot_usage_cli.model.fetch_result import FetchResult, SourceFacts
from copilot_usage_cli.model.period import Period, days_between
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord, days_of_several_sources, merge
from copilot_usage_cli.report.grouping import common
from copilot_usage_cli.report.notes import Gaps, is_stale
from copilot_usage_cli.text import plural


class Days(NamedTuple):
    """A scope's daily records of a period, one a day, in their order.

    `since` and `until` are None where nothing was asked for and nothing came. `gaps` are days without data, and those
    that came more than once.
    """

    query: Query
    since: date | None
    until: date | None
    source: str
    records: tuple[DailyRecord, ...]
    gaps: Gaps
    facts: SourceFacts

    @property
    def length(self) -> int:
        """The number of days in the period."""
        return max((self.until - self.since).days + 1, 0) if self.since and self.until else 0

    @property
    def words(self) -> str:
        """The period, and how many of its days have data."""
        if not self.length:
            return "no days"
        if self.length == 1:
            return f"{self.since}" if self.records else f"{self.since}, no data"
        return f"{self.since} to {self.until}, {len(self.records)} of {plural(self.length, 'day')}"


def select_days(query: Query, result: FetchResult) -> Days:
    """Select the days that a query asks for from records as they were read."""
    facts = result.facts
    merged, conflicts = merge(result.records)
    within = tuple(record for record in merged if query.period.contains(record.day))
    since, until = _ends(query.period, within, facts)
    absent = _absent(query, since, until, within)
    ready = facts.reported_until or date.min
    # What was asked for and came back empty is missing, however young; else GitHub hasn't finished it yet.
    awaited = set(absent) - facts.days_without_data if within else set()
    pending = tuple(day for day in absent if day in awaited and day > ready and _is_young(query, day, facts))
    missing = tuple(day for day in absent if day not in pending)
    source = common(record.source for record in within) if within else ""
    gaps = Gaps(conflicts, missing, pending, days_of_several_sources(result.records))
    return Days(query, since, until, source, within, gaps, facts)


def _is_young(query: Query, day: date, facts: SourceFacts) -> bool:
    return (query.today - day).days < facts.settles_in


def _ends(period: Period, records: Sequence[DailyRecord], facts: SourceFacts) -> tuple[date | None, date | None]:
    """Return the ends of the period; an open one is where the days answered, or those reported on, begin and end."""
    first, last = facts.reported_since, facts.reported_until
    firsts = [first] if first and (period.until is None or first <= period.until) else []
    lasts = [last] if last and (period.since is None or last >= period.since) else []
    if records:
        firsts.append(records[0].day)
        lasts.append(records[-1].day)
    return period.since or min(firsts, default=None), period.until or max(lasts, default=None)


def _absent(query: Query, since: date | None, until: date | None, records: Sequence[DailyRecord]) -> tuple[date, ...]:
    """List the days without data; today and the future can't be missing, GitHub gives days when they are over."""
    if not query.is_complete:
        return ()
    yesterday = query.today - timedelta(days=1)
    if records and until and is_stale(query, until):
        until = yesterday
    if not records and query.is_live:
        # Where an end is open and nothing came, at least the day at the other end is missing.
        until = min(until or yesterday, yesterday)
        since = since or until
    if since is None or until is None:
        return ()
    there = {record.day for record in records}
    return tuple(day for day in days_between(since, min(until, yesterday)) if day not in there)
