import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.period import ComparisonPeriod, DateExpression, Period, days_between, format_ranges

TODAY = date(2026, 11, 16)


def asked(since: str | None = None, until: str | None = None, *, open_until: bool = False) -> Period:
    first, last = (None if text is None else DateExpression.parse(text) for text in (since, until))
    return Period.between(first, last, TODAY, open_until=open_until)


@pytest.mark.parametrize(
    ("text", "day", "since_sent", "until_sent"),
    [
        ("2024-06-01", "2024-06-01", "2024-06-01T00:00:00Z", "2024-06-01T23:59:59Z"),
        ("2024-02-29", "2024-02-29", "2024-02-29T00:00:00Z", "2024-02-29T23:59:59Z"),
        ("0001-01-01", "0001-01-01", "0001-01-01T00:00:00Z", "0001-01-01T23:59:59Z"),
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
    "text",
    [
        "", " ", "2024-6-1", "2024-06-01 ", "2024-06-01T", "2024-06-01 10:20:30", "2024-06-01T10", "20240601", "7", "d",
        "-7d", "7D", "1.5d", "7 d", "last week", "Today", "\u0662024-06-01", "\u0667d", "2024-W23",
        "2024-06-01T10:20:30z", "9999999d",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_the_forms_that_are(text: str) -> None:
    words = "is not a date; write YYYY-MM-DD, a timestamp such as 2024-06-01T00:00:00Z, today, yesterday, 7d or 4w"
    with pytest.raises(ValueError, match=re.escape(f"{text!r} {words}")):
        DateExpression.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "0000-01-01", "2024-06-01T25:00:00Z",
        "2024-06-01T10:61:00Z", "2024-06-01T10:00:00+99:00", "0001-01-01T00:00:00+01:00", "9999-12-31T23:30:00-01:00",
    ],
)  # fmt: skip
def test_impossible_dates_are_not_in_the_calendar(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(repr(text))} is not in the calendar$"):
        DateExpression.parse(text)


@pytest.mark.parametrize("text", ["999999d", "999999w"])
def test_days_ago_may_not_reach_before_the_calendar(text: str) -> None:
    with pytest.raises(UsageError, match=f"'{text}' is before the calendar begins"):
        asked(since=text)


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
    with pytest.raises(UsageError, match="the period ends before it begins: --since ") as caught:
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


def test_the_day_of_an_unresolved_end_is_a_fault() -> None:
    with pytest.raises(AssertionError, match="unresolved"):
        _ = DateExpression.parse("7d").utc_day


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


WRITTEN = st.from_regex(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?|\d*[dwm]", fullmatch=True)


@given(st.one_of(st.text(), WRITTEN))
@example("0001-01-01T00:00:00+23:59")
@example("2024-06-01T10:00:00,5+00:00")
@example("2024-06-01T24:00:00Z")
def test_parsing_an_end_never_raises_anything_but_value_error(text: str) -> None:
    with suppress(ValueError):
        end = DateExpression.parse(text)
        with suppress(UsageError):
            resolved = end.resolve(TODAY)
            assert resolved.utc_day <= date.max
            assert resolved.resolve(date(2000, 1, 1)) == resolved


@given(st.datetimes(datetime(1800, 1, 1), datetime(9998, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_a_timestamp_with_an_offset_is_its_instant(instant: datetime) -> None:
    instant = instant.replace(microsecond=0)
    offset = instant.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        return  # old local times have offsets with seconds, which ISO 8601 does not
    assert DateExpression.parse(instant.isoformat()).utc_day == instant.astimezone(UTC).date()


def test_a_comparison_before_the_calendar_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^the 2 days before 0001-01-01 are before the calendar begins$"):
        ComparisonPeriod().period(date.min, date.min + timedelta(days=1), date(2026, 11, 20))
