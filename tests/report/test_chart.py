"""What a chart shows: slots, the numbers in them, and the days before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from copilot_usage_cli.model.fetch_result import FetchResult, SourceFacts
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.before import with_before
from copilot_usage_cli.report.build import Report, build
from copilot_usage_cli.report.chart import Slot, chart_of
from copilot_usage_cli.report.comparison import Comparison

if TYPE_CHECKING:
    from collections.abc import Mapping

ORG = Scope("org", "acme")
TODAY = date(2026, 11, 16)
MONDAY = date(2026, 11, 2)
USERS, RATE = "total_active_users", "acceptance_rate"


def day(n: int, users: int | None = None, source: str = "usage", **counts: int | None) -> DailyRecord:
    totals: dict[str, Any] = {f"total_{name}_count": count for name, count in counts.items()}
    return DailyRecord(ORG, source, MONDAY + timedelta(days=n), total_active_users=users, **totals)


def report(records: list[DailyRecord], days: int, first: date = MONDAY, settles_in: int = 0) -> Report:
    query = Query(ORG, Period(first, first + timedelta(days=days - 1)), TODAY)
    return build(query, FetchResult(records, SourceFacts(settles_in=settles_in)))


def test_days_with_what_is_known_of_each() -> None:
    chart = chart_of(report([day(0, 10), day(2, None), day(5, 0)], 7), [USERS], 100)
    assert chart.unit == "day"
    assert [slot.state for slot in chart.slots] == [
        "known", "missing", "known", "missing", "missing", "known", "missing",
    ]  # fmt: skip
    assert chart.series[USERS].values == (10, None, None, None, None, 0, None)
    assert [slot.is_weekend for slot in chart.slots] == [False] * 5 + [True] * 2


def test_days_that_are_not_over_or_not_finished_are_no_gaps() -> None:
    young = report([day(12, 9, "reports")], 16, settles_in=2)
    chart = chart_of(young, [USERS], 100)
    assert [slot.state for slot in chart.slots[12:]] == ["known", "pending", "pending", "pending"]
    assert [slot.changing for slot in chart.slots[11:14]] == [False, False, False]
    changing = report([day(12, 9, "reports")], 16, settles_in=3)
    assert chart_of(changing, [USERS], 100).slots[12].changing


def test_weeks_where_days_have_no_room_are_sums_over_sums() -> None:
    records = [day(n, 10 + n, suggestions=10 * (n + 1), acceptances=n) for n in range(15) if n != 3]
    chart = chart_of(report(records, 15), [USERS, RATE], 14)
    assert chart.unit == "week"
    assert chart.slots == (
        Slot(MONDAY, MONDAY + timedelta(days=7), 7, "known"),
        Slot(MONDAY + timedelta(days=8), MONDAY + timedelta(days=14), 7, "known"),
    )
    first = [n for n in range(8) if n != 3]
    assert list(chart.series[USERS].values) == [pytest.approx(sum(10 + n for n in first) / 7), 21]
    assert chart.series[RATE].values[0] == pytest.approx(sum(first) / sum(10 * (n + 1) for n in first))
    assert not chart.slots[0].is_weekend


@pytest.mark.parametrize(("days", "value"), [(3, None), (4, 10)])
def test_a_week_of_which_less_than_half_is_known_is_unknown(days: int, value: int | None) -> None:
    records = [day(n, 10) for n in range(days)] + [day(n, 7) for n in range(7, 14)]
    series = chart_of(report(records, 14), [USERS], 2).series[USERS]
    assert series.values == (value, 7)
    assert series.known == (days, 7)


def test_a_slot_without_any_number_is_unknown_and_not_zero() -> None:
    chart = chart_of(report([day(n, suggestions=0, acceptances=0) for n in range(7)], 7), [USERS, RATE], 100)
    assert not chart.series[USERS].is_known
    assert chart.series[RATE].values == (None,) * 7


@pytest.mark.parametrize(
    ("days", "earlier", "shift"),
    [(28, 28, 28), (30, 31, 28), (7, 7, 7), (3, 3, 3), (1, 1, 1), (12, 12, 14), (10, 364, 364)],
)
def test_what_was_before_stands_at_the_same_weekday(days: int, earlier: int, shift: int) -> None:
    now = report([day(n, n) for n in range(days)], days)
    first = MONDAY - timedelta(days=earlier)
    records = [day(n - earlier, 1000 + n) for n in range(days)]
    before = report(records, days, first)
    found = chart_of(Comparison(now, before), [USERS], 100).series[USERS].before
    by_day = {record.day + timedelta(days=shift): record.total_active_users for record in records}
    assert found == tuple(by_day.get(MONDAY + timedelta(days=n)) for n in range(days))


def test_the_days_before_come_with_a_report_that_has_them() -> None:
    records = [day(n, 20 + n) for n in range(-7, 7)]
    now = report(records, 7)
    assert not chart_of(now, [USERS], 100).series[USERS].has_before
    assert chart_of(with_before(now, records), [USERS], 100).series[USERS].before == tuple(range(13, 20))


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["usage"] * 4, {}),
        (["usage", "usage", "reports", "reports"], {2: "the source changes from usage to reports"}),
    ],
)
def test_breaks_of_the_source(sources: list[str], expected: Mapping[int, str]) -> None:
    records = [day(n, 1, source) for n, source in enumerate(sources)]
    chart = chart_of(report(records, 4), [USERS], 100)
    assert {each.place: each.words for each in chart.breaks} == expected


def test_breaks_of_githubs_series() -> None:
    first = date(2026, 9, 14)
    records = [day((first - MONDAY).days + n, 1, "reports") for n in range(14)]
    chart = chart_of(report(records, 14, first), [USERS], 100)
    assert [(each.place, each.day) for each in chart.breaks] == [(3, date(2026, 9, 17)), (11, date(2026, 9, 25))]
    in_weeks = chart_of(report(records, 14, first), [USERS], 2)
    assert [each.place for each in in_weeks.breaks] == [0, 1]


def test_without_a_period_there_is_nothing() -> None:
    assert chart_of(build(Query(ORG, Period(), TODAY, answerer="files"), FetchResult([])), [USERS], 9).slots == ()
