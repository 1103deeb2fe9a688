"""Fetch an enterprise's or organization's days from its aggregated reports."""

from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import date
from functools import partial
from threading import Lock
from typing import Any

from copilot_usage_cli.errors import NotUnderstood, Unavailable, UsageError
from copilot_usage_cli.model.fetch_result import FetchResult, FinalDays, SourceFacts
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.vocabulary import REPORTS
from copilot_usage_cli.sources.kept_days import KeptDays, Room
from copilot_usage_cli.sources.packing import PackedRecords
from copilot_usage_cli.sources.parallel import Progress, run_all
from copilot_usage_cli.sources.payload import InvalidPayload, expect_object, parse_each
from copilot_usage_cli.sources.reports.aggregated import parse_aggregated, unwrap_days
from copilot_usage_cli.sources.reports.api import LOOK, Envelope, ReportsApi, aggregate_of, latest_report
from copilot_usage_cli.sources.reports.reach import facts_of, find_reach
from copilot_usage_cli.sources.statement import OwnerIds


def fetch_aggregated(
    api: ReportsApi, query: Query, final_days: FinalDays, jobs: int, progress: Progress | None = None
) -> FetchResult:
    """Fetch the daily records of an enterprise or organization; `final_days` needn't be asked for one by one."""
    scope = query.scope
    if scope.team is not None:
        raise UsageError(
            f"{scope}: the aggregated reports have no teams",
            "use --source user-reports, which adds up the team's members day by day",
        )
    report = latest_report(scope)
    reach = find_reach(api, query, report)
    reading = _Reading(api)
    if reach.latest:
        reading.read(report, None, reach.latest)
    days = [day for day in reach.other if day not in final_days.all]
    without_data: set[date] = set()

    def read_day(place: int, day: date) -> None:
        if not reading.day(f"{aggregate_of(scope)}-1-day", day, place):
            without_data.add(day)

    try:
        run_all([partial(read_day, place, day) for place, day in enumerate(days, 1)], jobs, progress)
    except (Unavailable, NotUnderstood) as error:
        so_far = reading.records()
        error.so_far = FetchResult(so_far, SourceFacts(source=REPORTS)) if so_far else None
        raise
    facts = facts_of(query, REPORTS, reach, without_data, asked=api.was_asked)
    return FetchResult(reading.records(), facts._replace(held_days=final_days.all.intersection(reach.other)))


class _Reading:
    """Reads aggregated reports, all of one enterprise or organization. Safe to share between threads."""

    def __init__(self, api: ReportsApi) -> None:
        self._api = api
        self._owners = OwnerIds(api.scope)
        self._kept = KeptDays(api.scope, Room())
        self._lock = Lock()

    def records(self) -> PackedRecords:
        """Return what was read."""
        with self._lock:
            return self._kept.records()

    def day(self, report: str, day: date, place: int) -> bool:
        """Read a day's report, the `place`-th of all, and return whether it has anything."""
        envelope = self._api.envelope(report, day)
        return envelope is not None and self.read(report, day, envelope, place)

    def read(self, report: str, day: date | None, envelope: Envelope, place: int = 0) -> bool:
        """Read a report, and return whether it has anything."""
        label = f"{self._api.scope}: the report {report}"

        def keep(payload: Any) -> None:
            self._owners.check(expect_object(payload), is_aggregate=True)
            record = parse_aggregated(payload, self._api.scope)
            with self._lock:
                self._kept.add(record, place)

        days = _unwrapped(self._api.lines(report, day, envelope), label)
        return sum(1 for _ in parse_each(days, keep, f"{label}, record")) > 0


def _unwrapped(payloads: Generator[Any, None, None], label: str) -> Iterator[Any]:
    with closing(payloads):  # as parse_each does
        for payload in payloads:
            if not isinstance(payload, dict):
                raise NotUnderstood(f"{label} holds something that is not a day", LOOK)
            try:
                yield from unwrap_days(payload)
            except InvalidPayload as error:
                raise error.located(label) from None
