"""The demo's Copilot seats: an organization's list and summary, and an enterprise's list, with pages by `Link`.

The people are those of the demo's reports. Some have two seats, some seats have nobody, as GitHub's have.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlencode

_PATH = r"/(enterprises|orgs)/([^/]+)/copilot/billing(/seats)?"
ORGANIZATIONS = ("acme", "globex", "initech", "umbrella")
_TEAMS = ("core", "data", "mobile", "platform")
_EDITORS = (
    "vscode/1.139.0/copilot-chat/0.41.0",
    "JetBrains-IC/261.1/copilot-intellij/1.9.0",
    "Neovim/0.11/copilot.lua/1.4",
)
_PEOPLE = {"enterprises": 120, "orgs": 60}
_KEPT_DAYS = 90


class Page(NamedTuple):
    """A status, headers and a payload."""

    status: int
    headers: dict[str, str]
    payload: Any


def answer(target: str, base: str, today: date) -> Page | None:
    """Answer a request for seats; None for another path. `base` is the URL of the API, for links."""
    path, _, query_text = target.partition("?")
    found = re.fullmatch(_PATH, path)
    if found is None:
        return None
    owners, owner, is_list = found[1], unquote(found[2]).lower(), bool(found[3])
    if owner == "missing" or (owners == "enterprises" and not is_list):
        not_found = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
        return Page(404, {}, not_found)
    seats = list(_seats(owners, owner, today))
    people = len({seat["assignee"]["id"] if seat["assignee"] else n for n, seat in enumerate(seats)})
    if not is_list:
        return Page(200, {}, _summary(seats, people))
    query = {name: values[-1] for name, values in parse_qs(query_text).items()}
    page, size = int(query.get("page", 1)), min(int(query.get("per_page", 50)), 100)
    last = max(-(-len(seats) // size), 1)
    links = {name: number for name, number in (("next", page + 1), ("last", last)) if page < last}
    link = ", ".join(
        f'<{base}{path}?{urlencode({**query, "page": number})}>; rel="{name}"' for name, number in links.items()
    )
    listed = seats[(page - 1) * size : page * size]
    return Page(200, {"Link": link} if link else {}, {"total_seats": people, "seats": listed})


def _summary(seats: list[dict[str, Any]], people: int) -> dict[str, Any]:
    ending = sum(seat["pending_cancellation_date"] is not None for seat in seats)
    return {
        "seat_breakdown": {
            "total": people,
            "added_this_cycle": 3,
            "pending_cancellation": ending,
            "pending_invitation": 2,
            "active_this_cycle": people - 12,
            "inactive_this_cycle": 11,
        },
        "seat_management_setting": "assign_selected",
        "plan_type": "business",
        "public_code_suggestions": "block",
    }


def _seats(owners: str, owner: str, today: date) -> Iterator[dict[str, Any]]:
    for user in range(_PEOPLE[owners]):
        seat = _seat(owners, owner, user, today)
        yield seat
        if owners == "enterprises" and user % 25 == 0:  # of another organization, where they are never active
            organization = _organization(ORGANIZATIONS[(user + 1) % len(ORGANIZATIONS)])
            yield seat | {"organization": organization, "last_activity_at": None, "last_activity_editor": None}
    nobody = _seat(owners, owner, 0, today)
    yield nobody | {"assignee": None, "assigning_team": None, "last_activity_at": None, "last_activity_editor": None}


def _seat(owners: str, owner: str, user: int, today: date) -> dict[str, Any]:
    chance = Random(f"seat {owners}/{owner}/{user}")  # noqa: S311 - made-up numbers
    granted = today - timedelta(days=20 + int(500 * chance.random()))
    idle = chance.random()
    ago = int(6 * chance.random()) if idle < 0.75 else 10 + int(75 * chance.random()) if idle < 0.9 else None
    if ago is not None:
        ago = min(ago, (today - granted).days)
    name = ORGANIZATIONS[user % len(ORGANIZATIONS)] if owners == "enterprises" else owner
    ends = today.replace(day=1) + timedelta(days=32) if ago is None and chance.random() < 0.4 else None
    return {
        "created_at": f"{granted}T09:00:00-06:00",
        "updated_at": f"{granted}T09:00:00-06:00",
        "assignee": {"id": 1000 + user, "login": f"user-{user}", "type": "User"},
        "organization": _organization(name),
        "assigning_team": None if user % 10 == 9 else {"slug": _TEAMS[user % len(_TEAMS)], "name": "made up"},
        "pending_cancellation_date": None if ends is None else str(ends.replace(day=1)),
        "last_activity_at": None if ago is None else f"{today - timedelta(days=ago)}T08:30:00-06:00",
        "last_activity_editor": None if ago is None else _EDITORS[user % 5 % len(_EDITORS)],
        "last_authenticated_at": None if ago is None else f"{today - timedelta(days=ago)}T08:00:00-06:00",
        "plan_type": "enterprise" if owners == "enterprises" else "business",
    }


def _organization(name: str) -> dict[str, Any]:
    return {"login": name, "id": sum(map(ord, name)), "type": "Organization"}
