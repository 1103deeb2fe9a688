"""Daily records as they are read: of each day only what may count is kept, and no more than there is room for.

A few compressed bytes can be a million sound records of one day, so it is not enough to look at each by itself.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import NamedTuple

from copilot_usage_cli.model.activity import ActivityRow
from copilot_usage_cli.model.records import DailyRecord, keeping_engagement
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.packing import PackedRecords, pack, unpack
from copilot_usage_cli.sources.payload import InvalidPayload

_MOST_REPEATS = 50_000  # of days that were read before; a file saved each day repeats each of them 28 times
_MOST_BYTES = 80 << 20  # that all scopes together take, packed
_MOST_SCOPES = 10_000
_BYTES_OF_A_SCOPE = 2_200
_BYTES_OF_A_RECORD = 350  # besides its own
_MOST_ROWS = 200_000  # of one scope, which a report looks at together: those of 800 languages and editors on 250 days
_LONG_NAME = 200  # characters that take as much memory as a row
_MOST_NAMES = 20_000  # of languages and editors, in pairs
_ROWS_OF_A_RECORD = 4  # that take as much memory as one without rows
_NEVER = datetime.min.replace(tzinfo=UTC)
_LESS = "read less at a time: fewer files, a shorter period, or history import, which keeps what came before"


class Room:
    """How much of what is read there is room for, of all scopes of a run together; between threads about as much."""

    def __init__(self) -> None:
        self._scopes = 0
        self._repeats = 0
        self._bytes = 0

    def open(self) -> None:
        """Count a scope; raises InvalidPayload for one too many."""
        self._scopes += 1
        if self._scopes > _MOST_SCOPES:
            raise InvalidPayload(f" is of one more than {_MOST_SCOPES:,} scopes", _LESS)
        self.take(_BYTES_OF_A_SCOPE)

    def repeat(self) -> None:
        """Count a record of a day that was read before; raises InvalidPayload for one too many."""
        self._repeats += 1
        if self._repeats > _MOST_REPEATS:
            raise InvalidPayload(f" is one of more than {_MOST_REPEATS:,} of days that were read before", _LESS)

    def take(self, size: int) -> None:
        """Count so many bytes more, or less; raises InvalidPayload for one too many."""
        self._bytes += size
        if self._bytes > _MOST_BYTES:
            raise InvalidPayload(f" is too much: all records together take more than {_MOST_BYTES >> 20} MiB", _LESS)


class _Kept(NamedTuple):
    """A record that is kept: its place among all, its moment, how many rows it has, and itself, packed."""

    place: int
    moment: datetime
    rows: int
    packed: bytes


class KeptDays:
    """The daily records of one scope, in the order in which they came.

    Of a day from a source the latest statement is kept, and of several that are equally late and differ the last two,
    which is all that `merge` looks at.
    """

    def __init__(self, scope: Scope, room: Room) -> None:
        self._scope = scope
        self._room = room
        self._kept: dict[tuple[date, str, bool], list[_Kept]] = {}
        self._rows = 0
        self._names: set[int] = set()
        room.open()

    def __bool__(self) -> bool:
        return bool(self._kept)

    def add(self, record: DailyRecord, place: int = 0) -> None:
        """Take a record, the `place`-th of all; raises InvalidPayload if there is no room."""
        held = self._kept.setdefault((record.day, record.source, record.is_blank), [])
        if held:
            self._room.repeat()
        moment = record.stated_at or _NEVER
        if held and moment < held[-1].moment:
            self._keep_engagement(held, record)
            return
        while held and moment > held[-1].moment:
            record = keeping_engagement(record, unpack(self._scope, held[0].packed))
            self._drop(held)
        if held and unpack(self._scope, held[-1].packed) == record:
            held[-1] = held[-1]._replace(place=place)
            return
        rows = _ROWS_OF_A_RECORD + sum(map(_weight, _names(record)))
        self._rows += rows
        if self._rows > _MOST_ROWS:
            raise InvalidPayload(f" is too much: all records of {self._scope} have over {_MOST_ROWS:,} rows", _LESS)
        self._names.update(map(hash, _names(record)))
        if len(self._names) > _MOST_NAMES:
            raise InvalidPayload(f" is too much: there are over {_MOST_NAMES:,} languages and editors", _LESS)
        held.append(_Kept(place, moment, rows, pack(record)))
        self._room.take(_BYTES_OF_A_RECORD + len(held[-1].packed))
        if len(held) > 2:
            self._drop(held)

    def numbered(self) -> list[tuple[int, DailyRecord]]:
        """List what is kept, with the places."""
        return [(each.place, unpack(self._scope, each.packed)) for each in self._in_order()]

    def records(self) -> PackedRecords:
        """Return what is kept."""
        return PackedRecords(self._scope, [each.packed for each in self._in_order()])

    def _keep_engagement(self, held: list[_Kept], earlier: DailyRecord) -> None:
        """Keep what an earlier statement alone says, of all that it does."""
        if earlier.aggregates.engagement is None:
            return
        before = held[-1].packed
        held[-1] = held[-1]._replace(packed=pack(keeping_engagement(unpack(self._scope, before), earlier)))
        self._room.take(len(held[-1].packed) - len(before))

    def _drop(self, held: list[_Kept]) -> None:
        first = held.pop(0)
        self._rows -= first.rows
        self._room.take(-_BYTES_OF_A_RECORD - len(first.packed))

    def _in_order(self) -> list[_Kept]:
        return sorted((each for held in self._kept.values() for each in held), key=lambda each: each.place)


def _weight(names: tuple[str | None, ...]) -> int:
    """Return how many rows a row takes as much memory as, which names make longer."""
    return 1 + sum(len(name) for name in names if name) // _LONG_NAME


def _names(record: DailyRecord) -> Iterable[tuple[str | None, ...]]:
    yield from (row[:2] for row in record.breakdown or ())
    yield from (row.names for rows in _activity_rows(record) for row in rows)
    yield from ((phase.phase,) for phase in record.aggregates.phases or ())
    if record.aggregates.engagement is not None:
        yield from ((feature,) for feature, _ in record.aggregates.engagement.features)


def _activity_rows(record: DailyRecord) -> Iterable[tuple[ActivityRow, ...]]:
    return (rows for rows in (record.totals_by_ide, *record.activity.tables) if rows is not None)
