"""Periods of whole UTC days, and how people write their ends.

A period is `since`..`until`, both inclusive. No local time zone takes part: days are read from the text.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from copilot_usage_cli.errors import UsageError

_DATE = r"(?a:\d{4}-\d\d-\d\d)"
_TIMESTAMP = r"(?a:\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)"
_AGO = r"(?a:(\d{1,6})([dw]))"
_DAYS_AGO = {"today": 0, "yesterday": 1}
FORMS = "YYYY-MM-DD, a timestamp such as 2024-06-01T00:00:00Z, today, yesterday, 7d or 4w"


class DateExpression(NamedTuple):
    """An end of a period as a person wrote it: a day, an instant in UTC, or so many days ago."""

    text: str
    day: date | None = None
    instant: datetime | None = None
    days_ago: int = 0

    @classmethod
    def parse(cls, text: str) -> "DateExpression":
        """Read `YYYY-MM-DD`, an ISO 8601 timestamp (UTC where it has no offset), `today`, `yesterday`, `7d`, `4w`.

        Raises ValueError, with words for the person who wrote it.
        """
        try:
            if re.fullmatch(_DATE, text):
                return cls(text, day=date.fromisoformat(text))
            if re.fullmatch(_TIMESTAMP, text):
                instant = datetime.fromisoformat(text)
                if instant.tzinfo is None:
                    instant = instant.replace(tzinfo=UTC)
                return cls(text, instant=instant.astimezone(UTC))
        except (ValueError, OverflowError):
            raise ValueError(f"{text!r} is not in the calendar") from None
        if text in _DAYS_AGO:
            return cls(text, days_ago=_DAYS_AGO[text])
        if ago := re.fullmatch(_AGO, text):
            return cls(text, days_ago=int(ago[1]) * (7 if ago[2] == "w" else 1))
        raise ValueError(f"{text!r} is not a date; write {FORMS}")

    def resolve(self, today: date) -> "DateExpression":
        """Resolve a relative end against the run's one `today`."""
        if self.day or self.instant:
            return self
        try:
            return DateExpression(self.text, day=today - timedelta(days=self.days_ago))
        except OverflowError:
            raise UsageError(f"{self.text!r} is before the calendar begins", "write a later day, such as 4w") from None

    @property
    def utc_day(self) -> date:
        """The whole UTC day that a resolved end names."""
        day = self.instant.date() if self.instant else self.day
        if day is None:
            raise AssertionError("asked for the day of an unresolved end")
        return day


class Period(NamedTuple):
    """The days asked for; an end that is None is open, and GitHub's answer or the file decides it.

    `since_sent` and `until_sent` are what GitHub is asked with, `YYYY-MM-DDTHH:MM:SSZ`; None sends nothing.
    """

    since: date | None = None
    until: date | None = None
    since_sent: str | None = None
    until_sent: str | None = None

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
            last = DateExpression("yesterday", day=max(yesterday, first.utc_day))
        since_sent, until_sent = _sent(first, "T00:00:00Z"), _sent(last, "T23:59:59Z")
        if since_sent and until_sent and until_sent < since_sent:
            raise UsageError(
                f"the period ends before it begins: --since {since_sent}, --until {until_sent}",
                "both ends are inclusive; days are UTC",
            )
        return cls(first.utc_day if first else None, last.utc_day if last else None, since_sent, until_sent)

    def contains(self, day: date) -> bool:
        """Return whether `day` is in the period."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class ComparisonPeriod(NamedTuple):
    """What to compare with: the period just before, or the one from `since` to `until`."""

    since: DateExpression | None = None
    until: DateExpression | None = None

    @classmethod
    def parse(cls, text: str) -> "ComparisonPeriod":
        """Read `previous` or `DATE..DATE`; raises ValueError with words for the person who wrote it."""
        if text == "previous":
            return cls()
        first, dots, last = text.partition("..")
        if not dots:
            raise ValueError(f"{text!r} is neither previous nor DATE..DATE")
        return cls(DateExpression.parse(first), DateExpression.parse(last))

    def period(self, since: date | None, until: date | None, today: date) -> Period:
        """Return the period to compare `since`..`until` with; raises UsageError if there is none, or isn't as long."""
        if since is None or until is None:
            raise UsageError("there is no period to compare", "say which with --since and --until")
        days = (until - since).days + 1
        if self.since is None or self.until is None:
            try:
                first, last = since - timedelta(days=days), since - timedelta(days=1)
            except OverflowError:
                raise UsageError(f"the {days} days before {since} are before the calendar begins") from None
        else:
            first, last = self.since.resolve(today).utc_day, self.until.resolve(today).utc_day
        if (length := (last - first).days + 1) != days:
            raise UsageError(
                f"{first}..{last} has {max(length, 0)} days, {since}..{until} has {days}",
                "only periods of the same length compare: give both with --since, --until and --compare DATE..DATE",
            )
        return Period.between(DateExpression(str(first), day=first), DateExpression(str(last), day=last), today)


def days_between(first: date, last: date) -> tuple[date, ...]:
    """List the days from `first` to `last`, both inclusive; empty if `last` is before `first`."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def format_ranges(days: Iterable[date]) -> str:
    """Write days, given in order, as ranges: `2024-03-29, 2024-04-05 to 2024-04-07`."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1][1:] = [day]
        else:
            runs.append([day])
    return ", ".join(" to ".join(map(str, run)) for run in runs)


def _sent(end: DateExpression | None, of_day: str) -> str | None:
    if end is None:
        return None
    if end.instant is None:
        return f"{end.utc_day}{of_day}"
    return f"{end.instant.replace(microsecond=0, tzinfo=None).isoformat()}Z"
