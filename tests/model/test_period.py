from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.dates import DateExpression
from copilot_usage_cli.model.period import (
    ComparisonPeriod,
    Period,
    PeriodExpression,
    days_between,
    format_ranges,
)

TODAY = date(2026, 11, 16)


def asked(since: str | None = None, until: str | None = None, *, open_until: bool = False) -> Period:
    first, last = (None if text is None else DateExpression.parse(text) for text in (since, until))
    return Period.between(first, last, TODAY, open_until=open_until)


@pytest.mark.parametrize(
    ("text", "day", "since_sent", "until_sent"),
    [
        ("2024-06-01", "2024-06-01", "2024-06-01T00:00:00Z", "2024-06-01T23:59:59Z"),
        ("2024-02-29", "2024-02-29", "2024-02-29T00:00:00Z", "2024-02-29T23:59:59Z"),
        ("2021-01-01", "2021-01-01", "2021-01-01T00:00:00Z", "2021-01-01T23:59:59Z"),
        ("2024-06-01T10:20:30Z", "2024-06-01", "2024-06-01T10:20:30Z", "2024-06-01T10:20:30Z"),
        ("2024-06-01T10:20", "2024-06-01", "2024-06-01T10:20:00Z", "2024-06-01T10:20:00Z"),
        ("2024-06-01T10:20:30.999999Z", "2024-06-01", "2024-06-01T10:20:30Z", "2024-06-01T10:20:30Z"),
        ("2024-06-01T01:00:00+02:00", "2024-05-31", "2024-05-31T23:00:00Z", "2024-05-31T23:00:00Z"),
        ("2024-06-01T23:30:00-0100", "2024-06-02", "2024-06-02T00:30:00Z", "2024-06-02T00:30:00Z"),
        ("today", "2026-11-16", "2026-11-16T00:00:00Z", "2026-11-16T23:59:59Z"),
        ("yesterday", "2026-11-15", "2026-11-15T00:00:00Z", "2026-11-15T23:59:59Z"),
        ("0d", "2026-11-16", "2026-11-16T00:00:00Z", "2026-11-16T23:59:59Z"),
        ("7d", "2026-11-09", "2026-11-09T00:00:00Z", "2026-11-09T23:59:59Z"),
        ("4w", "2026-10-19", "2026-10-19T00:00:00Z", "2026-10-19T23:59:59Z"),
    ],
)
def test_each_form_names_a_utc_day_and_is_sent_as_github_wants_it(
    text: str, day: str, since_sent: str, until_sent: str
) -> None:
    since, until = asked(since=text), asked(until=text)
    assert (str(since.since), since.since_sent) == (day, since_sent)
    assert (str(until.until), until.until_sent) == (day, until_sent)


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2000-01-01", None, ("2021-01-01", "2026-11-15")),
        ("0001-01-01", "9999-12-31", ("2021-01-01", "2026-11-17")),
        ("0001-W01", "9999-12", ("2021-01-01", "2026-11-17")),
        ("2020-12", "2021-01", ("2021-01-01", "2021-01-31")),
        ("2020-12-31T23:59:59Z", "2026-12-01T00:00:00Z", ("2021-01-01", "2026-11-17")),
        ("999999d", None, ("2021-01-01", "2026-11-15")),
        ("999999w", None, ("2021-01-01", "2026-11-15")),
        ("999999mo", None, ("2021-01-01", "2026-11-15")),
        ("999999y", "3000d", ("2021-01-01", "2021-01-01")),
        ("9999-12-31", None, ("2026-11-17", "2026-11-17")),
        (None, "9999-12-31", ("None", "2026-11-17")),
        (None, "1999-12-31", ("None", "2021-01-01")),
    ],
)
def test_days_that_can_have_no_data_are_left_out(since: str | None, until: str | None, days: tuple[str, str]) -> None:
    period = asked(since=since, until=until)
    assert (str(period.since), str(period.until)) == days
    assert period.narrowed
    assert period.since_sent == (None if since is None else f"{days[0]}T00:00:00Z")
    assert period.until_sent == f"{days[1]}T23:59:59Z"


