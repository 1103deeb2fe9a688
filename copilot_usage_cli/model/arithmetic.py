"""The arithmetic of honest totals: unknown is not zero, rates are sums over sums, users are never added."""

from collections.abc import Iterable, Sequence
from operator import add
from typing import NamedTuple

from copilot_usage_cli.model.records import COUNTS, BreakdownRow, DailyRecord

Sums = tuple[int | None, ...]


def added(sums: Sums | None, values: Sums) -> Sums:
    """Add what is known to what is known."""
    if sums is None:
        return values
    try:
        return tuple(map(add, sums, values))
    except TypeError:
        return tuple(a if b is None else b if a is None else a + b for a, b in zip(sums, values, strict=True))


def total(values: Iterable[int | None]) -> int | None:
    """Add up what is known; a total of nothing known is unknown."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def known(values: Iterable[int | None]) -> int:
    """Count the values that are known."""
    return sum(value is not None for value in values)


def rate(pairs: Iterable[tuple[int | None, int | None]]) -> float | None:
    """Divide the sum of the first of each pair by the sum of the second, over pairs with both known.

    A fraction; None where there is nothing to divide by.
    """
    above = below = 0
    for numerator, denominator in pairs:
        if numerator is not None and denominator is not None:
            above += numerator
            below += denominator
    return above / below if below else None


class UserStatistics(NamedTuple):
    """Users over days: the mean per day on which they are known, the peak, and how many days that is."""

    mean: float | None
    peak: int | None
    days: int


def user_statistics(by_day: Iterable[int | None]) -> UserStatistics:
    """Describe daily user numbers, which can't be added: the same person comes on many days."""
    known = [count for count in by_day if count is not None]
    return UserStatistics(sum(known) / len(known) if known else None, max(known, default=None), len(known))


class Completions(NamedTuple):
    """Sums over records or breakdown rows, and their two rates."""

    suggestions: int | None
    acceptances: int | None
    lines_suggested: int | None
    lines_accepted: int | None
    acceptance_rate: float | None
    lines_acceptance_rate: float | None

    @property
    def counts(self) -> tuple[int | None, ...]:
        """The four sums, in the order of records.COUNTS."""
        return (self.suggestions, self.acceptances, self.lines_suggested, self.lines_accepted)


Rated = tuple[bool, bool]
"""Whether the acceptance rate, and that of lines, can be told."""


def rated(record: DailyRecord, *, cells: bool = False) -> Rated:
    """Return which rates a day's totals, or its breakdown rows, can tell.

    A rate of sums over different user-days would fall or rise with what is unknown.
    """
    counts, prefix = record.user_days, "" if cells else "total_"
    if counts is None:
        return True, True
    return counts.has_rate(f"{prefix}acceptance_rate"), counts.has_rate(f"{prefix}lines_acceptance_rate")


def completions(
    items: Sequence[DailyRecord] | Sequence[BreakdownRow], can_rate: Sequence[Rated] | None = None
) -> Completions:
    """Add up completions over daily totals, or over breakdown rows, of which `can_rate` says which rates they tell."""
    prefix = "total_" if items and isinstance(items[0], DailyRecord) else ""
    columns = [[getattr(item, prefix + name) for item in items] for name in COUNTS]
    suggested, accepted, lines_suggested, lines_accepted = columns
    if can_rate is None:
        can_rate = [rated(item) if isinstance(item, DailyRecord) else (True, True) for item in items]
    return Completions(
        total(suggested),
        total(accepted),
        total(lines_suggested),
        total(lines_accepted),
        rate((a, s) for a, s, (ok, _) in zip(accepted, suggested, can_rate, strict=True) if ok),
        rate((a, s) for a, s, (_, ok) in zip(lines_accepted, lines_suggested, can_rate, strict=True) if ok),
    )


def at_least(rows: Iterable[BreakdownRow]) -> int | None:
    """Return the largest single cell of users: who used a language in two editors is in two cells."""
    return max((row.active_users for row in rows if row.active_users is not None), default=None)


def distinct(sets: Iterable[int | None]) -> int | None:
    """Count the users in the union of sets, each the bits of a number; None if one is unknown, or there is none."""
    union = None
    for users in sets:
        if users is None:
            return None
        union = users | (union or 0)
    return None if union is None else union.bit_count()


def breakdown_differs(record: DailyRecord) -> bool:
    """Return whether a day's known totals differ from the sums of its breakdown."""
    if record.breakdown is None:
        return False
    for name in COUNTS:
        day_total = getattr(record, f"total_{name}")
        cells = [getattr(row, name) for row in record.breakdown]
        if day_total is not None and None not in cells and day_total != sum(cells):
            return True
    return False
