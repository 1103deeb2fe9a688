"""Add up a users report, one user-day at a time: what the aggregate can't give, without keeping any user.

A user-day with exactly one IDE is booked under it, every other under the editor `multiple`: for these GitHub doesn't
say which language was used where. Each line is packed and kept until the end, since a later one may take its place.
Users come out as bits of a number, so that distinct users over any days and rows are a union away; no id or name
leaves this module.
"""

import marshal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import repeat
from threading import Lock
from typing import Any, NamedTuple

from copilot_usage_cli.model.arithmetic import Sums, added
from copilot_usage_cli.model.records import (
    COUNTED,
    COUNTS,
    IDE_COUNTS,
    RATED,
    BreakdownRow,
    DailyRecord,
    IdeRow,
    UserDayCounts,
)
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import MULTIPLE, USER_REPORTS
from copilot_usage_cli.sources.payload import InvalidPayload, day_of
from copilot_usage_cli.sources.reports.fields import Counters, read_counters, read_ide_rows
from copilot_usage_cli.sources.reports.teams import OWNER_ID, Members, user_id
from copilot_usage_cli.sources.statement import id_text, stated_at

_SHORT = b""  # a line without details
_NEVER = datetime.min.replace(tzinfo=UTC)


class WholePeriodLine(Exception):
    """A line is of a whole period, not of a day."""


@dataclass(slots=True)
class _Cell:
    sums: Sums | None = None
    users: int = 0


class _UserDay(NamedTuple):
    """What one line says: completions, chat, whether chat was used, the editor, completions by language, IDE rows.

    None is unknown. Names are numbers.
    """

    completions: Sums | None
    chat: Sums | None
    chats: bool | None
    editor: int
    languages: tuple[tuple[int, Sums], ...] | None
    ides: tuple[tuple[int, Sums], ...] | None

    @property
    def has_details(self) -> bool:
        """Whether GitHub has telemetry of the user-day: a quarter of all lines may have none."""
        rows = [*(self.languages or ()), *(self.ides or ())]
        return any(self[at] is not None for at in (0, 1, 2)) or any(n is not None for _, sums in rows for n in sums)

    def known(self) -> Iterator[bool]:
        """Yield whether each of COUNTED is known."""
        for value in (*(self.completions or (None,) * len(COUNTS)), *(self.chat or (None,) * 2)):
            yield value is not None
        yield from _known_in_rows(self.languages, len(COUNTS))
        yield from _known_in_rows(self.ides, len(IDE_COUNTS))


_AT_RATED = [tuple(map(COUNTED.index, names)) for names in RATED.values()]


@dataclass(slots=True)
class _Statement:
    """The lines of one statement about a day, by users; `read` tells when the last of them was."""

    lines: dict[int, bytes] = field(default_factory=dict)
    differs: bool = False
    has_details: bool = False
    others_have_details: bool = False
    read: int = 0

    @property
    def says_something(self) -> bool:
        """Whether there are details of those who count, or if nobody does, of others."""
        return self.has_details if self.lines else self.others_have_details


