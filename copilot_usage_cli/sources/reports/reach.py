"""Which days of a period today's reports have: those of the latest report, and others that are asked for one by one."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from copilot_usage_cli.model.fetch_result import SourceFacts
from copilot_usage_cli.model.period import days_between
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.vocabulary import SETTLES_IN
from copilot_usage_cli.sources.reports.api import Envelope, ReportsApi

_LATEST_DAYS = 28
_BEHIND = 4  # days that the latest report may end before today
_KEPT = timedelta(days=365)
_FIRST_DAYS = {"enterprise": date(2025, 10, 10), "org": date(2025, 12, 12)}


class Reach(NamedTuple):
    """The latest report, unless the period is over before it begins or there is none, and a query's days.

    `covered` are the days that the latest report covers, `other` those of the period that it doesn't and GitHub may
    have.
    """

    latest: Envelope | None
    covered: frozenset[date]
    other: tuple[date, ...]


def find_reach(api: ReportsApi, query: Query, report: str) -> Reach:
    """Ask for the report of the latest days, where the period may have some of them, and list the others."""
    first = query.today - timedelta(days=_LATEST_DAYS + _BEHIND)
    is_over = query.period.until is not None and query.period.until < first
    latest = None if is_over else api.envelope(report)
    covered = latest.days if latest else frozenset()
    return Reach(latest, covered, tuple(_other_days(query, covered)))


def facts_of(query: Query, source: str, reach: Reach, without_data: Iterable[date], *, asked: bool) -> SourceFacts:
    """Return what is known about a query's days."""
    return SourceFacts(
        SETTLES_IN,
        _oldest(query),
        retention=f"a year, from {_FIRST_DAYS[query.scope.kind]} on",
        days_without_data=frozenset(without_data),
        source=source,
        asked=asked,
        reported_since=min(reach.covered, default=None),
        reported_until=max(reach.covered, default=None),
    )


def _oldest(query: Query) -> date:
    """Return the first day that GitHub still has."""
    return max(query.today - _KEPT, _FIRST_DAYS[query.scope.kind])


def _other_days(query: Query, covered: Collection[date]) -> list[date]:
    since, until = query.period.since, query.period.until
    if since is None and until is None:
        return []
    yesterday = query.today - timedelta(days=1)
    # What is younger than the latest report isn't ready yet.
    last = min(until or yesterday, max(covered, default=yesterday))
    # Without a first day, four weeks are meant, as the latest report has them.
    weeks_before = last - timedelta(days=_LATEST_DAYS - 1)
    first = max(since or (min(covered) if last in covered else weeks_before), _oldest(query))
    return [day for day in days_between(first, last) if day not in covered]
