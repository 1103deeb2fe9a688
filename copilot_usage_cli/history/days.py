"""What the history keeps of a daily record: from a record, back to one, and sealed with a checksum."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b
from itertools import starmap
from operator import attrgetter
from typing import Any, NamedTuple

from copilot_usage_cli.history import stored_activity
from copilot_usage_cli.model.activity import NO_ACTIVITY, ActivityRow
from copilot_usage_cli.model.aggregates import NO_AGGREGATES
from copilot_usage_cli.model.arithmetic import at_least, total
from copilot_usage_cli.model.coverage import Coverage
from copilot_usage_cli.model.records import (
    CELL_FIELDS,
    COUNTED,
    RATED,
    TOTALS,
    BreakdownRow,
    DailyRecord,
    UserDayCounts,
)
from copilot_usage_cli.model.scope import Scope

Row = tuple[Any, ...]
_EPOCH = date(1970, 1, 1).toordinal()
_totals_of = attrgetter(*TOTALS)
_cell_of = attrgetter(*CELL_FIELDS)
_encode = json.JSONEncoder(separators=(",", ":")).encode


class StoredDay(NamedTuple):
    """The numbers of a day: its totals, its cells in the file's order and its IDE rows as they came.

    A cell is a tuple of records.CELL_FIELDS, an IDE row its name and ACTIVITY_COUNTS; None where the day has none.
    `stated_at` is in seconds since 1970, `user_days` a JSON array of the fields of UserDayCounts, and `activity` a text
    of stored_activity; None where there is none.
    """

    totals: Row
    cells: Sequence[Row] | None
    ides: Sequence[Row] | None
    stated_at: int | None = None
    user_days: str | None = None
    activity: str | None = None

    @classmethod
    def from_record(cls, record: DailyRecord, names: Mapping[str | None, int]) -> "StoredDay":
        """Return what is kept of a record; `names` are the numbers that order its cells."""
        cells = None
        if record.breakdown is not None:
            cells = sorted(_add_up(record.breakdown), key=lambda cell: (names[cell[0]], names[cell[1]]))
        ides = None if record.totals_by_ide is None else [(*row.names, *row.counts) for row in record.totals_by_ide]
        counts, stated = record.user_days, record.stated_at
        return cls(
            _totals_of(record),
            cells,
            ides,
            None if stated is None else int(stated.timestamp()),
            None if counts is None else _encode([*counts[:2], *counts.known, *counts.rated, *counts.tables]),
            _activity_of(record),
        )

    @property
    def numbers(self) -> "StoredDay":
        """The same without the moment at which it was stated."""
        return self._replace(stated_at=None)

    def keeping_engagement(self, held: str | None) -> "StoredDay":
        """Return the day with the engagement that its activity as it is held has, unless it has its own."""
        if held is None:
            return self
        engagement = stored_activity.from_text(held)[1].engagement
        activity, aggregates = (NO_ACTIVITY, NO_AGGREGATES)
        if self.activity is not None:
            activity, aggregates = stored_activity.from_text(self.activity)
        if engagement is None or aggregates.engagement is not None:
            return self
        return self._replace(activity=stored_activity.to_text(activity, aggregates._replace(engagement=engagement)))

    @property
    def earlier_forms(self) -> "list[StoredDay]":
        """The same day as earlier versions stored it.

        Without what reports say besides activity, without activity, and with fewer counts of user-days or none.
        """
        plain = self._replace(activity=None)
        forms = [plain._replace(user_days=None)]
        if self.activity is not None:
            activity, aggregates = stored_activity.from_text(self.activity)
            if aggregates != NO_AGGREGATES and activity != NO_ACTIVITY:
                forms.append(self._replace(activity=stored_activity.to_text(activity)))
        if self.user_days is not None:
            counts = json.loads(self.user_days)
            known = 2 + len(COUNTED)
            forms += [plain._replace(user_days=_encode(counts[:size])) for size in (known, known + len(RATED))]
        return forms

    @property
    def is_blank(self) -> bool:
        """Whether there is no number at all."""
        rows = [row[2:] for row in self.cells or ()] + [row[1:] for row in self.ides or ()]
        is_known = any(value is not None for row in (self.totals, *rows) for value in row)
        return not is_known and (
            self.activity is None or all(each.is_blank for each in stored_activity.from_text(self.activity))
        )

    def to_record(self, scope: Scope, source: str, day: date) -> DailyRecord:
        """Return the record again."""
        breakdown = None if self.cells is None else tuple(starmap(BreakdownRow, self.cells))
        ides = None if self.ides is None else tuple(ActivityRow((ide,), *counts) for ide, *counts in self.ides)
        stated = None if self.stated_at is None else datetime.fromtimestamp(self.stated_at, UTC)
        counts = None
        if self.user_days is not None:
            everyone, short, *known = json.loads(self.user_days)
            rated = known[len(COUNTED) :]
            tables = rated[len(RATED) :]
            counts = UserDayCounts(
                everyone, short, tuple(known[: len(COUNTED)]), tuple(rated[: len(RATED)]), tuple(tables)
            )
        kept = (NO_ACTIVITY, NO_AGGREGATES) if self.activity is None else stored_activity.from_text(self.activity)
        return DailyRecord.of(scope, source, day, self.totals, breakdown, ides, None, stated, counts, *kept)


class Series(NamedTuple):
    """The days of one scope from one source on one host; the host and the scope compare without case."""

    host: str
    scope: Scope
    source: str

    def checksum(self, day: int, fetched_at: int, stored: StoredDay, *, imported: bool) -> bytes:
        """Seal all that the file holds of a day, names as text."""
        sealed = (self.host.lower(), str(self.scope).lower(), self.source, day, fetched_at, int(imported))
        later = [value for value in stored[3:] if value is not None]  # days of older versions have none
        text = _encode((*sealed, stored.totals, stored.cells, stored.ides, *later))
        return blake2b(text.encode("ascii"), digest_size=8).digest()


def to_number(day: date) -> int:
    """Count the days from 1970-01-01 to `day`."""
    return day.toordinal() - _EPOCH


def to_day(number: int) -> date:
    """Return the day so many days after 1970-01-01; raises ValueError or OverflowError outside the calendar."""
    return date.fromordinal(number + _EPOCH)


def coverage_of(host: str, scope: Scope, by_source: Mapping[str, set[int]]) -> Coverage:
    """Return which days are held of a scope, whose numbers are given by source; raises as `to_day`."""
    days = set().union(*by_source.values())
    first, last = to_day(min(days)), to_day(max(days))  # a damaged file's days are refused before they are counted
    missing = tuple(map(to_day, sorted(set(range(min(days), max(days))) - days)))
    return Coverage(host, scope, tuple(sorted(by_source)), first, last, len(days), missing)


def _activity_of(record: DailyRecord) -> str | None:
    if record.activity == NO_ACTIVITY and record.aggregates == NO_AGGREGATES:
        return None
    return stored_activity.to_text(record.activity, record.aggregates)


def _add_up(rows: Iterable[BreakdownRow]) -> Iterable[Row]:
    """Merge the rows of one language and editor one cell: counts are added, users keep the largest."""
    cells: dict[Row, list[BreakdownRow]] = {}
    for row in rows:
        cells.setdefault((row.language, row.editor), []).append(row)
    for key, same in cells.items():
        if len(same) == 1:
            yield _cell_of(same[0])
        else:
            counts = zip(*(_cell_of(row)[2:-1] for row in same), strict=True)
            yield (*key, *map(total, counts), at_least(same))
