"""Who is in a team on which day, by the user-teams reports."""

import re
from collections.abc import Mapping
from datetime import date
from threading import Lock
from typing import Any, NamedTuple

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.payload import InvalidPayload, day_of, name_of
from copilot_usage_cli.sources.statement import id_text

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


class TeamLists:
    """The lines of user-teams reports that may be of one team. Safe to share between threads.

    Enterprise teams have the prefix `ent:` in some places, and `core` may be another team than `ent:core`.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._name = (scope.team or "").lower()
        self._lock = Lock()
        self._teams: dict[Team, dict[date, dict[int, str]]] = {}

    def add(self, line: Any) -> None:
        """Add one line; raises InvalidPayload for one that isn't of a user-teams report."""
        user = user_id(line, "user-teams")
        team = Team((name_of(line, "slug") or "").lower(), id_text(line.get("team_id")))
        if team.slug.removeprefix(_PREFIX) != self._name.removeprefix(_PREFIX) and team.id != self._name:
            return
        owner, day = id_text(line.get(OWNER_ID[self._scope.kind])), day_of(line)
        with self._lock:
            self._teams.setdefault(team, {}).setdefault(day, {})[user] = owner

    def members(self) -> Members:
        """Return the members of the team: by its exact slug, else by the slug but for the prefix, else by its id.

        A team that is spelled both ways has one id. Raises UsageError where two teams answer to the name.
        """
        found = [team for team in self._teams if team.slug == self._name]
        found = found or [
            team for team in self._teams if team.slug.removeprefix(_PREFIX) == self._name.removeprefix(_PREFIX)
        ]
        found = found or list(self._teams)
        ids = {team.id for team in found if team.id}
        if len(ids) > 1 or (not ids and len({team.slug for team in found}) > 1):
            both = " and ".join(str(team) for team in sorted(found))
            raise UsageError(f"{self._scope}: {both} answer to this name", "name one by its exact slug or its team_id")
        members: dict[date, dict[int, str]] = {}
        for team, days in self._teams.items():
            if team in found or (team.id and team.id in ids):
                for day, users in days.items():
                    members.setdefault(day, {}).update(users)
        return members


def user_id(line: Any, report: str) -> int:
    """Read a user's id: a number, or the same in a string, as the ids of organizations are."""
    user = line.get("user_id") if isinstance(line, dict) else None
    if type(user) is int:
        return user
    if isinstance(user, str | float) and re.fullmatch(_ID, id_text(user)):
        return int(id_text(user))
    raise InvalidPayload(f" is not a line of a {report} report: user_id is not a number")
