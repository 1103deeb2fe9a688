"""A made-up GitHub inside the process: an httpx transport with the four classic endpoints, and today's reports.

The real client talks to it, so that pages, errors and reports can be seen without a token or a network. It is
deterministic by slug, and its clock stands still. The slug `missing` is a 404; the team `small` has no days.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlencode

from copilot_usage_cli.demo import reports
from copilot_usage_cli.github.address import Address
from copilot_usage_cli.github.auth import Token

if TYPE_CHECKING:
    import httpx

TODAY = date(2026, 11, 16)  # a Monday: the 28 days before it are four whole weeks
ADDRESS = Address("https://api.github.com", "github.com", "github.com")
TOKEN = Token("made-up", "the demo")

_PATH = re.compile(r"/(enterprises|orgs)/([^/]+)(?:/team/([^/]+))?/copilot/usage")
_HOST = "api.github.com"
_JSON = "application/json; charset=utf-8"
_KEPT_DAYS = 28
_FRIDAY = 5
# Shares of all completions, and how readily they are accepted.
_LANGUAGES = (
    ("python", 0.23, 0.31), ("typescript", 0.19, 0.28), ("go", 0.12, 0.33), ("javascript", 0.09, 0.26),
    ("java", 0.08, 0.29), ("yaml", 0.06, 0.22), ("typescriptreact", 0.05, 0.27), ("c#", 0.05, 0.30),
    ("shell", 0.04, 0.24), ("sql", 0.03, 0.25), ("markdown", 0.03, 0.17), ("hcl", 0.02, 0.29), ("others", 0.01, 0.21),
)  # fmt: skip
_EDITORS = (("vscode", 0.71), ("jetbrains", 0.22), ("neovim", 0.05), ("visual_studio", 0.02))
_PEOPLE = {"enterprises": 900, "orgs": 140, "team": 18}


def transport() -> "httpx.BaseTransport":
    """Make the transport that answers in GitHub's place."""
    import httpx

    class Demo(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            target = request.url.raw_path.decode("ascii")
            if request.url.host != _HOST:
                return httpx.Response(200, stream=httpx.ByteStream(reports.file(target, TODAY)))
            status, headers, payload = answer(target, request.headers)
            body = b"" if payload is None else json.dumps(payload).encode()
            return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    return Demo()


def answer(target: str, headers: Any) -> tuple[int, dict[str, str], Any]:
    """Answer a request for a path with its query: status, headers and payload."""
    if not headers.get("authorization"):
        return _error(401, "Requires authentication")
    path, _, query_text = target.partition("?")
    if "/copilot/metrics/reports/" in path:
        status, payload = reports.envelope(target, TODAY)
        return status, {"Content-Type": _JSON}, payload
    found = _PATH.fullmatch(path)
    owners, owner, team = (found[1], unquote(found[2]), unquote(found[3] or "")) if found else ("", "missing", "")
    if "missing" in {owner.lower(), team.lower()}:
        return _error(404, "Not Found")
    query = {name: values[-1] for name, values in parse_qs(query_text).items()}
    try:
        first, last = _window(query)
        page, per_page = int(query.get("page", 1)), min(int(query.get("per_page", _KEPT_DAYS)), _KEPT_DAYS)
    except ValueError:
        return _error(422, "Invalid since, until, page or per_page")
    days = [] if team.lower() == "small" else _records(owners, owner.lower(), team.lower(), first, last)
    start = (page - 1) * per_page
    links = {}
    if start + per_page < len(days):
        following = urlencode({**query, "page": page + 1, "per_page": per_page})
        links["Link"] = f'<{ADDRESS.url}{path}?{following}>; rel="next"'
    return 200, {"Content-Type": _JSON, **links}, days[start : start + per_page]


def _error(status: int, message: str) -> tuple[int, dict[str, str], Any]:
    payload = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return status, {"Content-Type": _JSON}, payload


def _window(query: dict[str, str]) -> tuple[date, date]:
    """Read since and until, and keep to the days that GitHub keeps."""
    oldest, newest = TODAY - timedelta(days=_KEPT_DAYS), TODAY - timedelta(days=1)
    since = _day(query["since"]) if "since" in query else oldest
    until = _day(query["until"]) if "until" in query else newest
    if until < since:
        raise ValueError("until precedes since")
    return max(since, oldest), min(until, newest)


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).date()


def _records(owners: str, owner: str, team: str, first: date, last: date) -> list[dict[str, Any]]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [_record(owners, owner, team, day) for day in days if not _is_gap(owner, team, day)]


def _is_gap(owner: str, team: str, day: date) -> bool:
    """Lose one working day, as GitHub does now and then."""
    working_days = [n for n in range(1, _KEPT_DAYS) if (TODAY - timedelta(days=n)).isoweekday() <= _FRIDAY]
    lost = working_days[int(Random(f"{owner}/{team} gap").random() * len(working_days))]  # noqa: S311 - made-up numbers
    return (TODAY - day).days == lost


def _record(owners: str, owner: str, team: str, day: date) -> dict[str, Any]:
    chance = Random(f"{owners}/{owner}/{team}/{day}")  # noqa: S311 - made-up numbers
    people = _PEOPLE["team" if team else owners] * (0.8 + 0.4 * Random(f"{owners}/{owner}/{team}").random())  # noqa: S311
    people *= 0.72 if day.isoweekday() <= _FRIDAY else 0.21
    active = max(1, round(people * (0.9 + 0.2 * chance.random())))
    chatting = round(active * (0.35 + 0.2 * chance.random()))
    rows = [
        row
        for language, share, taste in _LANGUAGES
        for editor, part in _EDITORS
        if (row := _row(language, editor, active * share * part, taste, chance))
    ]
    if chance.random() < 0.3 and len(rows) > 1:  # a pair of language and editor may come twice a day
        few = {"suggestions_count": 3, "acceptances_count": 1, "lines_suggested": 4, "lines_accepted": 1}
        rows.append(rows[1] | few | {"active_users": 1})
    turns = round(chatting * (4 + 3 * chance.random()))
    return {
        "day": day.isoformat(),
        # Now and then GitHub's totals and breakdown differ by a few.
        "total_suggestions_count": _sum(rows, "suggestions_count") + (2 if chance.random() < 0.05 else 0),
        "total_acceptances_count": _sum(rows, "acceptances_count"),
        "total_lines_suggested": _sum(rows, "lines_suggested"),
        "total_lines_accepted": _sum(rows, "lines_accepted"),
        "total_active_users": active,
        "total_chat_acceptances": round(turns * (0.12 + 0.1 * chance.random())),
        "total_chat_turns": turns,
        "total_active_chat_users": chatting,
        "breakdown": rows,
    }


def _row(language: str, editor: str, weight: float, taste: float, chance: Random) -> dict[str, Any] | None:
    suggested = round(weight * (60 + 50 * chance.random()))
    if suggested < 2:
        return None
    accepted = round(suggested * taste * (0.85 + 0.3 * chance.random()))
    lines = round(suggested * (1.4 + 0.8 * chance.random()))
    return {
        "language": language,
        "editor": editor,
        "suggestions_count": suggested,
        "acceptances_count": accepted,
        "lines_suggested": lines,
        "lines_accepted": round(lines * taste * (0.7 + 0.3 * chance.random())),
        "active_users": max(1, round(weight * 2.2)),
    }


def _sum(rows: Sequence[dict[str, Any]], name: str) -> int:
    return sum(int(row[name]) for row in rows)
