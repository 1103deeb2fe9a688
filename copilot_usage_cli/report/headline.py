"""The numbers that a report begins with, how they went day by day, and how they changed. No I/O."""

from collections.abc import Iterator
from typing import NamedTuple

from copilot_usage_cli.model import arithmetic
from copilot_usage_cli.model.period import days_between
from copilot_usage_cli.model.records import RATED, DailyRecord
from copilot_usage_cli.report.blocks import Ratio
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.change import change, is_alike, is_countable, is_rate, mean_a_day
from copilot_usage_cli.report.grouping import Row, Value


class Figure(NamedTuple):
    """A number of the whole period: `name` is its column, `row` the period's.

    `daily` has a ratio for each day of the period, with or without data. `change` is a fraction: of rates the
    difference, of all else the part of what was before, of counts by the mean a day; None if it can't be told.
    """

    name: str
    row: Row
    daily: tuple[Ratio, ...] = ()
    change: float | None = None

    @property
    def value(self) -> Value:
        """The number itself."""
        return self.row.get(self.name)


def headline(report: Report) -> list[Figure]:
    """Compute the numbers of the whole period: from the daily totals, unless the report is filtered."""
    whole = report.whole()
    figures = []
    for name in _names(report):
        daily = tuple(_daily(report, name))
        figures.append(Figure(name, whole, daily, change_of(*report.matched, name) if report.matched else None))
    return figures


def _names(report: Report) -> Iterator[str]:
    if report.filtered:
        yield "active_users_at_least"
    else:
        yield "active_users_mean"
    if report.table.grouping.distinct:
        yield "distinct_users"
    yield "suggestions_count" if report.filtered else "total_suggestions_count"
    yield "acceptance_rate"
    yield "lines_acceptance_rate"
    if not report.filtered:
        yield "active_chat_users_mean"


_TOTALS = {"active_users_mean": "total_active_users", "active_chat_users_mean": "total_active_chat_users"}


def _daily(report: Report, name: str) -> Iterator[Ratio]:
    by_day = {record.day: record for record in report.records}
    days = days_between(report.since, report.until) if report.since and report.until else ()
    for day in days:
        record = by_day.get(day)
        yield (None, None) if record is None else ratio_of_day(record, name, filtered=report.filtered)


def ratio_of_day(record: DailyRecord, name: str, *, filtered: bool) -> Ratio:
    """Return a day's part of a column of the whole period, or a column of a day, as a ratio; unknown of other columns.

    Of a day whose rate is over parts that aren't all known, the rate is unknown.
    """
    if is_rate(name):
        if record.user_days is not None and not record.user_days.has_rate(name if filtered else f"total_{name}"):
            return None, None
        above, below = (_count(record, each, filtered=filtered) for each in RATED[name])
        return above, below
    if name in {"active_users_at_least", "distinct_users"}:  # of days they say nothing about the period's
        return None, None
    if name in _TOTALS:
        return getattr(record, _TOTALS[name]), 1
    return _count(record, name.removeprefix("total_"), filtered=filtered), 1


def _count(record: DailyRecord, name: str, *, filtered: bool) -> int | None:
    if not filtered:
        total: int | None = getattr(record, f"total_{name}")
        return total
    return arithmetic.total(getattr(cell, name) for cell in record.breakdown or ())


def change_of(now: Row, before: Row, name: str) -> float | None:
    """Return how a column of a whole period changed, as in Figure."""
    if not is_alike(now, before, name):
        return None
    if is_countable(name):
        return change(mean_a_day(now, name), mean_a_day(before, name))
    return change(now.get(name), before.get(name), points=is_rate(name))
