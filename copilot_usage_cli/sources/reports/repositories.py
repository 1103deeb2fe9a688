"""Repository reports: a report for each day, with a line for each repository that had a pull request.

There is no report of 28 days, so a period takes a call for each of its days. From GitHub's "Data available in Copilot
usage metrics", as of November 2026.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from copilot_usage_cli.github.client import Client
from copilot_usage_cli.model.aggregates import PULL_REQUESTS, PullRequests
from copilot_usage_cli.model.period import Period, days_between
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.repositories import TIMES_OF_REVIEW, RepositoryDay, RepositoryDays, ReviewTimes
from copilot_usage_cli.model.vocabulary import SETTLES_IN
from copilot_usage_cli.sources.input_files import open_files
from copilot_usage_cli.sources.parallel import run_all
from copilot_usage_cli.sources.payload import (
    InvalidPayload,
    count,
    day_of,
    expect_day,
    expect_object,
    objects,
    parse_each,
    short_name,
)
from copilot_usage_cli.sources.reports.api import ReportsApi
from copilot_usage_cli.sources.reports.fields import says_no_report
from copilot_usage_cli.sources.reports.read_aggregates import read_minutes, read_pull_requests
from copilot_usage_cli.text import plural

if TYPE_CHECKING:
    from copilot_usage_cli.sources.parallel import Progress

_REPORT = "repos-1-day"
_DAYS = 28
_MOST_LINES = 200_000
_WHERE = "it is the file of a repos-1-day report"


def fetch_repositories(client: Client, query: Query, jobs: int, progress: "Progress | None" = None) -> RepositoryDays:
    """Fetch the repositories of a period, or of the latest 28 days that are ready; raises the errors of errors.py."""
    period = query.period
    last = period.until or query.today - timedelta(days=SETTLES_IN)
    first = period.since or last - timedelta(days=_DAYS - 1)
    days = days_between(first, min(last, query.today - timedelta(days=1)))
    client.say(f"{query.scope}: {plural(len(days), 'report')} to fetch, one for each day")
    api = ReportsApi(client, query.scope, query.dates_given)
    lines = _Lines(Period(first, last))
    without: set[date] = set()

    def read(day: date) -> None:
        envelope = api.envelope(_REPORT, day)
        if envelope is None:
            without.add(day)
            return
        label = f"{query.scope}: the report {_REPORT} of {day}, line"
        if not sum(1 for _ in parse_each(api.lines(_REPORT, day, envelope), partial(lines.add, of=day), label)):
            without.add(day)

    run_all([partial(read, day) for day in days], jobs, progress)
    return RepositoryDays(first, last, lines.in_order(), len(days) - len(without), tuple(sorted(without)))


def read_repositories(names: Sequence[str], query: Query) -> RepositoryDays:
    """Read saved files of repository reports; raises UsageError for one that can't be read, else NotUnderstood."""
    lines = _Lines(query.period)
    for file in open_files(names):
        items = (item for document in file.documents() for item in _items(document))
        for _ in parse_each(items, lines.add, f"{file.label}: line"):
            pass
    found = lines.in_order()
    ends = (found[0].day, found[-1].day) if found else (None, None)
    days = len({line.day for line in found})  # those without a pull request have no line, or weren't saved
    return RepositoryDays(query.period.since or ends[0], query.period.until or ends[1], found, days)


def _items(document: Any) -> Iterable[Any]:
    return (each for each in (document if isinstance(document, list) else [document]) if not says_no_report(each))


class _Lines:
    """Lines of repositories, of a day each one once: the one read last. Safe to share between threads."""

    def __init__(self, period: Period) -> None:
        self._period = period
        self._found: dict[tuple[date, int], RepositoryDay] = {}

    def add(self, payload: Any, of: date | None = None) -> None:
        """Take a line, of the report of a day if one is given; raises InvalidPayload, naming the field."""
        line = parse_line(payload)
        expect_day(line.day, [of] if of else ())
        if self._period.contains(line.day):
            self._found[line.day, line.number] = line
        if len(self._found) > _MOST_LINES:
            raise InvalidPayload(f" is one of more than {_MOST_LINES:,}", "ask for fewer days at a time")

    def in_order(self) -> tuple[RepositoryDay, ...]:
        """Return what was read, by day and name."""
        return tuple(sorted(self._found.values(), key=lambda line: (line.day, line.name.lower(), line.number)))


def parse_line(payload: Any) -> RepositoryDay:
    """Read a line of a repository report; raises InvalidPayload, naming the field, or what it is instead."""
    day = day_of(expect_object(payload))
    for field in ("repo_id", "pull_requests"):
        if payload.get(field) is None:
            raise InvalidPayload(f" has no {field}, so it is not of a repository report", _WHERE)
    try:
        owner, name = short_name(payload, "repo_owner_name"), short_name(payload, "repo_name")
        number = count(payload, "repo_id") or 0
        pulls = read_pull_requests(payload) or PullRequests((None,) * len(PULL_REQUESTS))
        rows = payload.get("pull_request_review_times")
        times = () if rows is None else tuple(map(_times, objects(rows, "pull_request_review_times")))
    except InvalidPayload as error:
        raise error.at(f" ({day})") from None
    full = "/".join(filter(None, (owner, name))) or f"repository {number}"
    return RepositoryDay(day, number, full, short_name(payload, "repo_visibility"), pulls, times)


def _times(row: dict[str, Any]) -> ReviewTimes:
    try:
        minutes = tuple(read_minutes(row, name) for name in TIMES_OF_REVIEW)
        return ReviewTimes(
            short_name(row, "authored_by"), short_name(row, "reviewed_by"), count(row, "total_merged"), minutes
        )
    except InvalidPayload as error:
        raise error.at(", pull_request_review_times") from None