class UserDays:
    """Sums of user-days. With `members`, only of the users that a team has on that same day.

    Lines of one statement are added up; of two statements about a day the later counts whole, unless it is without any
    details. An enterprise's organizations state their users each by itself. Safe to share between threads.
    """

    def __init__(self, scope: Scope, members: Members | None = None) -> None:
        self._scope = scope
        self._members = members
        self._owner_id = OWNER_ID[scope.kind]
        self._lock = Lock()
        self._statements: dict[date, dict[tuple[str, datetime | None], _Statement]] = {}
        self._read = 0
        self._bits: dict[int, int] = {}
        self._names = _Names()
        self._seen_days: set[date] = set()

    def add(self, payload: Any) -> None:
        """Add one line of a users report.

        Of two lines of a user and day in one statement, the later counts. Raises WholePeriodLine for a line of a whole
        period, InvalidPayload for one that is not a user-day.
        """
        user = user_id(payload, "users")
        if payload.get("day") is None:
            raise WholePeriodLine
        day = day_of(payload)
        is_member = self._members is None or self._is_member(user, day, payload)
        organization = id_text(payload.get("organization_id")) if self._scope.kind == "enterprise" else ""
        key = organization, stated_at(payload)
        found, ides, chats = read_counters(payload), read_ide_rows(payload), _reads_chat(payload)
        with self._lock:
            self._seen_days.add(day)
            self._read += 1
            user_day = self._user_day(found, ides, chats)
            statement = self._statements.setdefault(day, {}).setdefault(key, _Statement())
            statement.read = self._read
            statement.others_have_details |= user_day.has_details
            if is_member:
                statement.has_details |= user_day.has_details
                line = marshal.dumps(tuple(user_day)) if user_day.has_details else _SHORT
                number = self._bits.setdefault(user, len(self._bits))
                statement.differs |= _put(statement.lines, number, line)

    @property
    def has_lines(self) -> bool:
        """Whether there was any line, also of users who don't count."""
        return bool(self._seen_days)

    @property
    def conflicts(self) -> list[date]:
        """The days on which lines of one user and statement differ, in order."""
        return sorted(day for day in self._statements if self._lines(day)[1])

    @property
    def organizations(self) -> frozenset[date]:
        """The days of an enterprise that its organizations stated: others may be missing."""
        return frozenset(day for day, found in self._statements.items() if any(name for name, _ in found))

    def records(self) -> list[DailyRecord]:
        """Return the daily records, in order of days; a team's idle day is 0, not unknown."""
        days = self._seen_days & self._members.keys() if self._members is not None else self._seen_days
        return [self._record(day) for day in sorted(days)]

    def _is_member(self, user: int, day: date, payload: dict[str, Any]) -> bool:
        listed = (self._members or {}).get(day, {}).get(user)
        if listed is None:
            return False
        owner = payload.get(self._owner_id)
        # What doesn't say whose it is can only be of the scope that was asked.
        return owner is None or listed in {"", id_text(owner)}

    def _latest(self, day: date) -> list[tuple[datetime | None, _Statement]]:
        """List the latest statement of each organization, in the order in which they were read."""
        latest: dict[str, tuple[datetime | None, _Statement]] = {}
        for (name, stated), statement in self._statements.get(day, {}).items():
            known = latest.get(name)
            if known is None or _rank(stated, statement) > _rank(*known):
                latest[name] = stated, statement
        if (whole := latest.pop("", None)) is not None:  # the enterprise's own, which states all its organizations
            latest = {name: each for name, each in latest.items() if _rank(*each) >= _rank(*whole)} | {"": whole}
        return sorted(latest.values(), key=lambda each: (each[0] or _NEVER, each[1].read))

    def _lines(self, day: date) -> tuple[dict[int, bytes], bool]:
        """Return the lines that count, by users, and whether any of them differ."""
        latest = self._latest(day)
        if len(latest) == 1:
            return latest[0][1].lines, latest[0][1].differs
        lines: dict[int, bytes] = {}
        differs = False
        before = None
        for stated, statement in latest:
            differs |= statement.differs
            for number, line in statement.lines.items():
                differs |= _put(lines, number, line) and stated == before
            before = stated
        return lines, differs

    def _user_day(self, found: Counters, ides: tuple[IdeRow, ...] | None, chats: bool | None) -> _UserDay:
        if chats is None and found.chat is not None and found.chat[1] is not None:
            chats = found.chat[1] > 0
        languages, names = found.languages, self._names
        return _UserDay(
            found.completions,
            found.chat,
            chats,
            names[_editor(ides)],
            None if languages is None else tuple((names[name], sums) for name, sums in languages.items()),
            None if ides is None else tuple((names[row[0]], row[1:]) for row in ides),
        )

    def _record(self, day: date) -> DailyRecord:
        lines, _ = self._lines(day)
        if not lines:
            return _Day(completions=(0,) * 4, chat=(0,) * 2, chatting=0, has_rows=True).record(self._scope, day, None)
        sums = _Day()
        for number, line in lines.items():
            sums.lines += 1
            if line == _SHORT:
                sums.short += 1
            else:
                user_day = _UserDay._make(marshal.loads(line))  # noqa: S302 - what add() has packed
                sums.add(user_day, 1 << number, self._names.texts)
        stated = max((each for each, _ in self._latest(day) if each is not None), default=None)
        return sums.record(self._scope, day, stated)


def _rank(stated: datetime | None, statement: _Statement) -> tuple[bool, datetime]:
    return statement.says_something, stated or _NEVER


def _put(lines: dict[int, bytes], number: int, line: bytes) -> bool:
    """Put a user's line in the place of an earlier one, unless it has no details; tell whether two differ."""
    known = lines.get(number, _SHORT)
    if known == _SHORT or line not in {_SHORT, known}:
        lines[number] = line
        return known != _SHORT
    return False


class _Names(dict[str | None, int]):
    """Numbers of names, and their texts."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str | None] = []

    def __missing__(self, name: str | None) -> int:
        self[name] = number = len(self)
        self.texts.append(name)
        return number


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

    def add(self, line: _UserDay, bit: int, names: Sequence[str | None]) -> None:
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

    def record(self, scope: Scope, day: date, stated: datetime | None) -> DailyRecord:
        active = None if self.completions[0] is None else self.active
        chatting = None if self.chatting is None else self.chatting.bit_count()
        totals: Sums = (*self.completions, None if active is None else active.bit_count(), *self.chat, chatting)
        return DailyRecord.of(
            scope,
            USER_REPORTS,
            day,
            totals,
            tuple(_row(*names, cell) for names, cell in self.cells.items()) if self.has_rows else None,
            None if self.ides is None else tuple(IdeRow._make((ide, *sums)) for ide, sums in self.ides.items()),
            active,
            stated,
            UserDayCounts(self.lines, self.short, tuple(self.known), tuple(self.rated)),
        )


def _known_in_rows(rows: tuple[tuple[int, Sums], ...] | None, size: int) -> Iterable[bool]:
    """Tell for each count whether all rows have it."""
    if rows is None or not any(None in sums for _, sums in rows):
        return repeat(rows is not None, size)
    return (all(sums[at] is not None for _, sums in rows) for at in range(size))


def _row(language: str | None, editor: str, cell: _Cell) -> BreakdownRow:
    sums = cell.sums or (None,) * 4
    if sums[0] is None:  # nor is it known who was shown any
        return BreakdownRow(language, editor, *sums)
    return BreakdownRow._make((language, editor, *sums, cell.users.bit_count(), cell.users))


def _editor(rows: tuple[IdeRow, ...] | None) -> str:
    """Name the one IDE that was used: a row of zeros is of one that wasn't."""
    used = {row.ide for row in rows or () if any(row[1:])} or {row.ide for row in rows or ()}
    return (used.pop() or MULTIPLE) if len(used) == 1 else MULTIPLE


def _reads_chat(payload: dict[str, Any]) -> bool | None:
    """Return whether a user used chat, as GitHub says on most lines."""
    used = payload.get("used_chat")
    if used is None or isinstance(used, bool):
        return used
    raise InvalidPayload(", field used_chat: it is neither true nor false")
