"""The lines of users reports: each packed as it is read, and kept until its day is added up.

A later line may take the place of an earlier one, and of two statements about a day the later counts. No id or name
leaves the reports' folder.
"""

import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import repeat
from threading import Lock
from typing import Any, Literal, NamedTuple

from copilot_usage_cli.model.activity import ACTIVITY_COUNTS, ActivityRow
from copilot_usage_cli.model.arithmetic import Sums
from copilot_usage_cli.model.records import COUNTS
from copilot_usage_cli.model.vocabulary import MULTIPLE
from copilot_usage_cli.sources.payload import InvalidPayload, day_of
from copilot_usage_cli.sources.reports.fields import read_activity, read_counters, read_table
from copilot_usage_cli.sources.reports.packed_tables import have_numbers, pack_tables
from copilot_usage_cli.sources.reports.teams import OWNER_ID, user_id
from copilot_usage_cli.sources.statement import id_text, stated_at

SHORT = b""
"""A line without details."""

_NEVER = datetime.min.replace(tzinfo=UTC)
_MOST_BYTES = 80 << 20  # of all lines that are kept at a time: about 150,000
_BYTES_OF_A_LINE = 280  # besides its own
_BYTES_OF_A_STATEMENT = 1_200
_MOST_NAMES = 20_000  # of languages, IDEs, features and models
_LONGEST_NAMES = 4 << 20  # characters, of all of them


class WholePeriodLine(Exception):
    """A line is of a whole period, not of a day."""


class TooManyLines(Exception):
    """There is no room for more lines than those that are kept."""

    def __init__(self) -> None:
        super().__init__(f"all users' days that are added up together take more than {_MOST_BYTES >> 20} MiB")


class UserDay(NamedTuple):
    """What one line says: completions, chat, whether chat was used, the editor, completions by language, IDE rows.

    Then the activity of all features, and its other tables as `pack_tables` packs them. None is unknown. Names are
    numbers.
    """

    completions: Sums | None
    chat: Sums | None
    chats: bool | None
    editor: int
    languages: tuple[tuple[int, Sums], ...] | None
    ides: tuple[tuple[int, Sums], ...] | None
    activity: Sums | None
    tables: bytes

    @property
    def has_details(self) -> bool:
        """Whether GitHub has telemetry of the user-day: a quarter of all lines may have none."""
        rows = [*(self.languages or ()), *(self.ides or ())]
        return (
            any(self[at] is not None for at in (0, 1, 2))
            or any(n is not None for _, sums in rows for n in sums)
            or self.activity is not None
            or have_numbers(self.tables)
        )

    def known(self) -> Iterator[bool]:
        """Yield whether each of COUNTED is known."""
        for value in (*(self.completions or (None,) * len(COUNTS)), *(self.chat or (None,) * 2)):
            yield value is not None
        yield from _known_in_rows(self.languages, len(COUNTS))
        yield from _known_in_rows(self.ides, len(ACTIVITY_COUNTS))


@dataclass(slots=True)
class Statement:
    """The lines of one statement about a day, by users; `read` tells when the last of them was.

    `differing` are the users of whom two lines differ.
    """

    lines: dict[int, bytes] = field(default_factory=dict)
    differing: set[int] = field(default_factory=set)
    has_details: bool = False
    others_have_details: bool = False
    read: int = 0

    @property
    def says_something(self) -> bool:
        """Whether there are details of those who count, or if nobody does, of others."""
        return self.has_details if self.lines else self.others_have_details

    def rank(self, stated: datetime | None) -> tuple[bool, datetime]:
        """Return what orders the statement, made at a moment, among others about its day."""
        return self.says_something, stated or _NEVER

    def put(self, user: int, line: bytes) -> None:
        """Put a user's line in the place of an earlier one, unless it has no details."""
        self.has_details |= line != SHORT
        if put_line(self.lines, user, line):
            self.differing.add(user)


class LinesOfDay(NamedTuple):
    """The lines of a day that count, by users, whether any of them differ, and when the latest statement was made."""

    lines: Mapping[int, bytes]
    differ: bool = False
    stated_at: datetime | None = None


