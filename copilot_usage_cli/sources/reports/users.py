"""Add up a users report, one user-day at a time: what the aggregate can't give, without keeping any user.

A user-day with exactly one IDE is booked under it, every other under the editor `multiple`: for these GitHub doesn't
say which language was used where. Users are kept as bits of a number, so that distinct users over any days and rows
are a union away; no id or name leaves this module.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any, NamedTuple

from copilot_usage_cli.model.arithmetic import Sums, added
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import USER_REPORTS
from copilot_usage_cli.sources.payload import InvalidPayload, day_of, name_of, objects
from copilot_usage_cli.sources.reports.fields import Counters, read_counters

MULTIPLE = "multiple"
_OWNER_ID = {"org": "organization_id", "enterprise": "enterprise_id"}
_DAYS = 4_000_000  # more than the calendar has
_ID = r"(?a:\d{1,20})"
_LOOK = "see it with `gh api`"

Members = Mapping[date, Mapping[int, str]]
"""The users of a team on each day on which it is listed, each with the id of its organization or enterprise."""


class WholePeriodLine(Exception):
    """A line is of a whole period, not of a day."""


def is_user_day(payload: dict[str, Any]) -> bool:
    """Return whether a payload is a line of a users report."""
    return "user_id" in payload and not is_membership(payload)


def is_membership(payload: dict[str, Any]) -> bool:
    """Return whether a payload is a line of a user-teams report."""
    return "user_id" in payload and ("team_id" in payload or "slug" in payload)


@dataclass(slots=True)
class _Cell:
    sums: Sums | None = None
    users: int = 0


@dataclass(slots=True)
class _Day:
    completions: Sums = (None,) * 4
    chat: Sums = (None,) * 2
    active: int = 0
    chatting: int | None = None
    has_rows: bool = False
    cells: dict[tuple[str | None, str], _Cell] = field(default_factory=dict)


class Member(NamedTuple):
    """A user of a team on a day, with the id of the organization or enterprise."""

    user: int
    owner: str
    day: date


def team_member(line: Any, scope: Scope) -> Member | None:
    """Read a line of a user-teams report; None for another team's.

    Raises InvalidPayload.
    """
    user = _user_id(line, "user-teams")
    if not _is_team(name_of(line, "slug"), scope.team or ""):
        return None
    owner = line.get(_OWNER_ID[scope.kind])
    return Member(user, "" if owner is None else str(owner), day_of(line))


def _user_id(line: Any, report: str) -> int:
    """Read a user's id: a number, or the same in a string, as the ids of organizations are."""
    user = line.get("user_id") if isinstance(line, dict) else None
    if type(user) is int:
        return user
    if isinstance(user, str) and re.fullmatch(_ID, user):
        return int(user)
    raise InvalidPayload(f" is not a line of a {report} report: user_id is not a number", _LOOK)


def _is_team(slug: str | None, team: str) -> bool:
    """Compare slugs without case, and without the prefix that enterprise teams have in some places."""
    return slug is not None and slug.lower().removeprefix("ent:") == team.lower().removeprefix("ent:")


