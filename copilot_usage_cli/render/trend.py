"""How a number went, as a line of blocks with its scale and dates."""

from collections.abc import Callable, Sequence
from datetime import date

from copilot_usage_cli.model.arithmetic import rate
from copilot_usage_cli.render.grid import Drawing
from copilot_usage_cli.report.headline import Ratio

BLOCKS = "▁▂▃▄▅▆▇"  # without the whole one, which would touch the line above
_WEEK = 7
_DATES = 22  # columns that two whole dates need
_SHORT_DATES = 11


def sparkline(values: Sequence[float | None]) -> str:
    """Draw numbers as blocks, from 0 to the highest; what is unknown stays blank."""
    most = max((value for value in values if value is not None), default=0)
    if not most:
        return ""
    last = len(BLOCKS) - 1
    return "".join(" " if value is None else BLOCKS[round(value / most * last)] for value in values)


def buckets(daily: Sequence[Ratio], room: int) -> list[float | None]:
    """Reduce days to as many values as have room: a day each, else a week, or several weeks."""
    size = bucket_size(len(daily), room)
    return [rate(daily[n : n + size]) for n in range(0, len(daily), size)]


def bucket_size(days: int, room: int) -> int:
    """Return how many days a block is: one, or as many weeks as it takes."""
    size = 1
    while -(-days // size) > room:
        size = _WEEK if size == 1 else size + _WEEK
    return size


class Trend:
    """Draws the trends of a report's numbers alike: the same width, and a scale behind each."""

    def __init__(self, days: Sequence[date], scales: Sequence[str]) -> None:
        self._days = days
        self._scale = max(map(len, scales), default=0)

    def drawing(self, daily: Sequence[Ratio], write: Callable[[float], str]) -> Drawing:
        """Return the drawing of a number; `write` writes its scale."""

        def at(width: int, *, blocks: bool) -> str:
            values = buckets(daily, self._room(width))
            drawn = sparkline(values)
            if not drawn or not blocks:
                return ""
            times = self._stretch(width)
            line = "".join(block * times for block in drawn)
            most = max(value for value in values if value is not None)
            return f"{line}  {f'0 to {write(most)}':<{self._scale}}"

        return Drawing(at)

    def heading(self) -> Drawing:
        """Return the drawing of the dates above."""

        def at(width: int, *, blocks: bool) -> str:
            room = self._room(width)
            size = bucket_size(len(self._days), room)
            taken = -(-len(self._days) // size) * self._stretch(width)
            first, last = str(self._days[0]), str(self._days[-1])
            unit = "" if size == 1 else "  a week" if size == _WEEK else f"  {size // _WEEK} weeks"
            if not blocks or taken < _SHORT_DATES:
                return ""
            if taken < _DATES:
                first, last = first[5:], last[5:]
            return first + " " * (taken - len(first) - len(last)) + last + unit

        return Drawing(at)

    def _room(self, width: int) -> int:
        return max(width - 2 - self._scale, 1)

    def _stretch(self, width: int) -> int:
        """Return how many columns a block is: a period of few days is drawn wider, not shorter."""
        room = self._room(width)
        count = -(-len(self._days) // bucket_size(len(self._days), room))
        return max(room // count, 1)