@pytest.mark.parametrize("since", ["2021-01-01", "7d", "today", "2026-11", "this-week", "2026-11-17"])
def test_days_that_can_have_data_are_as_they_were_asked_for(since: str) -> None:
    assert not asked(since=since).narrowed


@pytest.mark.parametrize("text", ["9999-12", "2026-12", "9999-W51", "2026-W50"])
def test_no_day_is_over_of_a_month_or_week_to_come(text: str) -> None:
    period = Period.of(PeriodExpression.parse(text), TODAY)
    assert period.is_empty
    assert not period.narrowed


@pytest.mark.parametrize("relation", ["previous", "last-month", "last-year"])
@pytest.mark.parametrize("days", ["0001-01-01", "0001-W01", "0001-01", "9999-12-31", "9999-12", "9999-W51"])
def test_no_comparison_leaves_the_calendar(relation: str, days: str) -> None:
    period = Period.of(PeriodExpression.parse(days), TODAY)
    ComparisonPeriod(relation).period(period, TODAY)


def test_since_7d_alone_is_the_seven_days_that_end_yesterday() -> None:
    period = asked(since="7d")
    assert (period.since, period.until) == (date(2026, 11, 9), date(2026, 11, 15))
    assert (period.since_sent, period.until_sent) == ("2026-11-09T00:00:00Z", "2026-11-15T23:59:59Z")
    assert len(days_between(date(2026, 11, 9), date(2026, 11, 15))) == 7


def test_nothing_asked_sends_nothing_and_drops_nothing() -> None:
    assert asked() == Period(None, None, None, None)
    assert asked().contains(date.min)
    assert asked().contains(date.max)


def test_until_alone_leaves_the_beginning_open() -> None:
    assert asked(until="2026-11-10") == Period(None, date(2026, 11, 10), None, "2026-11-10T23:59:59Z")


def test_since_today_ends_today_and_not_before_it_begins() -> None:
    assert asked(since="today") == Period(TODAY, TODAY, "2026-11-16T00:00:00Z", "2026-11-16T23:59:59Z")


def test_a_file_ends_where_it_ends() -> None:
    assert asked(since="2024-03-01", open_until=True) == Period(date(2024, 3, 1), None, "2024-03-01T00:00:00Z", None)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2024-06-02", "2024-06-01"),
        ("today", "yesterday"),
        ("1d", "7d"),
        ("2024-06-01T10:00:01Z", "2024-06-01T10:00:00Z"),
        ("2024-06-01T00:00:00-02:00", "2024-06-01T00:00:00+02:00"),
    ],
)
def test_until_before_since_is_wrong_usage(since: str, until: str) -> None:
    with pytest.raises(UsageError, match="the period ends before it begins: since ") as caught:
        asked(since, until)
    assert caught.value.exit_code == 2
    assert caught.value.hint == "both ends are inclusive; days are UTC"


def test_one_day_is_a_period_and_both_its_ends_belong_to_it() -> None:
    period = asked("2024-06-01", "2024-06-01")
    assert [period.contains(date(2024, 6, day)) for day in (1, 2)] == [True, False]
    assert not period.contains(date(2024, 5, 31))


def test_a_timestamp_selects_its_whole_utc_day() -> None:
    period = asked("2024-06-01T23:00:00-03:00", "2024-06-03T00:00:00Z")
    assert (period.since, period.until) == (date(2024, 6, 2), date(2024, 6, 3))


def test_ranges_read_as_people_write_them() -> None:
    days = [date(2024, 3, 29), *days_between(date(2024, 4, 5), date(2024, 4, 7)), date(2024, 4, 9), date(2024, 4, 10)]
    assert format_ranges(days) == "2024-03-29, 2024-04-05 to 2024-04-07, 2024-04-09 to 2024-04-10"
    assert format_ranges([]) == ""


