"""List all that an owner has: teams, by today's reports or by the API of teams, or organizations.

From GitHub's REST reference of teams and of Copilot seats, as of November 2026.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from copilot_usage_cli.errors import NotFound, NotUnderstood, UsageError
from copilot_usage_cli.github.client import Client, StatusError
from copilot_usage_cli.github.decoding import decode
from copilot_usage_cli.github.status_errors import AccessRules, explain_status
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.pages import fetch_pages
from copilot_usage_cli.sources.payload import parse_each
from copilot_usage_cli.text import shorten

if TYPE_CHECKING:
    from copilot_usage_cli.sources.reports.teams import TeamLists

_BEHIND = 5  # days that the newest list may be older than the period's last
_LOOK = "see it with `gh api`"


class NoTeamListed(NotFound):
    """GitHub has lists of teams, and none of them has any."""


def list_teams(client: Client, query: Query, jobs: int, *, is_classic: bool) -> "tuple[list[Scope], TeamLists | None]":
    """List the teams of an enterprise or organization that have five licensed members, or if `is_classic`, all.

    The list is that of the period's last day, or the newest before it, and is returned, too; GitHub's API of teams
    knows today's alone. Raises NotFound if there are none.
    """
    if not is_classic:
        try:
            return _listed(client, query)
        except NoTeamListed:
            raise
        except NotFound:
            pass  # this host has no reports: the API of teams is older
    owner = query.scope
    path = f"/{_owners(owner)}/{quote(owner.owner, safe='')}/teams"
    teams = _items(client, owner, (path, "", "slug"), _TEAM_RULES, jobs)
    names = {str(team["slug"]): None for team in teams}
    found = [scope for name in names for scope in _scope(client, owner, owner.kind, owner.owner, name)]
    if not found:
        raise NotFound(f"{owner} has no team that the token from {client.token.where} may see", _team_needs(owner))
    return found, None


def list_organizations(client: Client, enterprise: Scope, jobs: int) -> list[Scope]:
    """List the organizations of an enterprise that give Copilot seats: its reports name none. Raises NotFound."""
    path = f"/enterprises/{quote(enterprise.owner, safe='')}/copilot/billing/seats"
    found: dict[Scope, None] = {}
    for seat in _items(client, enterprise, (path, "seats", "organization"), _SEAT_RULES, jobs):
        if isinstance(login := seat["organization"], str):
            found |= dict.fromkeys(_scope(client, enterprise, "org", login))
    if not found:
        raise NotFound(f"no Copilot seat of {enterprise} names an organization", "name them, or use --scopes FILE")
    return list(found)


def _listed(client: Client, query: Query) -> "tuple[list[Scope], TeamLists]":
    """Read the newest list of who is in which team."""
    from copilot_usage_cli.sources.reports.api import ReportsApi
    from copilot_usage_cli.sources.reports.teams import TeamLists

    owner = query.scope
    api = ReportsApi(client, owner, query.dates_given)
    yesterday = query.today - timedelta(days=1)
    last = min(query.period.until or yesterday, yesterday)
    report = "user-teams-1-day"
    for day in (last - timedelta(days=n) for n in range(_BEHIND)):
        envelope = api.envelope(report, day)
        if envelope is None:
            continue
        lists = TeamLists(owner.kind)
        for _ in parse_each(
            api.lines(report, day, envelope), lists.add, f"{owner}: the report {report} of {day}, line"
        ):
            pass
        if lists.teams:
            return _named(client, owner, lists.of_day(day)), lists
    first = last - timedelta(days=_BEHIND - 1)
    raise NoTeamListed(
        f"{owner}: GitHub lists no team from {first} to {last}",
        "a list comes within two days, and has teams with five licensed members; name teams, or use --scopes FILE",
    )


def _named(client: Client, owner: Scope, teams: Mapping[Any, Any]) -> list[Scope]:
    """Name each team by its slug, or where two have the same, by its id."""
    slugs = [team.slug for team in teams]
    names = sorted(team.slug if slugs.count(team.slug) == 1 else team.id for team in teams)
    return [scope for name in names for scope in _scope(client, owner, owner.kind, owner.owner, name)]


def _scope(client: Client, owner: Scope, *parts: Any) -> list[Scope]:
    """Return the scope that a list names, or nothing, saying so, where that is not a slug."""
    try:
        return [Scope(*parts)]
    except UsageError:
        client.say(f"{owner}: the list names {shorten(str(parts[-1]))!r}, which is not a slug; it is left out")
        return []


def _items(
    client: Client, owner: Scope, what: tuple[str, str, str], rules: AccessRules, jobs: int
) -> list[dict[str, Any]]:
    """Return the objects of all pages of a list: of what path, in what field, if in one, each with what field."""
    path, inside, needed = what
    label = f"{owner}: the answer of {client.address.netloc}"

    def read(body: bytes) -> list[dict[str, Any]]:
        payload = decode(body, label)
        items = payload.get(inside) if inside and isinstance(payload, dict) else payload
        # a seat needn't have an organization
        if not isinstance(items, list) or not all(
            isinstance(item, dict) and (inside or needed in item) for item in items
        ):
            raise NotUnderstood(f"{label} is not a list of {inside or 'teams with a slug each'}", _LOOK)
        return [{needed: _login_of(item.get(needed))} for item in items]

    try:
        return [item for page in fetch_pages(client, path, read, jobs) for item in page]
    except StatusError as refused:
        raise explain_status(refused, owner, client.address, client.token, rules) from None


def _login_of(value: Any) -> Any:
    """Return the login alone of an organization: each is a page of text, and a list has as many as there are seats."""
    return value.get("login") if isinstance(value, dict) else value


def _owners(owner: Scope) -> str:
    return "enterprises" if owner.kind == "enterprise" else "orgs"


def _team_needs(owner: Scope) -> str:
    if owner.kind == "enterprise":
        return "listing its teams requires an enterprise owner, with a classic token that has read:enterprise"
    return "listing its teams requires a member of the organization, with a token that has read:org"


def _seat_needs(_owner: Scope) -> str:
    return (
        "its reports name no organization, and listing them by its Copilot seats requires an enterprise owner or "
        "billing manager, with a classic token that has manage_billing:copilot or read:enterprise; or use --scopes FILE"
    )


_TEAM_RULES = AccessRules(_team_needs, "this host has no API of teams", {}, lambda _scope, _words: None)
_SEAT_RULES = AccessRules(_seat_needs, "this host has no API of Copilot seats", {}, lambda _scope, _words: None)
