"""How people write days: dates, timestamps, months, weeks, and words such as `last-week`; all of them in UTC."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple

from copilot_usage_cli.text import Mistyped, nearest

Unit = Literal["", "month", "week"]

FIRST_DAY = date(2021, 1, 1)
"""No day before has data: Copilot's first preview was in 2021."""

NARROWED = f"days before {FIRST_DAY} and after tomorrow can have no data, so they are left out"
"""What to say of a period that was narrowed."""

FORMS = (
    "YYYY-MM-DD, 2024-06, 2024-W23, a timestamp such as 2024-06-01T00:00:00Z, today, yesterday, monday, this-month, "
    "last-month, this-week, last-week, 7d, 4w, 3mo or 1y"
)
_DATE = r"(?a:\d{4}-\d\d-\d\d)"
_TIMESTAMP = r"(?a:\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)"
_MONTH = r"(?a:(\d{4})-(\d\d))"
_WEEK = r"(?a:(\d{4})-[Ww](\d\d))"
_AGO = r"(?a:(\d{1,6})(d|w|mo|y))"
_DAYS_AGO = {"today": 0, "yesterday": 1}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS: dict[str, tuple[Unit, int]] = {
    "this-month": ("month", 0),
    "last-month": ("month", 1),
    "this-week": ("week", 0),
    "last-week": ("week", 1),
}
_YEARS = ("last-year", "this-year", "year")
WORDS = (*_DAYS_AGO, *_WEEKDAYS, *_UNITS)
_SURE = 0.8  # of difflib's ratio: `week` is not Wednesday
_MONTHS = 12
_MONTHS_OF = {"mo": 1, "y": _MONTHS}
_DAYS_OF = {"d": 1, "w": 7}


class DateRange(NamedTuple):
    """The days that an expression names: one, or those of a month or ISO week, both ends inclusive.

    The month or week that isn't over ends yesterday, so on its first day it is empty: `last` is before `first`.
    `instant` is the exact moment of a timestamp.
    """

    first: date
    last: date
    unit: Unit = ""
    instant: datetime | None = None


class DateExpression(NamedTuple):
    """A day, a month or a week as a person wrote it, relative to a day that isn't known yet where it is a word."""

    text: str
    day: date | None = None
    instant: datetime | None = None
    unit: Unit = ""
    days_ago: int = 0
    months_ago: int = 0
    weekday: int | None = None

    @classmethod
    def parse(cls, text: str) -> "DateExpression":
        """Read one of FORMS; a timestamp without an offset is in UTC.

        Raises ValueError, with words for the person who wrote it.
        """
        try:
            if (found := _parse_absolute(text)) is not None:
                return found
        except (ValueError, OverflowError):
            raise ValueError(f"{text!r} is not in the calendar") from None
        word = text.lower()
        if word in _DAYS_AGO:
            return cls(text, days_ago=_DAYS_AGO[word])
        if word in _WEEKDAYS:
            return cls(text, weekday=_WEEKDAYS.index(word))
        if word in _UNITS:
            unit, ago = _UNITS[word]
            return cls(
                text, unit=unit, days_ago=7 * ago if unit == "week" else 0, months_ago=ago if unit == "month" else 0
            )
        if length := re.fullmatch(_AGO, word):
            number, of = int(length[1]), length[2]
            return cls(text, days_ago=number * _DAYS_OF.get(of, 0), months_ago=number * _MONTHS_OF.get(of, 0))
        raise Mistyped(f"{text!r} is not a date; write {FORMS}", _meant(word))

    @property
    def is_length(self) -> bool:
        """Whether it is written as a length of time before today: `7d`, `3mo`."""
        return re.fullmatch(_AGO, self.text.lower()) is not None

    def resolve(self, today: date) -> DateRange:
        """Return the days that are meant on the run's one `today`; the calendar's first where they are before it."""
        if self.instant is not None:
            day = self.instant.date()
            return DateRange(day, day, "", self.instant)
        try:
            first = self._first(today)
            return DateRange(first, _last_of(first, self.unit, today), self.unit)
        except (OverflowError, ValueError):
            return DateRange(date.min, date.min)

    def _first(self, today: date) -> date:
        if self.day is not None:
            return self.day
        if self.weekday is not None:
            return today - timedelta(days=(today.weekday() - self.weekday - 1) % 7 + 1)
        if self.unit == "month":
            return months_before(today.replace(day=1), self.months_ago)
        if self.unit == "week":
            return today - timedelta(days=today.weekday() + self.days_ago)
        return months_before(today, self.months_ago) - timedelta(days=self.days_ago)


