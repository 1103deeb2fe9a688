"""Daily records packed as bytes until somebody looks at them: a year of thousands of teams fits into memory."""

import marshal
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from math import floor
from typing import Any, overload

from copilot_usage_cli.model.activity import Activity, ActivityRow, ActivityRows
from copilot_usage_cli.model.aggregates import NO_AGGREGATES, from_plain, to_plain
from copilot_usage_cli.model.records import TOTALS, BreakdownRow, DailyRecord, UserDayCounts
from copilot_usage_cli.model.scope import Scope


class PackedRecords(Sequence[DailyRecord]):
    """Daily records of one scope, each made anew whenever it is read."""

    def __init__(self, scope: Scope, packed: Sequence[bytes]) -> None:
        self._scope = scope
        self._packed = packed

    def __len__(self) -> int:
        return len(self._packed)

    def __iter__(self) -> Iterator[DailyRecord]:
        return (unpack(self._scope, each) for each in self._packed)

    @overload
    def __getitem__(self, index: int) -> DailyRecord: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[DailyRecord]: ...
    def __getitem__(self, index: int | slice) -> DailyRecord | Sequence[DailyRecord]:
        if isinstance(index, slice):
            return PackedRecords(self._scope, self._packed[index])
        return unpack(self._scope, self._packed[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def unpack(scope: Scope, data: bytes) -> DailyRecord:
    """Return the record that was packed, of a scope."""
    plain = marshal.loads(zlib.decompress(data))  # noqa: S302 - what pack() made
    source, day, totals, rows, ides, bits, stated, counts, activity, aggregates = plain
    return DailyRecord.of(
        scope,
        source,
        date.fromordinal(day),
        totals,
        None if rows is None else tuple(map(BreakdownRow._make, rows)),
        _unpack_rows(ides),
        bits,
        None if stated is None else datetime.fromtimestamp(stated[0], UTC).replace(microsecond=stated[1]),
        None if counts is None else UserDayCounts._make(counts),
        Activity(activity[0], *map(_unpack_rows, activity[1:])),
        NO_AGGREGATES if aggregates is None else from_plain(aggregates),
    )


def pack(record: DailyRecord) -> bytes:
    """Pack a record, but for its scope."""
    rows, ides, counts, stated = record.breakdown, record.totals_by_ide, record.user_days, record.stated_at
    plain = marshal.dumps(
        (
            record.source,
            record.day.toordinal(),
            tuple(getattr(record, name) for name in TOTALS),
            None if rows is None else tuple(map(tuple, rows)),
            _pack_rows(ides),
            record.user_bits,
            None if stated is None else (floor(stated.timestamp()), stated.microsecond),
            None if counts is None else tuple(counts),
            (record.activity.totals, *map(_pack_rows, record.activity.tables)),
            None if record.aggregates == NO_AGGREGATES else to_plain(record.aggregates),
        )
    )
    return zlib.compress(plain, 1)


def _pack_rows(rows: ActivityRows) -> tuple[tuple[Any, ...], ...] | None:
    return None if rows is None else tuple(map(tuple, rows))


def _unpack_rows(rows: tuple[tuple[Any, ...], ...] | None) -> ActivityRows:
    return None if rows is None else tuple(map(ActivityRow._make, rows))