_Key = tuple[str, datetime | None, str | None]
"""Which organization of an enterprise states something, when, and whose users the lines say they are."""


class UserLines:
    """The lines of users reports of an enterprise's or organization's days. Safe to share between threads.

    With `keeps`, only lines of users that it wants on a day are kept, and the others tell whether their statement says
    something. `by_owner` if there are teams, whose members are listed with the owner that their lines must name.
    """

    def __init__(
        self,
        kind: Literal["enterprise", "org"],
        keeps: Callable[[date, int], bool] | None = None,
        *,
        by_owner: bool = False,
    ) -> None:
        self._is_enterprise = kind == "enterprise"
        self._owner_id = OWNER_ID[kind]
        self._keeps = keeps
        self._by_owner = by_owner
        self._lock = Lock()
        self._days: dict[date, dict[_Key, Statement]] = {}
        self._read = 0
        self._bytes = 0
        self._users: dict[int, int] = {}  # each number once, however many days have it
        self._names = _Names()

    @property
    def names(self) -> list[str | None]:
        """The texts of the names in lines, by their numbers."""
        return self._names.texts

    @property
    def days(self) -> frozenset[date]:
        """The days that have lines, also of users who aren't kept."""
        return frozenset(self._days)

    def add(self, payload: Any) -> None:
        """Add one line of a users report.

        Of two lines of a user and day in one statement, the later counts. Raises WholePeriodLine for a line of a whole
        period, TooManyLines for one too many, InvalidPayload for one that is not a user-day.
        """
        user = user_id(payload, "users")
        if payload.get("day") is None:
            raise WholePeriodLine
        day = day_of(payload)
        organization = id_text(payload.get("organization_id")) if self._is_enterprise else ""
        owner = payload.get(self._owner_id) if self._by_owner else None
        key = organization, stated_at(payload), None if owner is None else id_text(owner)
        found, ides, chats = read_counters(payload), read_table(payload, "totals_by_ide"), _reads_chat(payload)
        activity = read_activity(payload)
        if chats is None and found.chat is not None and found.chat[1] is not None:
            chats = found.chat[1] > 0
        languages, names = found.languages, self._names
        with self._lock:
            user_day = UserDay(
                found.completions,
                found.chat,
                chats,
                names[_editor(ides)],
                None if languages is None else tuple((names[name], sums) for name, sums in languages.items()),
                None if ides is None else tuple((names[row.names[0]], row.counts) for row in ides),
                activity.totals,
                pack_tables(activity, names),
            )
            self._read += 1
            statements = self._days.setdefault(day, {})
            if key not in statements:
                statements[key] = Statement()
                self._take(_BYTES_OF_A_STATEMENT)
            statement = statements[key]
            statement.read = self._read
            statement.others_have_details |= user_day.has_details
            if self._keeps is None or self._keeps(day, user):
                line = marshal.dumps(tuple(user_day)) if user_day.has_details else SHORT
                if user not in statement.lines:
                    self._take(_BYTES_OF_A_LINE + len(line))
                statement.put(self._users.setdefault(user, user), line)

    def _take(self, size: int) -> None:
        self._bytes += size
        if self._bytes > _MOST_BYTES:
            raise TooManyLines

    def of_day(self, day: date, members: Mapping[int, str] | None = None) -> LinesOfDay:
        """Return the lines that count on a day; with `members`, only theirs, of the owner that each is listed with."""
        latest = self._latest(day, members)
        stated = max((each for each, _ in latest if each is not None), default=None)
        if len(latest) == 1:
            return LinesOfDay(latest[0][1].lines, bool(latest[0][1].differing), stated)
        lines: dict[int, bytes] = {}
        differ = False
        before = None
        for moment, statement in latest:
            differ |= bool(statement.differing)
            for user, line in statement.lines.items():
                differ |= put_line(lines, user, line) and moment == before
            before = moment
        return LinesOfDay(lines, differ, stated)

    def is_of_organizations(self, day: date) -> bool:
        """Return whether an enterprise's day was stated by its organizations: others may be missing."""
        return any(organization for organization, _, _ in self._days.get(day, {}))

    def forget(self, day: date) -> None:
        """Drop the lines of a day that has been added up."""
        with self._lock:
            for statement in self._days.pop(day, {}).values():
                self._bytes -= _BYTES_OF_A_STATEMENT
                self._bytes -= sum(_BYTES_OF_A_LINE + len(line) for line in statement.lines.values())

    def _latest(self, day: date, members: Mapping[int, str] | None) -> list[tuple[datetime | None, Statement]]:
        """List the latest statement of each organization, in the order in which they were read."""
        latest: dict[str, tuple[datetime | None, Statement]] = {}
        for (name, stated), statement in self._statements(day, members).items():
            known = latest.get(name)
            if known is None or statement.rank(stated) > known[1].rank(known[0]):
                latest[name] = stated, statement
        if (whole := latest.pop("", None)) is not None:  # the enterprise's own, which states all its organizations
            least = whole[1].rank(whole[0])
            latest = {name: each for name, each in latest.items() if each[1].rank(each[0]) >= least} | {"": whole}
        return sorted(latest.values(), key=lambda each: (each[0] or _NEVER, each[1].read))

    def _statements(self, day: date, members: Mapping[int, str] | None) -> dict[tuple[str, datetime | None], Statement]:
        """Reduce a day's statements to the lines of members, whatever owners the lines name."""
        wholes = self._days.get(day, {})
        if members is None and not self._by_owner:
            return {(name, stated): whole for (name, stated, _), whole in wholes.items()}
        found: dict[tuple[str, datetime | None], Statement] = {}
        for (name, stated, owner), whole in sorted(wholes.items(), key=lambda each: each[1].read):
            part = found.setdefault((name, stated), Statement())
            part.read = whole.read
            part.others_have_details |= whole.others_have_details
            for user in whole.lines if members is None else members.keys() & whole.lines.keys():
                # What doesn't say whose it is can only be of the scope that was asked.
                if members is None or owner is None or members[user] in {"", owner}:
                    part.put(user, whole.lines[user])
                    if user in whole.differing:
                        part.differing.add(user)
        return found


