"""What a chart shows: a number by day, or by weeks of a long period, and what is known of each. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from copilot_usage_cli.model.arithmetic import rate
from copilot_usage_cli.model.period import days_between, is_weekend
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.report.blocks import WEEK, bucket_size, edges
from copilot_usage_cli.report.breaks import BREAKS
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.comparison import Comparison
from copilot_usage_cli.report.headline import ratio_of_day
from copilot_usage_cli.report.notes import MODERN

State = Literal["known", "missing", "pending"]
"""Whether any of a slot's days has data; if not, whether GitHub could have given it by now."""


class Slot(NamedTuple):
    """A day of the period, or several: from `first` to `last`, of which `days` have data.

    `changing` if the numbers of any of them may still change.
    """

    first: date
    last: date
    days: int
    state: State
    changing: bool = False

    @property
    def is_weekend(self) -> bool:
        """Whether it is one day, of a weekend."""
        return self.first == self.last and is_weekend(self.first)


class Series(NamedTuple):
    """A number in each slot, the mean a day of several days; None is unknown. `before` is the same of the days before.

    Of several days it is unknown, too, if it is known on fewer than half of them: the mean of a Sunday is not that of a
    week. `known` are on how many days it is known. The days before are earlier by whole weeks, where the periods are at
    least a week apart, so that weekdays stand together.
    """

    name: str
    values: tuple[float | None, ...]
    before: tuple[float | None, ...]
    known: tuple[int, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is anything to draw."""
        return any(value is not None for value in self.values)

    @property
    def has_before(self) -> bool:
        """Whether anything is known of the days before."""
        return any(value is not None for value in self.before)


class Break(NamedTuple):
    """A day on which the series became another: in which slot that is, and what changed."""

    place: int
    day: date
    words: str


class Chart(NamedTuple):
    """Numbers side by side over the same slots, each of `size` days."""

    size: int
    slots: tuple[Slot, ...]
    series: Mapping[str, Series]
    breaks: tuple[Break, ...] = ()

    @property
    def unit(self) -> str:
        """Say what a slot is: `day`, `week`, `2 weeks`."""
        if self.size == 1:
            return "day"
        weeks = self.size // WEEK
        return "week" if weeks == 1 else f"{weeks} weeks"


def chart_of(shown: Report | Comparison, names: Sequence[str], room: int) -> Chart:
    """Compute a chart of some columns with at most so many slots; empty where there is no period."""
    report = shown if isinstance(shown, Report) else shown.current
    if report.since is None or report.until is None:
        return Chart(1, (), {})
    days = days_between(report.since, report.until)
    size = bucket_size(len(days), room)
    blocks = edges(len(days), size)
    earlier, shift = _before(shown, report)
    now = {record.day: record for record in report.records}
    then = {record.day + shift: record for record in earlier}
    series = {}
    for name in names:
        (values, known), (before, _) = (
            _values(side, days, blocks, name, filtered=report.filtered) for side in (now, then)
        )
        series[name] = Series(name, values, before, known)
    slots = tuple(_slots(report, days, blocks))
    return Chart(size, slots, series, tuple(_breaks(report.records, slots)))


def _before(shown: Report | Comparison, report: Report) -> tuple[Sequence[DailyRecord], timedelta]:
    """Return the records of the days before, and by how much later each is drawn."""
    since = report.since or date.min
    if isinstance(shown, Report):
        earlier: Sequence[DailyRecord] = shown.earlier
        away = timedelta(days=report.days)
    else:
        earlier = shown.previous.records
        away = since - (shown.previous.since or since)
    weeks = round(away.days / WEEK)
    return earlier, timedelta(days=WEEK * weeks) if abs(away.days) >= WEEK else away


def _values(
    records: Mapping[date, DailyRecord],
    days: Sequence[date],
    blocks: Sequence[tuple[int, int]],
    name: str,
    *,
    filtered: bool,
) -> tuple[tuple[float | None, ...], tuple[int, ...]]:
    """Return a number in each block of days, and on how many days it is known."""
    ratios = [
        (None, None) if (record := records.get(day)) is None else ratio_of_day(record, name, filtered=filtered)
        for day in days
    ]
    known = tuple(sum(None not in ratio for ratio in ratios[start:end]) for start, end in blocks)
    values = tuple(
        rate(ratios[start:end]) if count * 2 >= end - start else None
        for (start, end), count in zip(blocks, known, strict=True)
    )
    return values, known


def _slots(report: Report, days: Sequence[date], blocks: Sequence[tuple[int, int]]) -> Iterator[Slot]:
    there, waits, changing = {record.day for record in report.records}, set(report.pending), set(report.changing)
    for start, end in blocks:
        inside = days[start:end]
        known = sum(day in there for day in inside)
        # What hasn't come of today and of days to come is no gap either.
        is_pending = all(day in waits or day >= report.query.today for day in inside)
        state: State = "known" if known else "pending" if is_pending else "missing"
        yield Slot(inside[0], inside[-1], known, state, not changing.isdisjoint(inside))


def _breaks(records: Sequence[DailyRecord], slots: Sequence[Slot]) -> Iterator[Break]:
    """Find the days on which the source changes, and those on which GitHub changed its reports."""
    found: dict[date, str] = {}
    modern = [record.day for record in records if record.source in MODERN]
    if modern:
        found |= {day: what for day, what in BREAKS if modern[0] < day <= modern[-1]}
    for old, new in pairwise(records):
        if old.source != new.source:
            found[new.day] = f"the source changes from {old.source} to {new.source}"
    for day in sorted(found):
        place = next((n for n, slot in enumerate(slots) if slot.first <= day <= slot.last), None)
        if place is not None:
            yield Break(place, day, found[day])