def last_day(today: date) -> date:
    """Return the last day that may have data: tomorrow, since clocks differ."""
    return today + timedelta(days=1)


def may_have_data(day: date) -> bool:
    """Return whether Copilot may have data of a day: from its first year to tomorrow, by this machine's clock."""
    return FIRST_DAY <= day <= last_day(datetime.now(UTC).date())


def narrow(days: DateRange, today: date) -> DateRange:
    """Narrow days to those that may have data; to the one that is next to them if none may."""
    first, last = (min(max(day, FIRST_DAY), last_day(today)) for day in (days.first, days.last))
    if days.last < days.first or (first, last) == (days.first, days.last):
        return days  # no day is over of a month that began today
    return DateRange(first, last)


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or the last day of that month; raises ValueError before year 1."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 - months, 12)
    first = date(year, month + 1, 1)
    return first.replace(day=min(day.day, end_of_unit(first, "month").day))


def end_of_unit(first: date, unit: Unit) -> date:
    """Return the last day of the month or week that begins on a day, or the day itself."""
    if unit == "month":
        is_december = first.month == _MONTHS
        return first.replace(day=31) if is_december else date(first.year, first.month + 1, 1) - timedelta(days=1)
    return first + timedelta(days=6) if unit == "week" else first


def _last_of(first: date, unit: Unit, today: date) -> date:
    last = end_of_unit(first, unit)
    return today - timedelta(days=1) if unit and first <= today <= last else last


def _meant(word: str) -> str | None:
    """Return what may have been meant: `7 days` is 7d, 2024/6/1 is 2024-06-01, and `lastweek` is last-week."""
    word = re.sub(r"[\s_]+", "-", word)
    if length := re.fullmatch(r"(?a:(?:[lp]ast-)?(\d{1,6})-?(days?|weeks?|wks?|m|months?|yrs?|years?)(-ago)?)", word):
        return length[1] + {"d": "d", "w": "w", "m": "mo", "y": "y"}[length[2][0]]
    if day := re.fullmatch(r"(?a:(\d{4})[-/.](\d\d?)[-/.](\d\d?))", word):
        return f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}"
    if unit := re.fullmatch(r"(?a:(\d{4})[-/.]?(w?)(\d\d?))", word):
        return f"{unit[1]}-{unit[2].upper()}{unit[3]:0>2}"
    if word in _YEARS:
        return "1y"
    last = re.fullmatch(r"[lp]ast-(\w+)", word)
    return (last and nearest(last[1], _WEEKDAYS, _SURE)) or nearest(word, WORDS)


def _parse_absolute(text: str) -> DateExpression | None:
    """Read what doesn't depend on the day of the run; raises ValueError or OverflowError outside the calendar."""
    if re.fullmatch(_DATE, text):
        return DateExpression(text, day=date.fromisoformat(text))
    if re.fullmatch(_TIMESTAMP, text):
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        return DateExpression(text, instant=instant.astimezone(UTC))
    if month := re.fullmatch(_MONTH, text):
        return DateExpression(text, day=date(int(month[1]), int(month[2]), 1), unit="month")
    if week := re.fullmatch(_WEEK, text):
        last = date.fromisocalendar(int(week[1]), int(week[2]), 7)
        return DateExpression(text, day=last - timedelta(days=6), unit="week")
    return None
