"""The demo's first generation: the four endpoints of the classic usage API, with pages by `Link`.

It is deterministic by slug. The slug `missing` is a 404; the team `small` has no days.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlencode

_PATH = r"/(enterprises|orgs)/([^/]+)(?:/team/([^/]+))?/copilot/usage"
JSON = "application/json; charset=utf-8"
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


class Answer(NamedTuple):
    """What GitHub would answer: a status, headers and a payload, None for no body."""

    status: int
    headers: dict[str, str]
    payload: Any


def answer(target: str, base: str, today: date) -> Answer:
    """Answer a request for a path with its query; `base` is the URL of the API, for links to further pages."""
    path, _, query_text = target.partition("?")
    found = re.fullmatch(_PATH, path)
    owners, owner, team = (found[1], unquote(found[2]), unquote(found[3] or "")) if found else ("", "missing", "")
    if "missing" in {owner.lower(), team.lower()}:
        return refusal(404, "Not Found")
    query = {name: values[-1] for name, values in parse_qs(query_text).items()}
    try:
        first, last = _window(query, today)
        page, per_page = int(query.get("page", 1)), min(int(query.get("per_page", _KEPT_DAYS)), _KEPT_DAYS)
    except ValueError:
        return refusal(422, "Invalid since, until, page or per_page")
    days = [] if team.lower() == "small" else _records(owners, owner.lower(), team.lower(), first, last, today)
    start = (page - 1) * per_page
    links = {}
    if start + per_page < len(days):
        following = urlencode({**query, "page": page + 1, "per_page": per_page})
        links["Link"] = f'<{base}{path}?{following}>; rel="next"'
    return Answer(200, {"Content-Type": JSON, **links}, days[start : start + per_page])


def refusal(status: int, message: str) -> Answer:
    """Return GitHub's form of an error."""
    payload = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return Answer(status, {"Content-Type": JSON}, payload)


def _window(query: dict[str, str], today: date) -> tuple[date, date]:
    """Read since and until, and keep to the days that GitHub keeps."""
    oldest, newest = today - timedelta(days=_KEPT_DAYS), today - timedelta(days=1)
    since = _day(query["since"]) if "since" in query else oldest
    until = _day(query["until"]) if "until" in query else newest
    if until < since:
        raise ValueError("until precedes since")
    return max(since, oldest), min(until, newest)


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).date()


def _records(  # noqa: PLR0913, PLR0917 - whose days, and which
    owners: str, owner: str, team: str, first: date, last: date, today: date
) -> list[dict[str, Any]]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [_record(owners, owner, team, day) for day in days if not _is_gap(owner, team, day, today)]


def _is_gap(owner: str, team: str, day: date, today: date) -> bool:
    """Lose one working day, as GitHub does now and then."""
    working_days = [n for n in range(1, _KEPT_DAYS) if (today - timedelta(days=n)).isoweekday() <= _FRIDAY]
    lost = working_days[int(Random(f"{owner}/{team} gap").random() * len(working_days))]  # noqa: S311 - made-up numbers
    return (today - day).days == lost


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