@given(st.sets(st.dates(date(2024, 1, 1), date(2024, 6, 30))))
def test_ranges_parse_back_to_the_same_days(days: set[date]) -> None:
    text = format_ranges(sorted(days))
    read: list[date] = []
    for part in text.split(", ") if text else []:
        first, _, last = part.partition(" to ")
        read += days_between(date.fromisoformat(first), date.fromisoformat(last or first))
    assert read == sorted(days)
    assert text.count(", ") == sum(right - left > timedelta(days=1) for left, right in pairwise(read))


@pytest.mark.parametrize(
    ("text", "today", "since", "until", "unit"),
    [
        ("2026-10", "2026-11-16", "2026-10-01", "2026-10-31", "month"),
        ("2024-02", "2026-11-16", "2024-02-01", "2024-02-29", "month"),
        ("2026-11", "2026-11-16", "2026-11-01", "2026-11-15", "month"),
        ("this-month", "2026-11-16", "2026-11-01", "2026-11-15", "month"),
        ("last-month", "2026-11-16", "2026-10-01", "2026-10-31", "month"),
        ("last-month", "2026-01-31", "2025-12-01", "2025-12-31", "month"),
        ("2026-W46", "2026-11-16", "2026-11-09", "2026-11-15", "week"),
        ("2026-W47", "2026-11-18", "2026-11-16", "2026-11-17", "week"),
        ("2020-W53", "2026-11-18", "2021-01-01", "2021-01-03", ""),
        ("this-week", "2026-11-18", "2026-11-16", "2026-11-17", "week"),
        ("last-week", "2026-11-18", "2026-11-09", "2026-11-15", "week"),
        ("last-week", "2026-11-16", "2026-11-09", "2026-11-15", "week"),
        ("monday", "2026-11-16", "2026-11-09", "2026-11-09", ""),
        ("monday", "2026-11-17", "2026-11-16", "2026-11-16", ""),
        ("sunday", "2026-11-16", "2026-11-15", "2026-11-15", ""),
        ("yesterday", "2026-11-16", "2026-11-15", "2026-11-15", ""),
        ("2026-11-03", "2026-11-16", "2026-11-03", "2026-11-03", ""),
        ("7d", "2026-11-16", "2026-11-09", "2026-11-15", ""),
        ("4w", "2026-11-16", "2026-10-19", "2026-11-15", ""),
        ("3mo", "2026-11-16", "2026-08-16", "2026-11-15", ""),
        ("3mo", "2026-05-31", "2026-02-28", "2026-05-30", ""),
        ("1y", "2024-02-29", "2023-02-28", "2024-02-28", ""),
        ("2026-09..2026-10", "2026-11-16", "2026-09-01", "2026-10-31", ""),
        ("2026-10..2026-10", "2026-11-16", "2026-10-01", "2026-10-31", "month"),
        ("7d..yesterday", "2026-11-16", "2026-11-09", "2026-11-15", ""),
        ("2026-12", "2026-11-16", "2026-12-01", "2026-11-30", "month"),
    ],
)
def test_one_expression_names_a_whole_period(text: str, today: str, since: str, until: str, unit: str) -> None:
    period = Period.of(PeriodExpression.parse(text), date.fromisoformat(today))
    assert (str(period.since), str(period.until), period.unit) == (since, until, unit)
    assert (period.since_sent, period.until_sent) == (f"{since}T00:00:00Z", f"{until}T23:59:59Z")


