"""Who is in a team on which day, by the user-teams reports."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from threading import Lock
from typing import Any, Literal, NamedTuple, TypeVar

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.payload import InvalidPayload, day_of, name_of
from copilot_usage_cli.sources.statement import id_text

Same = TypeVar("Same", int, str)

OWNER_ID = {"org": "organization_id", "enterprise": "enterprise_id"}

_ID = r"(?a:\d{1,20})"
_PREFIX = "ent:"

Members = Mapping[date, Mapping[int, str]]
"""The users of a team on each day on which it is listed, each with the id of its organization or enterprise."""


class Team(NamedTuple):
    """A team as a user-teams report names it."""

    slug: str
    id: str

    def __str__(self) -> str:
        return f"{self.slug} (team_id {self.id})" if self.id else self.slug


class _Names:
    """Names of teams, in any case: slugs, with or without the prefix, and ids."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name.lower() for name in names}
        self._bare = {name.removeprefix(_PREFIX) for name in self._names}

    def __contains__(self, team: Team) -> bool:
        return team.slug.removeprefix(_PREFIX) in self._bare or team.id in self._names


_MOST_MEMBERS = 400_000  # of all teams and days that are held at a time
_MOST_TEAMS = 50_000
_LESS = "give fewer files at a time"


class TeamLists:
    """The lines of user-teams reports that may be of some teams, or of any. Safe to share between threads.

    Enterprise teams have the prefix `ent:` in some places, and `core` may be another team than `ent:core`.
    """

    def __init__(self, kind: Literal["enterprise", "org"], names: Iterable[str] | None = None) -> None:
        self._owner_id = OWNER_ID[kind]
        self._names = None if names is None else _Names(names)
        self._wanted: dict[Team, bool] = {}
        self._lock = Lock()
        self._days: dict[date, dict[Team, dict[int, str]]] = {}
        self._users: dict[date, set[int]] = {}
        self._kept: dict[Any, Any] = {}
        self._size = 0

    def add(self, line: Any) -> None:
        """Add one line; raises InvalidPayload for one that isn't of a user-teams report."""
        user = user_id(line, "user-teams")
        team = Team((name_of(line, "slug") or "").lower(), id_text(line.get("team_id")))
        if not self._is_wanted(team):
            return
        owner, day = id_text(line.get(self._owner_id)), day_of(line)
        with self._lock:
            user, owner = self._same(user), self._same(owner)
            members = self._days.setdefault(day, {}).setdefault(team, {})
            self._size += user not in members
            if self._size > _MOST_MEMBERS:
                raise InvalidPayload(f" is too much: there are over {_MOST_MEMBERS:,} members of teams", _LESS)
            members[user] = owner
            self._users.setdefault(day, set()).add(user)

    @property
    def teams(self) -> frozenset[Team]:
        """The teams that were listed."""
        return frozenset(team for team, wanted in self._wanted.items() if wanted)

    def of_day(self, day: date) -> dict[Team, dict[int, str]]:
        """Return the users of each team on a day; a team that is spelled in several ways is one of them."""
        listed = self._days.get(day, {})
        by_id: dict[str, Team] = {}
        for team in sorted(listed):
            by_id.setdefault(team.id, team)
        found: dict[Team, dict[int, str]] = {}
        for team, users in listed.items():
            named = [other for other in by_id.values() if other.id and other.slug == team.slug]
            same = by_id[team.id] if team.id else named[0] if len(named) == 1 else team
            found.setdefault(same, {}).update(users)
        return found

    def lists(self, day: date, user: int) -> bool:
        """Return whether a user is in any of the teams on a day."""
        return user in self._users.get(day, ())

    def adopt(self, others: "TeamLists", day: date) -> bool:
        """Take a day from lists that were read before; returns whether they have it."""
        listed = others._days.get(day)  # noqa: SLF001 - of the same class
        for team, users in (listed or {}).items():
            if self._is_wanted(team):
                with self._lock:
                    self._size += len(users)
                    self._days.setdefault(day, {})[team] = users
                    self._users.setdefault(day, set()).update(users)
        return listed is not None

    def forget(self, day: date) -> None:
        """Drop who is in which team on a day; which teams there are is remembered."""
        with self._lock:
            self._size -= sum(map(len, self._days.pop(day, {}).values()))
            self._users.pop(day, None)

    def members(self, scope: Scope) -> Members:
        """Return the members of a team; raises UsageError where two teams answer to its name."""
        found = TeamIndex(self.teams).find(scope)
        members: dict[date, dict[int, str]] = {}
        for day, teams in self._days.items():
            for team in found & teams.keys():
                members.setdefault(day, {}).update(teams[team])
        return members

    def _same(self, value: Same) -> Same:
        """Return the first of equal values, so that it is kept once, however many days have it."""
        same: Same = self._kept.setdefault(value, value)
        return same

    def _is_wanted(self, team: Team) -> bool:
        if team not in self._wanted:
            if len(self._wanted) >= _MOST_TEAMS:
                raise InvalidPayload(f" is too much: there are over {_MOST_TEAMS:,} teams", _LESS)
            self._wanted[team] = self._names is None or team in self._names
        return self._wanted[team]


class TeamIndex:
    """Finds the team that a scope names, among thousands."""

    def __init__(self, teams: Iterable[Team]) -> None:
        self._by_slug: dict[str, list[Team]] = {}
        self._by_id: dict[str, list[Team]] = {}
        for team in teams:
            self._by_slug.setdefault(team.slug.removeprefix(_PREFIX), []).append(team)
            if team.id:
                self._by_id.setdefault(team.id, []).append(team)

    def find(self, scope: Scope) -> frozenset[Team]:
        """Return the team by its exact slug, else by the slug but for the prefix, else by its id; empty if unlisted.

        A team that is spelled in several ways has one id. Raises UsageError where two teams answer to the name.
        """
        name = (scope.team or "").lower()
        alike = self._by_slug.get(name.removeprefix(_PREFIX), [])
        found = [team for team in alike if team.slug == name] or alike or self._by_id.get(name, [])
        ids = {team.id for team in found if team.id}
        if len(ids) > 1 or (not ids and len({team.slug for team in found}) > 1):
            both = " and ".join(str(team) for team in sorted(found))
            how = "its exact slug" if len({team.slug for team in found}) > 1 else "its team_id"
            raise UsageError(f"{scope}: {both} answer to this name", f"name one by {how}")
        return frozenset(found).union(*(self._by_id[each] for each in ids))


def user_id(line: Any, report: str) -> int:
    """Read a user's id: a number, or the same in a string, as the ids of organizations are."""
    user = line.get("user_id") if isinstance(line, dict) else None
    if type(user) is int:
        return user
    if isinstance(user, str | float) and re.fullmatch(_ID, id_text(user)):
        return int(id_text(user))
    raise InvalidPayload(f" is not a line of a {report} report: user_id is not a number")
