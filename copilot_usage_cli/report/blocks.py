"""Days of a period as blocks to draw: one a day, or as many weeks as it takes where there is little room. No I/O."""

from collections.abc import Sequence
from itertools import pairwise

from copilot_usage_cli.model.arithmetic import rate

Ratio = tuple[int | None, int | None]
"""A day's number as what is above and below the line, so that several days' are a sum over a sum."""

WEEK = 7


def edges(days: int, size: int) -> list[tuple[int, int]]:
    """Split days, by their places, into blocks of so many, counted from the last.

    What remains is part of the first block: by itself a weekend would look like a crash, four workdays like a peak.
    """
    return list(pairwise([0, *range(days % size + size, days, size), days]))


def in_blocks(daily: Sequence[Ratio], size: int) -> list[float | None]:
    """Reduce days to a value for each block."""
    return [rate(daily[start:end]) for start, end in edges(len(daily), size)]


def count_blocks(days: int, size: int) -> int:
    """Return how many blocks of so many days there are."""
    return max(days // size, 1)


def bucket_size(days: int, room: int) -> int:
    """Return how many days a block is: one, or as many weeks as it takes."""
    size = 1
    while count_blocks(days, size) > room:
        size = WEEK if size == 1 else size + WEEK
    return size
