"""What a table is drawn for: a terminal, a pipe or a file, and what it can show."""

from typing import NamedTuple


class Screen(NamedTuple):
    """What a table is drawn for: `width` in columns, or None for a pipe or file; `styled` where Rich may style.

    `blocks` if the encoding has block characters, `notes` if the reader wants any.
    """

    width: int | None = None
    styled: bool = False
    blocks: bool = True
    notes: bool = True