@pytest.mark.parametrize(("text", "today"), [("this-month", "2026-11-01"), ("2026-W47", "2026-11-16")])
def test_a_month_or_week_that_began_today_is_empty(text: str, today: str) -> None:
    day = date.fromisoformat(today)
    expression = DateExpression.parse(text)
    for period in (
        Period.of(PeriodExpression.parse(text), day),
        Period.between(expression, None, day),
        Period.between(expression, expression, day),
    ):
        assert period.is_empty
        assert (period.since, period.until) == (day, day - timedelta(days=1))
        assert not period.contains(day)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-10", None, ("2026-10-01", "2026-11-15", "")),
        ("2026-10", "2026-10", ("2026-10-01", "2026-10-31", "month")),
        ("this-month", None, ("2026-11-01", "2026-11-15", "month")),
        ("last-month", "2026-11-10", ("2026-10-01", "2026-11-10", "")),
        (None, "last-week", ("None", "2026-11-15", "")),
        ("2026-10-10", "2026-10", ("2026-10-10", "2026-10-31", "")),
    ],
)
def test_a_unit_is_its_first_day_for_since_and_its_last_for_until(
    since: str | None, until: str | None, expected: tuple[str, str, str]
) -> None:
    period = asked(since, until)
    assert (str(period.since), str(period.until), period.unit) == expected


@pytest.mark.parametrize(
    ("text", "of", "expected"),
    [
        ("previous", "2026-11-03..2026-11-09", "2026-10-27..2026-11-02"),
        ("previous", "2026-11", "2026-10-01..2026-10-31"),
        ("previous", "this-month", "2026-10-01..2026-10-31"),
        ("previous", "2026-03", "2026-02-01..2026-02-28"),
        ("previous", "2026-W46", "2026-11-02..2026-11-08"),
        ("previous", "2026-01..2026-02", "2025-11-03..2025-12-31"),
        ("last-month", "2026-11-03..2026-11-09", "2026-10-01..2026-10-31"),
        ("last-month", "2026-01", "2025-12-01..2025-12-31"),
        ("last-month", "2026-W46", "2026-10-01..2026-10-31"),
        ("last-year", "2026-11-02..2026-11-08", "2025-11-03..2025-11-09"),
        ("last-year", "2026-10", "2025-10-02..2025-11-01"),
        ("2026-09", "2026-11-03..2026-11-09", "2026-09-01..2026-09-30"),
        ("2026-09-01..2026-09-03", "2026-10", "2026-09-01..2026-09-03"),
        ("last-week", "2026-11-16..2026-11-16", "2026-11-09..2026-11-15"),
        ("7d", "2026-10", "2026-11-09..2026-11-15"),
        ("previous", "this-week", "2026-11-09..2026-11-15"),
        ("last-month", "this-week", "2026-10-01..2026-10-31"),
        ("last-year", "this-week", "2025-11-17..2025-11-16"),
    ],
)
def test_what_a_period_is_compared_with(text: str, of: str, expected: str) -> None:
    period = ComparisonPeriod.parse(text).period(Period.of(PeriodExpression.parse(of), TODAY), TODAY)
    assert f"{period.since}..{period.until}" == expected


def test_last_year_has_the_same_weekdays() -> None:
    current = asked("2026-10", "2026-10")
    before = ComparisonPeriod.parse("last-year").period(current, TODAY)
    assert current.since is not None
    assert before.since is not None
    assert current.since.weekday() == before.since.weekday()


@pytest.mark.parametrize("text", ["before", "2026-13", "", "..", "2026-01..", "last-decade"])
def test_what_is_no_period_to_compare_with_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is neither previous, last-month, last-year nor a period|not in the calendar|not a date"
    ):
        ComparisonPeriod.parse(text)


@pytest.mark.parametrize("relation", ["previous", "last-month", "last-year"])
def test_a_comparison_before_the_calendar_is_refused(relation: str) -> None:
    first = Period(date.min, date.min + timedelta(days=1))
    with pytest.raises(
        UsageError, match=r"^what to compare 0001-01-01 to 0001-01-02 with is before the calendar begins$"
    ):
        ComparisonPeriod(relation).period(first, TODAY)


@pytest.mark.parametrize("period", [Period(), Period(TODAY), Period(TODAY, TODAY - timedelta(days=1))])
def test_without_days_there_is_nothing_to_compare(period: Period) -> None:
    with pytest.raises(UsageError, match="there is no period to compare"):
        ComparisonPeriod().period(period, TODAY)