class UserDays:
    """Sums of user-days. With `members`, only of the users that a team has on that same day.

    Safe to share between threads.
    """

    def __init__(self, scope: Scope, members: Members | None = None) -> None:
        self._scope = scope
        self._members = members
        self._owner_id = _OWNER_ID[scope.kind]
        self._lock = Lock()
        self._days: dict[date, _Day] = {}
        self._bits: dict[int, int] = {}
        self._fingerprints: dict[int, int] = {}
        self._seen_days: set[date] = set()
        self.conflicts: set[date] = set()

    def add(self, payload: Any) -> None:
        """Add one line of a users report.

        A repeated line counts once; of two that differ, the first. Raises WholePeriodLine for a line of a whole
        period, InvalidPayload for one that is not a user-day.
        """
        user = _user_id(payload, "users")
        if payload.get("day") is None:
            raise WholePeriodLine
        day = day_of(payload)
        self._seen_days.add(day)
        if self._members is not None and not self._is_member(user, day, payload):
            return
        found = read_counters(payload)
        editor = _editor(payload)
        chats = _chats(payload, found)
        with self._lock:
            number = self._bits.setdefault(user, len(self._bits))
            if not self._is_repeat(number, day, found, editor, chats=chats):
                _book(self._days.setdefault(day, _Day()), found, editor, 1 << number, chats=chats)

    def records(self) -> list[DailyRecord]:
        """Return the daily records, in order of days; a team's idle day is 0, not unknown."""
        days = set(self._days)
        if self._members is not None:
            days |= self._seen_days & self._members.keys()
        return [self._record(day, self._days.get(day) or _idle()) for day in sorted(days)]

    def _is_member(self, user: int, day: date, payload: dict[str, Any]) -> bool:
        listed = (self._members or {}).get(day, {}).get(user)
        if listed is None:
            return False
        owner = payload.get(self._owner_id)
        # What doesn't say whose it is can only be of the scope that was asked.
        return owner is None or listed in {"", str(owner)}

    def _is_repeat(self, number: int, day: date, found: Counters, editor: str, *, chats: bool | None) -> bool:
        languages = None if found.languages is None else tuple(found.languages.items())
        fingerprint = hash((found.completions, found.chat, languages, editor, chats))
        key = number * _DAYS + day.toordinal()
        if key not in self._fingerprints:
            self._fingerprints[key] = fingerprint
            return False
        if self._fingerprints[key] != fingerprint:
            self.conflicts.add(day)
        return True

    def _record(self, day: date, sums: _Day) -> DailyRecord:
        active = None if sums.completions[0] is None else sums.active
        chatting = None if sums.chatting is None else sums.chatting.bit_count()
        totals: Sums = (*sums.completions, None if active is None else active.bit_count(), *sums.chat, chatting)
        breakdown = tuple(_row(*names, cell) for names, cell in sums.cells.items()) if sums.has_rows else None
        return DailyRecord.of(self._scope, USER_REPORTS, day, totals, breakdown, user_bits=active)


def _row(language: str | None, editor: str, cell: _Cell) -> BreakdownRow:
    sums = cell.sums or (None,) * 4
    if sums[0] is None:  # nor is it known who was shown any
        return BreakdownRow(language, editor, *sums)
    return BreakdownRow._make((language, editor, *sums, cell.users.bit_count(), cell.users))


def _idle() -> _Day:
    """Return a day on which nobody did anything: that is known."""
    return _Day(completions=(0,) * 4, chat=(0,) * 2, chatting=0, has_rows=True)


def _book(day: _Day, found: Counters, editor: str, bit: int, *, chats: bool | None) -> None:
    if found.completions is not None:
        day.completions = added(day.completions, found.completions)
        if found.completions[0]:
            day.active |= bit
    if found.chat is not None:
        day.chat = added(day.chat, found.chat)
    if chats is not None:
        day.chatting = (day.chatting or 0) | (bit if chats else 0)
    if found.languages is not None:
        day.has_rows = True
        for language, sums in found.languages.items():
            cell = day.cells.get((language, editor))
            if cell is None:
                cell = day.cells[language, editor] = _Cell()
            cell.sums = added(cell.sums, sums)
            if sums[0]:
                cell.users |= bit


def _editor(payload: dict[str, Any]) -> str:
    rows = payload.get("totals_by_ide")
    names = [] if rows is None else [name_of(row, "ide") for row in objects(rows, "totals_by_ide")]
    return (names[0] or MULTIPLE) if len(names) == 1 else MULTIPLE


def _chats(payload: dict[str, Any], found: Counters) -> bool | None:
    """Return whether a user used chat: GitHub says so on most lines, else the prompts do."""
    used = payload.get("used_chat")
    if used is None:
        turns = found.chat[1] if found.chat else None
        return None if turns is None else turns > 0
    if isinstance(used, bool):
        return used
    raise InvalidPayload(", field used_chat: it is neither true nor false", _LOOK)
