"""Fetch an enterprise's or organization's days from its aggregated reports."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from copilot_usage_cli.errors import NotUnderstood, Unavailable, UsageError
from copilot_usage_cli.model.fetch_result import FetchResult, FinalDays, SourceFacts
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.vocabulary import REPORTS
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
    records = reading.records(report, None, reach.latest) if reach.latest else []
    days = [day for day in reach.other if day not in final_days.all]
    read: dict[date, list[DailyRecord]] = {}

    def read_day(day: date) -> None:
        read[day] = reading.day(f"{aggregate_of(scope)}-1-day", day)

    try:
        run_all([partial(read_day, day) for day in days], jobs, progress)
    except (Unavailable, NotUnderstood) as error:
        so_far = [*records, *(record for of_day in list(read.values()) for record in of_day)]
        error.so_far = FetchResult(so_far, SourceFacts(source=REPORTS)) if so_far else None
        raise
    records += [record for day in days for record in read[day]]
    without_data = {day for day in days if not read[day]}
    facts = facts_of(query, REPORTS, reach, without_data, asked=api.was_asked)
    return FetchResult(records, facts._replace(held_days=final_days.all.intersection(reach.other)))


class _Reading:
    """Reads aggregated reports, all of one enterprise or organization."""

    def __init__(self, api: ReportsApi) -> None:
        self._api = api
        self._owners = OwnerIds(api.scope)

    def day(self, report: str, day: date) -> list[DailyRecord]:
        envelope = self._api.envelope(report, day)
        return [] if envelope is None else self.records(report, day, envelope)

    def records(self, report: str, day: date | None, envelope: Envelope) -> list[DailyRecord]:
        label = f"{self._api.scope}: the report {report}"
        days = _unwrapped(self._api.lines(report, day, envelope), label)
        return list(parse_each(days, self._record, f"{label}, record"))

    def _record(self, payload: Any) -> DailyRecord:
        self._owners.check(expect_object(payload), is_aggregate=True)
        return parse_aggregated(payload, self._api.scope)


def _unwrapped(payloads: Iterator[Any], label: str) -> Iterator[Any]:
    for payload in payloads:
        if not isinstance(payload, dict):
            raise NotUnderstood(f"{label} holds something that is not a day", LOOK)
        try:
            yield from unwrap_days(payload)
        except InvalidPayload as error:
            raise error.located(label) from None
