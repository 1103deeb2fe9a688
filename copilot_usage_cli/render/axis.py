"""The scale of a chart: round numbers from 0 up to the largest value, and how they are written."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from math import ceil, floor, log10

from copilot_usage_cli.render.columns import number
from copilot_usage_cli.report.blocks import WEEK
from copilot_usage_cli.report.chart import Slot

_ROUND = (1, 2, 2.5, 5, 10)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def ticks(values: Iterable[float | None], steps: int, *, whole: bool) -> list[float]:
    """Choose round numbers in as many equal steps, from 0 to what no value passes; `whole` if none lies between."""
    most = max((value for value in values if value is not None), default=0)
    if most <= 0:
        return [0.0, 1.0]
    exact = most / steps
    power = 10.0 ** floor(log10(exact))
    step = next(each * power for each in _ROUND if each * power >= exact * (1 - 1e-9))
    if whole:
        step = float(ceil(step))
    count = max(ceil(most / step - 1e-9), 1)
    return [step * n for n in range(count + 1)]


def writer(found: Sequence[float], *, percent: bool) -> Callable[[float], str]:
    """Return how the numbers of a scale are written: all with as many decimals as the finest needs."""
    factor = 100 if percent else 1
    finest = found[1] * factor
    decimals = next((n for n in range(4) if abs(round(finest, n) - finest) < 10.0**-9 * max(finest, 1)), 4)
    if percent:
        return lambda value: f"{value:.{decimals}%}"
    return lambda value: number(int(value)) if decimals == 0 else f"{value:,.{decimals}f}"


def short_day(day: date) -> str:
    """Write a day for an axis, whose title has the year: `16 Nov`."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def dated(slots: Sequence[Slot], apart: int) -> list[int]:
    """Choose the slots whose dates stand below an axis, so many slots apart: where slots are days, Mondays.

    The first slot has one, too, unless the next is nearer.
    """
    if any(slot.first != slot.last for slot in slots):
        return list(range(0, len(slots), max(apart, 1)))
    if not slots:
        return []
    weeks = ceil(apart / WEEK)
    mondays = [n for n, slot in enumerate(slots) if slot.first.weekday() == 0][::weeks]
    if len(slots) < 2 * WEEK and apart == 1:
        return list(range(len(slots)))
    first = [0] if not mondays or mondays[0] >= apart else []
    return [*first, *mondays]
