"""Add up a users report, one user-day at a time: what the aggregate can't give, without keeping any user.

A user-day with exactly one IDE is booked under it, every other under the editor `multiple`: for these GitHub doesn't
say which language was used where. Users come out as bits of a number, so that distinct users over any days and rows are
a union away.
"""

import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.model.activity import MORE_TABLES, WITHOUT_PROMPTS, Activity, ActivityRow, ActivityRows
from copilot_usage_cli.model.arithmetic import Sums, added
from copilot_usage_cli.model.records import (
    COUNTED,
    RATED,
    BreakdownRow,
    DailyRecord,
    UserDayCounts,
)
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import MULTIPLE, USER_REPORTS
from copilot_usage_cli.sources.reports.packed_tables import Tables, unpack_tables
from copilot_usage_cli.sources.reports.teams import Members
from copilot_usage_cli.sources.reports.user_lines import SHORT, LinesOfDay, UserDay, UserLines

_MOST_BITS = 400 << 20  # of users, in all rows of a day
_LINES_BETWEEN = 1_000


@dataclass(slots=True)
class _Cell:
    sums: Sums | None = None
    users: int = 0


class UserSums:
    """Adds up the lines of one scope's users, day by day, and remembers which users are which bits."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._bits: dict[int, int] = {}
        self.conflicts: list[date] = []

    def record(self, lines: UserLines, day: date, members: Mapping[int, str] | None = None) -> DailyRecord:
        """Return a day's record; with `members`, of theirs alone. A team's idle day is 0, not unknown."""
        found = lines.of_day(day, members)
        if found.differ:
            self.conflicts.append(day)
        if not found.lines:
            idle = _Day(completions=(0,) * 4, chat=(0,) * 2, chatting=0, has_rows=True)
            return idle.record(self._scope, day, None, ())
        return self._added_up(found, lines.names).record(self._scope, day, found.stated_at, lines.names)

    def _added_up(self, found: LinesOfDay, names: Sequence[str | None]) -> "_Day":
        sums = _Day()
        for user, line in found.lines.items():
            sums.lines += 1
            number = self._bits.setdefault(user, len(self._bits))
            if line == SHORT:
                sums.short += 1
            else:
                user_day = UserDay._make(marshal.loads(line))  # noqa: S302 - what UserLines has packed
                sums.add(user_day, 1 << number, names)
            if not sums.lines % _LINES_BETWEEN and sums.rows * number > _MOST_BITS:
                raise NotUnderstood(
                    f"{self._scope}: a day has too many languages and editors for so many users to be counted apart",
                    "the aggregated reports, --source reports, have sums of them",
                )
        return sums


class UserDays:
    """The users of one scope, added up once all lines are read. With `members`, only of a team on each day."""

    def __init__(self, scope: Scope, members: Members | None = None) -> None:
        self._scope = scope
        self._members = members
        self._lines = UserLines(scope.kind, None if members is None else self._is_member, by_owner=members is not None)

    def add(self, payload: Any) -> None:
        """Add one line of a users report, as UserLines does."""
        self._lines.add(payload)

    @property
    def has_lines(self) -> bool:
        """Whether there was any line, also of users who don't count."""
        return bool(self._lines.days)

    @property
    def organizations(self) -> frozenset[date]:
        """The days of an enterprise that its organizations stated: others may be missing."""
        return frozenset(filter(self._lines.is_of_organizations, self._lines.days))

    def records(self) -> list[DailyRecord]:
        """Return the daily records, in order of days."""
        sums = UserSums(self._scope)
        return [sums.record(self._lines, day, members) for day, members in self._days()]

    @property
    def conflicts(self) -> list[date]:
        """The days on which lines of one user and statement differ, in order."""
        return [day for day, members in self._days() if self._lines.of_day(day, members).differ]

    def _days(self) -> list[tuple[date, Mapping[int, str] | None]]:
        members = self._members
        if members is None:
            return [(day, None) for day in sorted(self._lines.days)]
        return [(day, members[day]) for day in sorted(self._lines.days & members.keys())]

    def _is_member(self, day: date, user: int) -> bool:
        return user in (self._members or {}).get(day, {})


_AT_RATED = [tuple(map(COUNTED.index, names)) for names in RATED.values()]


