import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.dates import FORMS, WORDS, DateExpression, months_before

TODAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "2024-6-1", "2024-06-01 ", "2024-06-01T", "2024-06-01 10:20:30", "2024-06-01T10", "20240601", "7", "d",
        "-7d", "1.5d", "7 d", "last week", "\u0662024-06-01", "\u0667d", "2024-W2", "3m", "this month",
        "2024-06-01T10:20:30z", "9999999d",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_the_forms_that_are(text: str) -> None:
    words = f"is not a date; write {FORMS}"
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


def test_each_form_that_is_offered_can_be_read() -> None:
    for form in (*re.split(", | or ", FORMS.replace("a timestamp such as ", "")), *WORDS):
        text = "2024-06-01" if form == "YYYY-MM-DD" else form
        assert DateExpression.parse(text).resolve(TODAY).first <= TODAY


@pytest.mark.parametrize("text", ["Monday", "7D", "2024-w23", "LAST-MONTH", "1Y"])
def test_case_makes_no_difference(text: str) -> None:
    expected = DateExpression.parse(text.upper() if "w" in text else text.lower())
    assert DateExpression.parse(text).resolve(TODAY) == expected.resolve(TODAY)
    assert DateExpression.parse(text).is_length == expected.is_length


def test_a_word_is_the_latest_such_day_or_unit() -> None:
    for word in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"):
        found = DateExpression.parse(word).resolve(TODAY)
        assert f"{found.first:%A}".lower() == word
        assert 1 <= (TODAY - found.first).days <= 7


@pytest.mark.parametrize("text", ["2020-W54", "2021-W53", "2021-W00", "0000-W01", "2024-13", "9999-W52"])
def test_impossible_weeks_and_months_are_not_in_the_calendar(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(repr(text))} is not in the calendar$"):
        DateExpression.parse(text)


WRITTEN = st.from_regex(
    r"\d{4}-(\d\d|W\d\d)|\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?|\d*(d|w|mo|y)", fullmatch=True
)


@given(st.one_of(st.text(), WRITTEN, st.sampled_from(WORDS)), st.dates(date(2, 1, 1)))
@example("0001-01-01T00:00:00+23:59", TODAY)
@example("2024-06-01T10:00:00,5+00:00", TODAY)
@example("2024-06-01T24:00:00Z", TODAY)
@example("0001-W01", TODAY)
def test_reading_days_never_raises_anything_but_value_error(text: str, today: date) -> None:
    with suppress(ValueError):
        expression = DateExpression.parse(text)
        with suppress(UsageError):
            days = expression.resolve(today)
            assert days.first <= days.last or (days.unit and days.first == today)
            assert (days.last - days.first).days < {"": 1, "week": 7, "month": 31}[days.unit]
            if days.unit and days.first <= today:
                assert days.last < today


@given(st.datetimes(datetime(1800, 1, 1), datetime(9998, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_a_timestamp_with_an_offset_is_its_instant(instant: datetime) -> None:
    instant = instant.replace(microsecond=0)
    offset = instant.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        return  # old local times have offsets with seconds, which ISO 8601 does not
    resolved = DateExpression.parse(instant.isoformat()).resolve(TODAY)
    assert resolved.first == resolved.last == instant.astimezone(UTC).date()


@given(st.dates(date(1900, 1, 1)), st.integers(0, 1200))
def test_months_before_a_day_are_so_many_months_before_and_never_later_in_it(day: date, months: int) -> None:
    before = months_before(day, months)
    assert (day.year * 12 + day.month) - (before.year * 12 + before.month) == months
    assert before.day <= day.day
    assert before.day == day.day or (before + timedelta(days=1)).day == 1
