"""The tables of activity of one user-day, packed: they are most of a line, and a report has thousands of lines."""

import marshal
from array import array
from collections.abc import Mapping, Sequence
from typing import Any, cast

from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, MORE_TABLES, TABLES, WITHOUT_PROMPTS, Activity
from copilot_usage_cli.model.arithmetic import Sums

Tables = list[list[tuple[tuple[int, ...], Sums]] | None]
"""Of each of MORE_TABLES the rows, as the numbers of their names and their counts; None where there is no table."""

_LAYOUTS = tuple((len(TABLES[table]), int(table in WITHOUT_PROMPTS)) for table in MORE_TABLES)
_PLAIN, _SMALL = b"p", b"s"
NO_TABLES = _SMALL + bytes(2 * len(MORE_TABLES))


def pack_tables(activity: Activity, names: Mapping[str | None, int]) -> bytes:
    """Pack a line's tables: how many rows each has and one more, or 0 for no table; then the rows."""
    numbers: list[int | None] = [0 if rows is None else len(rows) + 1 for rows in activity.tables]
    for rows, (_, unknown) in zip(activity.tables, _LAYOUTS, strict=True):
        for row in rows or ():
            numbers += [names[name] for name in row.names]
            numbers += row.counts[unknown:]
    try:
        return _SMALL + array("H", cast("list[int]", numbers)).tobytes()
    except (OverflowError, TypeError):  # a number doesn't fit, or is unknown
        return _PLAIN + marshal.dumps(tuple(numbers))


def have_numbers(packed: bytes) -> bool:
    """Return whether a line's tables have any count; a number that is unknown is never packed as a small one."""
    if packed.startswith(_SMALL):
        return len(packed) > len(NO_TABLES)
    return any(count is not None for rows in unpack_tables(packed) for _, counts in rows or () for count in counts)


def unpack_tables(packed: bytes) -> Tables:
    """Unpack a line's tables."""
    is_small = packed.startswith(_SMALL)
    numbers: Sequence[Any] = array("H", packed[1:]) if is_small else marshal.loads(packed[1:])  # noqa: S302 - own bytes
    at, tables = len(MORE_TABLES), Tables()
    for size, (width, unknown) in zip(numbers[:at], _LAYOUTS, strict=True):
        rows = []
        for _ in range(max(size - 1, 0)):
            start, end = at + width, at + width + len(ACTIVITY_COUNTS) - unknown
            rows.append((tuple(numbers[at:start]), (*(None,) * unknown, *numbers[start:end])))
            at = end
        tables.append(rows if size else None)
    return tables
