"""Periods of whole UTC days.

A period is `since`..`until`, both inclusive. No local time zone takes part: days are read from the text.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.dates import DateExpression, DateRange, Unit, end_of_unit, last_day, months_before, narrow
from copilot_usage_cli.text import Mistyped, nearest

_SATURDAY = 5
_BEFORE_ALL = "before the calendar begins"


class Period(NamedTuple):
    """The days asked for; an end that is None is open, and GitHub's answer or the file decides it.

    `since_sent` and `until_sent` are what GitHub is asked with, `YYYY-MM-DDTHH:MM:SSZ`; None sends nothing. `unit` if
    the days are those of one month or week, of which what isn't over is left out: on its first day none is left.
    `narrowed` if days were asked for that can have no data: before Copilot's first year, or after tomorrow.
    """

    since: date | None = None
    until: date | None = None
    since_sent: str | None = None
    until_sent: str | None = None
    unit: Unit = ""
    narrowed: bool = False

    @classmethod
    def between(
        cls, since: DateExpression | None, until: DateExpression | None, today: date, *, open_until: bool = False
    ) -> "Period":
        """Return the period of `--since` and `--until`; raises UsageError if it ends before it begins.

        A missing `until` means yesterday (or `since`, if that is younger), unless nothing was asked for or
        `open_until`: saved files end where they end.
        """
        first, last = since and since.resolve(today), until and until.resolve(today)
        if first and not last and not open_until:
            yesterday = today - timedelta(days=1)
            last = first if first.unit and first.last == yesterday else _one_day(max(yesterday, first.first))
        return _of_ranges(first, last, today)

    @classmethod
    def of(cls, days: "PeriodExpression", today: date) -> "Period":
        """Return the period of one expression; `7d` are the seven days that end yesterday."""
        first = days.since.resolve(today)
        if days.until is not None:
            return _of_ranges(first, days.until.resolve(today), today)
        if days.since.is_length:
            return cls.between(days.since, None, today)
        return _of_ranges(first, first, today)

    @property
    def is_empty(self) -> bool:
        """Whether there is no day in the period: it is a month or week that began today."""
        return self.since is not None and self.until is not None and self.until < self.since

    def contains(self, day: date) -> bool:
        """Return whether `day` is in the period."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class PeriodExpression(NamedTuple):
    """A period as a person wrote it: one expression, or two with dots between them."""

    since: DateExpression
    until: DateExpression | None = None

    @classmethod
    def parse(cls, text: str) -> "PeriodExpression":
        """Read what DateExpression reads, or `FIRST..LAST`; raises ValueError with words for the person."""
        first, dots, last = text.partition("..")
        return cls(DateExpression.parse(first), DateExpression.parse(last) if dots else None)


class ComparisonPeriod(NamedTuple):
    """What to compare with: a period, or one that lies in a certain way to the one that is compared."""

    relation: str = "previous"
    days: PeriodExpression | None = None

    @classmethod
    def parse(cls, text: str) -> "ComparisonPeriod":
        """Read one of RELATIONS, or a period; raises ValueError with words for the person who wrote it."""
        if text.lower() in RELATIONS:
            return cls(text.lower())
        try:
            return cls("", PeriodExpression.parse(text))
        except ValueError as error:
            if ".." in text or "not in the calendar" in str(error):
                raise
            message = f"{text!r} is neither {', '.join(RELATIONS)} nor a period, such as 2024-06 or DATE..DATE"
            meant = nearest(text, RELATIONS) or (error.meant if isinstance(error, Mistyped) else None)
            raise Mistyped(message, meant) from None

    def period(self, of: Period, today: date) -> Period:
        """Return the period to compare a period, whose ends are known, with; raises UsageError if there is none."""
        if of.since is None or of.until is None or (of.is_empty and not of.unit):
            raise UsageError("there is no period to compare", "say which with --since and --until, or --period")
        if self.days is not None:
            return Period.of(self.days, today)
        try:
            if self.relation == "last-month" or (self.relation == "previous" and of.unit == "month"):
                first = months_before(of.since.replace(day=1), 1)
                return _of_unit(first, "month", today)
            if self.relation == "last-year":
                unit = of.unit if of.is_empty else ""
                days = DateRange(of.since - timedelta(days=_YEAR), of.until - timedelta(days=_YEAR), unit)
                return _of_ranges(days, days, today)
            if of.unit == "week":
                return _of_unit(of.since - timedelta(days=7), "week", today)
            length = of.until - of.since + timedelta(days=1)
            return _of_ranges(_one_day(of.since - length), _one_day(of.since - timedelta(days=1)), today)
        except (OverflowError, ValueError):
            raise UsageError(f"what to compare {of.since} to {of.until} with is {_BEFORE_ALL}") from None


RELATIONS = ("previous", "last-month", "last-year")
_YEAR = 364  # days: the same weekdays


def days_between(first: date, last: date) -> tuple[date, ...]:
    """List the days from `first` to `last`, both inclusive; empty if `last` is before `first`."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def is_weekend(day: date) -> bool:
    """Return whether a day is a Saturday or Sunday."""
    return day.weekday() >= _SATURDAY


def format_ranges(days: Iterable[date]) -> str:
    """Write days, given in order, as ranges: `2024-03-29, 2024-04-05 to 2024-04-07`."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1][1:] = [day]
        else:
            runs.append([day])
    return ", ".join(" to ".join(map(str, run)) for run in runs)


def _of_ranges(asked_first: DateRange | None, asked_last: DateRange | None, today: date) -> Period:
    """Make a period of days, narrowed to those that may have data; raises UsageError if it ends before it begins."""
    _check_order(asked_first, asked_last)
    if asked_first and asked_first == asked_last and asked_first.unit and asked_first.first > last_day(today):
        # Of a month or week to come, as of one that began today, no day is over.
        asked_first = asked_last = asked_first._replace(last=asked_first.first - timedelta(days=1))
    first, last = (each and narrow(each, today) for each in (asked_first, asked_last))
    since_sent = _sent(first.instant, first.first, "T00:00:00Z") if first else None
    until_sent = _sent(last.instant, last.last, "T23:59:59Z") if last else None
    unit: Unit = first.unit if first and last and first == last else ""
    found = Period(first and first.first, last and last.last, since_sent, until_sent, unit)
    return found._replace(narrowed=not found.is_empty and (first, last) != (asked_first, asked_last))


def _check_order(first: DateRange | None, last: DateRange | None) -> None:
    if first is None or last is None or (first.unit and first == last):
        return
    since_sent = _sent(first.instant, first.first, "T00:00:00Z")
    until_sent = _sent(last.instant, last.last, "T23:59:59Z")
    if until_sent < since_sent:
        raise UsageError(
            f"the period ends before it begins: since {since_sent}, until {until_sent}",
            "both ends are inclusive; days are UTC",
        )


def _of_unit(first: date, unit: Unit, today: date) -> Period:
    days = DateRange(first, end_of_unit(first, unit), unit)
    return _of_ranges(days, days, today)


def _one_day(day: date) -> DateRange:
    return DateRange(day, day)


def _sent(instant: datetime | None, day: date, of_day: str) -> str:
    return f"{instant.replace(microsecond=0, tzinfo=None).isoformat()}Z" if instant else f"{day}{of_day}"