def put_line(lines: dict[int, bytes], user: int, line: bytes) -> bool:
    """Put a user's line in the place of an earlier one, unless it has no details; tell whether two differ."""
    known = lines.get(user, SHORT)
    if known == SHORT or line not in {SHORT, known}:
        lines[user] = line
        return known != SHORT
    return False


class _Names(dict[str | None, int]):
    """Numbers of names, and their texts."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str | None] = []
        self._length = 0

    def __missing__(self, name: str | None) -> int:
        self._length += len(name or "")
        if len(self) >= _MOST_NAMES or self._length > _LONGEST_NAMES:
            problem = f" is too much: there are over {_MOST_NAMES:,} names of languages and the like, or very long ones"
            raise InvalidPayload(problem, "give fewer files at a time")
        self[name] = number = len(self)
        self.texts.append(name)
        return number


def _known_in_rows(rows: tuple[tuple[int, Sums], ...] | None, size: int) -> Iterable[bool]:
    """Tell for each count whether all rows have it."""
    if rows is None or not any(None in sums for _, sums in rows):
        return repeat(rows is not None, size)
    return (all(sums[at] is not None for _, sums in rows) for at in range(size))


def _editor(rows: tuple[ActivityRow, ...] | None) -> str:
    """Name the one IDE that was used: a row of zeros is of one that wasn't."""
    used = {row.names[0] for row in rows or () if any(row.counts)} or {row.names[0] for row in rows or ()}
    return (used.pop() or MULTIPLE) if len(used) == 1 else MULTIPLE


def _reads_chat(payload: dict[str, Any]) -> bool | None:
    """Return whether a user used chat, as GitHub says on most lines."""
    used = payload.get("used_chat")
    if used is None or isinstance(used, bool):
        return used
    raise InvalidPayload(", field used_chat: it is neither true nor false")
