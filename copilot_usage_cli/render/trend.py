"""How a number went, as a line of blocks with its scale and dates."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from copilot_usage_cli.render.grid import Drawing
from copilot_usage_cli.report.blocks import WEEK, Ratio, bucket_size, count_blocks, in_blocks

BLOCKS = "▁▂▃▄▅▆▇"  # without the whole one, which would touch the line above
_DATES = 22  # columns that two whole dates need
_SHORT_DATES = 11
_GAP = 2


def sparkline(values: Sequence[float | None]) -> str:
    """Draw numbers as blocks, from 0 to the highest; what is unknown stays blank."""
    most = max((value for value in values if value is not None), default=0)
    if not most:
        return ""
    last = len(BLOCKS) - 1
    return "".join(" " if value is None else BLOCKS[round(value / most * last)] for value in values)


class Series(NamedTuple):
    """What is known of a number on each day of a period, and how its scale is written."""

    daily: Sequence[Ratio]
    write: Callable[[float], str]


class Trend:
    """Draws the trends of a report's numbers alike: the same width, as many days a block, and a scale behind each."""

    def __init__(self, days: Sequence[date], all_series: Sequence[Series]) -> None:
        self._days = days
        self._all_series = all_series
        self._plans: dict[int, _Plan | None] = {}

    def drawing(self, series: Series) -> Drawing:
        """Return the drawing of a number."""

        def at(width: int, *, blocks: bool) -> str:
            plan = self._plan(width)
            values = [] if plan is None else in_blocks(series.daily, plan.size)
            drawn = sparkline(values)
            if plan is None or not drawn or not blocks:
                return ""
            line = "".join(block * plan.stretch for block in drawn)
            return f"{line}  {_scale(series, plan.size):<{plan.scale}}"

        return Drawing(at)

    def heading(self) -> Drawing:
        """Return the drawing of the dates above, and of what a block is unless that is a day."""

        def at(width: int, *, blocks: bool) -> str:
            plan = self._plan(width)
            if plan is None or not blocks:
                return ""
            taken = count_blocks(len(self._days), plan.size) * plan.stretch
            units = _units(plan.size)
            for least, start in ((_DATES, 0), (_SHORT_DATES, len("2024-"))):
                first, last = (str(self._days[n])[start:] for n in (0, -1))
                between = taken - len(first) - len(last)
                for unit in units if taken >= least else ():
                    if taken + len(unit) + _GAP * bool(unit) <= width:
                        return (first + " " * between + last + " " * _GAP + unit).rstrip()
                for unit in units:
                    if len(unit) + 2 * _GAP <= between:
                        return first + unit.center(between) + last
            return units[0]  # the title has the dates

        return Drawing(at)

    def _plan(self, width: int) -> "_Plan | None":
        if width not in self._plans:
            self._plans[width] = self._planned(width)
        return self._plans[width]

    def _planned(self, width: int) -> "_Plan | None":
        """Find the fewest days a block for which there is room beside the scale, which they change.

        A single block tells nothing of how a number went, and has none.
        """
        size = scale = 0
        while (room := width - _GAP - scale) > 0:
            if size and (count := count_blocks(len(self._days), size)) <= room:
                return _Plan(size, scale, room // count) if count > 1 else None
            size = bucket_size(len(self._days), room)
            scale = max((len(_scale(series, size)) for series in self._all_series), default=0)
        return None


class _Plan(NamedTuple):
    """How trends are drawn: days a block, columns of the widest scale, columns a block.

    A period of few days is drawn wider, not shorter.
    """

    size: int
    scale: int
    stretch: int


def _scale(series: Series, size: int) -> str:
    """Write the scale of so many days a block; nothing where no block is drawn."""
    most = max((value for value in in_blocks(series.daily, size) if value is not None), default=0)
    return f"0 to {series.write(most)}" if most else ""


def _units(size: int) -> tuple[str, ...]:
    """Say how many weeks a block is, at length and in short."""
    if size == 1:
        return ("",)
    weeks = size // WEEK
    return ("a bar is a week", "weekly bars") if weeks == 1 else (f"a bar is {weeks} weeks", f"{weeks}-week bars")