@dataclass(slots=True)
class _Day:
    """The sums of a day's user-days."""

    completions: Sums = (None,) * 4
    chat: Sums = (None,) * 2
    active: int = 0
    chatting: int | None = None
    has_rows: bool = False
    cells: dict[tuple[str | None, str], _Cell] = field(default_factory=dict)
    ides: dict[str | None, Sums] | None = None
    lines: int = 0
    short: int = 0
    known: list[int] = field(default_factory=lambda: [0] * len(COUNTED))
    rated: list[int] = field(default_factory=lambda: [0] * len(RATED))
    activity: Sums | None = None
    tables: list[dict[tuple[int, ...], _Cell] | None] = field(default_factory=lambda: [None] * len(MORE_TABLES))
    tables_known: list[int] = field(default_factory=lambda: [0] * len(MORE_TABLES))

    @property
    def rows(self) -> int:
        """How many rows have users."""
        return len(self.cells) + sum(len(cells or ()) for cells in self.tables)

    def add(self, line: UserDay, bit: int, names: Sequence[str | None]) -> None:
        known = tuple(line.known())
        for at, is_known in enumerate(known):
            self.known[at] += is_known
        for at, (above, below) in enumerate(_AT_RATED):
            self.rated[at] += known[above] and known[below]
        if line.completions is not None:
            self.completions = added(self.completions, line.completions)
            if line.completions[0]:
                self.active |= bit
        if line.chat is not None:
            self.chat = added(self.chat, line.chat)
        if line.chats is not None:
            self.chatting = (self.chatting or 0) | (bit if line.chats else 0)
        if line.languages is not None:
            self.has_rows = True
            for language, sums in line.languages:
                cell = self.cells.setdefault((names[language], names[line.editor] or MULTIPLE), _Cell())
                cell.sums = added(cell.sums, sums)
                if sums[0]:
                    cell.users |= bit
        if line.ides is not None:
            self.ides = self.ides or {}
            for ide, sums in line.ides:
                self.ides[names[ide]] = added(self.ides.get(names[ide]), sums)
        if line.activity is not None:
            self.activity = added(self.activity, line.activity)
        self._add_tables(unpack_tables(line.tables), bit)

    def _add_tables(self, tables: Tables, bit: int) -> None:
        for at, rows in enumerate(tables):
            if rows is None:
                continue
            cells = self.tables[at]
            if cells is None:
                cells = self.tables[at] = {}
            is_known = True
            for key, counts in rows:
                cell = cells.setdefault(key, _Cell())
                cell.sums = added(cell.sums, counts)
                if any(counts):
                    cell.users |= bit
                is_known &= None not in counts[_FIRST_KNOWN[at] :]
            self.tables_known[at] += is_known

    def record(self, scope: Scope, day: date, stated: datetime | None, names: Sequence[str | None]) -> DailyRecord:
        active = None if self.completions[0] is None else self.active
        chatting = None if self.chatting is None else self.chatting.bit_count()
        totals: Sums = (*self.completions, None if active is None else active.bit_count(), *self.chat, chatting)
        return DailyRecord.of(
            scope,
            USER_REPORTS,
            day,
            totals,
            tuple(_row(*names, cell) for names, cell in self.cells.items()) if self.has_rows else None,
            None if self.ides is None else tuple(ActivityRow((ide,), *sums) for ide, sums in self.ides.items()),
            active,
            stated,
            UserDayCounts(self.lines, self.short, tuple(self.known), tuple(self.rated), tuple(self.tables_known)),
            Activity(self.activity, *(_table(cells, names) for cells in self.tables)),
        )


_FIRST_KNOWN = tuple(int(table in WITHOUT_PROMPTS) for table in MORE_TABLES)


def _table(cells: dict[tuple[int, ...], _Cell] | None, names: Sequence[str | None]) -> ActivityRows:
    if cells is None:
        return None
    return tuple(
        ActivityRow._make((tuple(names[number] for number in key), *(cell.sums or ()), cell.users))
        for key, cell in cells.items()
    )


def _row(language: str | None, editor: str, cell: _Cell) -> BreakdownRow:
    sums = cell.sums or (None,) * 4
    if sums[0] is None:  # nor is it known who was shown any
        return BreakdownRow(language, editor, *sums)
    return BreakdownRow._make((language, editor, *sums, cell.users.bit_count(), cell.users))
