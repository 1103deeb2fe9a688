"""The demo's second generation: today's reports, made up user by user, so that aggregate, users and teams agree.

It answers in place of the API and of the host that the signed links lead to.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any
from urllib.parse import unquote

from copilot_usage_cli.demo.people import (
    PEOPLE,
    aggregates,
    chance_of,
    engagement,
    is_active,
    is_silent,
    repositories,
    uses_agents,
    uses_cli,
)

DOWNLOADS = "https://copilot-reports.github.com"
_PATH = r"/(enterprises|orgs)/([^/]+)/copilot/metrics/reports/([a-z-]+)-(28-day/latest|1-day)"
_COUNTS = (
    "code_generation_activity_count",
    "code_acceptance_activity_count",
    "loc_suggested_to_add_sum",
    "loc_added_sum",
)
_ALL = ("user_initiated_interaction_count", *_COUNTS, "loc_suggested_to_delete_sum", "loc_deleted_sum")
_LANGUAGES = (
    *("python", "typescript", "go", "java", "yaml", "javascript"),
    *("csharp", "shellscript", "sql", "markdown", "terraform", "dockerfile"),
)
_IDES = ("vscode", "vscode", "vscode", "intellij", "intellij", "visualstudio", "neovim")
_MODELS = ("claude-sonnet-5", "gpt-5.4", "auto", "claude-haiku-4.5")
_FIVE = 5
_FIRST_CREDITS = date(2026, 6, 19)
_TEAMS = ("core", "data", "mobile", "platform")
_MOST_ROWS = 10
_WITHOUT_AGENTS = frozenset({"code_completion", "chat_panel_ask_mode"})
_OF_MODELS = {"totals_by_model_feature": ("model", "feature"), "totals_by_language_model": ("language", "model")}


def envelope(target: str, today: date) -> tuple[int, Any]:
    """Answer a call of the reports API: a status and a payload; 204 for a day that has no report."""
    path, _, query = target.partition("?")
    found = re.fullmatch(_PATH, path)
    if found is None or unquote(found[2]).lower() == "missing":
        return 404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
    link = f"{DOWNLOADS}{path}?{query}&sig=made-up"
    newest = today - timedelta(days=2)
    if found[4] != "1-day":
        first = newest - timedelta(days=27)
        return 200, {"download_links": [link], "report_start_day": str(first), "report_end_day": str(newest)}
    day = date.fromisoformat(query.removeprefix("day="))
    if not today - timedelta(days=365) <= day <= newest:
        return 204, None
    return 200, {"download_links": [link], "report_day": str(day)}


def file(target: str, today: date) -> bytes:
    """Return the file that a link leads to."""
    path, _, query = target.partition("?")
    found = re.fullmatch(_PATH, path)
    if found is None:
        return b""
    owners, owner, report = found[1], unquote(found[2]).lower(), found[3]
    if found[4] == "1-day":
        days = [date.fromisoformat(query.removeprefix("day=").partition("&")[0])]
    else:
        days = [today - timedelta(days=n) for n in range(29, 1, -1)]
    if report == "user-teams":
        return _lines(line for day in days for line in _memberships(owners, owner, day))
    if report == "repos":
        identity = _identity(owners, owner)
        return _lines(iter(identity | line for day in days for line in repositories(owners, owner, day)))
    span = {"report_start_day": str(days[0]), "report_end_day": str(days[-1])} if found[4] != "1-day" else {}
    if report == "users":
        start = json.dumps(span)[:-1].encode() + b", " if span else b"{"
        return b"".join(start + line[1:] for day in days for line in _user_lines(owners, owner, day))
    totals = [aggregate(owners, owner, day) for day in days]
    created = {"created_at": f"{today}T03:00:00Z"}
    if not span:
        return json.dumps(totals[0]).encode()
    engaged = {"copilot_feature_engagement": engagement(owners, owner, days[-1])}
    return json.dumps(span | created | engaged | {"day_totals": totals}).encode()


def _lines(lines: Iterator[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _identity(owners: str, owner: str) -> dict[str, str]:
    number = str(int(Random(f"{owners}/{owner}").random() * 1e8))  # noqa: S311 - made-up numbers
    return {"organization_id" if owners == "orgs" else "enterprise_id": number}


def _memberships(owners: str, owner: str, day: date) -> Iterator[dict[str, Any]]:
    for user in range(PEOPLE[owners]):
        team = _TEAMS[user % len(_TEAMS)]
        slug = team if owners == "orgs" else f"ent:{team}"
        yield _who(owners, owner, user, day) | {"team_id": user % len(_TEAMS), "slug": slug}
        if (
            owners == "enterprises" and user < _FIVE
        ):  # a team of the business, which is not the enterprise team ent:core
            yield _who(owners, owner, user, day) | {"team_id": 90, "slug": "mobile"}


def _user_days(owners: str, owner: str, day: date) -> Iterator[dict[str, Any]]:
    for user in range(PEOPLE[owners]):
        chance, drawn = chance_of(owners, owner, user, day)
        if is_active(drawn, day):
            yield _user_day(owners, owner, user, day, chance)
        elif is_silent(drawn):  # of whom GitHub has no telemetry
            yield _who(owners, owner, user, day) | {"used_chat": None, "used_agent": None}


@lru_cache(maxsize=64)
def _user_lines(owners: str, owner: str, day: date) -> tuple[bytes, ...]:
    return tuple(json.dumps(line).encode() + b"\n" for line in _user_days(owners, owner, day))


def _who(owners: str, owner: str, user: int, day: date) -> dict[str, Any]:
    identity = _identity(owners, owner)
    return {"user_id": 1000 + user, "user_login": f"user-{user}", "day": str(day), **identity}


def _user_day(owners: str, owner: str, user: int, day: date, chance: Random) -> dict[str, Any]:
    languages = [
        {"language": language, "feature": "code_completion"} | _completions(chance)
        for language in _LANGUAGES[user % 5 :: 4]
    ]
    prompts = int(chance.random() * 12)
    chat = _row(
        user_initiated_interaction_count=prompts,
        code_generation_activity_count=prompts,
        code_acceptance_activity_count=prompts // 4,
    )
    features: list[dict[str, Any]] = [
        {"feature": "code_completion"} | _added(languages),
        {"feature": "chat_panel_ask_mode"} | chat,
    ]
    features += _of_agents(user, day)
    model = _MODELS[(user + day.day) % len(_MODELS)]
    first = languages[0]["language"]
    with_model = [_answers({"language": first, "model": model} | chat)]
    in_chat = [_answers({"language": first, "feature": "chat_panel_ask_mode"} | chat)]
    agents = [row for row in features if row["feature"] not in _WITHOUT_AGENTS]
    in_editors = _added([row for row in features if row["feature"] != "copilot_cli"])
    ides = [{"ide": _IDES[user % len(_IDES)]} | in_editors]
    if (also := chance.random()) < 0.1:
        second = _row(code_generation_activity_count=1)
        ides = [ides[0] | {name: in_editors[name] - second[name] for name in _ALL}, {"ide": "eclipse"} | second]
    elif also < 0.2:
        ides.append({"ide": "xcode"} | _row())  # opened, and not used
    shown: list[dict[str, Any]] = [*features]
    if user == 1:  # 40.0 is an integer to JSON Schema, and so to programs that keep such files
        shown = [{name: float(n) if type(n) is int else n for name, n in row.items()} for row in features]
    return {
        **_who(owners, owner, user, day),
        **_added(features),
        "totals_by_ide": ides,
        "totals_by_feature": shown,
        "totals_by_language_feature": languages + in_chat + [_answers({"language": first} | row) for row in agents],
        "totals_by_model_feature": [
            {"model": model, "feature": "chat_panel_ask_mode"} | chat,
            *({"model": _MODELS[0]} | row for row in agents),
        ],
        "totals_by_language_model": with_model
        + [_answers({"language": first, "model": _MODELS[0]} | row, "feature") for row in agents],
        "used_chat": prompts > 0,
        "ai_credits_used": round(user % 9 * 3.7 + prompts * 0.41, 2) if day >= _FIRST_CREDITS else None,
    }


def _of_agents(user: int, day: date) -> list[dict[str, Any]]:
    """Return what agents did for a person: answers to prompts, edits that nobody accepts, and the CLI."""
    chance = Random(f"agents {user}/{day}")  # noqa: S311 - made-up numbers
    rows: list[dict[str, Any]] = []
    if uses_agents(user):
        prompts, edits = 1 + int(chance.random() * 8), 2 + int(chance.random() * 12)
        asked = _row(user_initiated_interaction_count=prompts, code_generation_activity_count=prompts)
        lines = {"loc_added_sum": 14 * edits, "loc_deleted_sum": 5 * edits}
        rows.append({"feature": "chat_panel_agent_mode"} | asked)
        rows.append({"feature": "agent_edit"} | _row(code_generation_activity_count=edits, **lines))
    if uses_cli(user):
        prompts = 2 + (user + day.day) % 9
        rows.append({"feature": "copilot_cli"} | _row(user_initiated_interaction_count=prompts, loc_added_sum=prompts))
    return rows


def _answers(row: dict[str, Any], *besides: str) -> dict[str, Any]:
    """Return a row without its prompts, which no table of languages has."""
    return {name: value for name, value in row.items() if name not in {"user_initiated_interaction_count", *besides}}


@lru_cache(maxsize=256)
def aggregate(owners: str, owner: str, day: date) -> dict[str, Any]:
    """Return what the aggregated report says of a day."""
    users = [line for line in _user_days(owners, owner, day) if "totals_by_feature" in line]
    features = _by(("feature",), [row for user in users for row in user["totals_by_feature"]])
    return {
        "day": str(day),
        **_identity(owners, owner),
        "daily_active_users": len(users),
        **_added(features),
        **aggregates(owners, owner, day),
        "totals_by_ide": _by(("ide",), [row for user in users for row in user["totals_by_ide"]]),
        "totals_by_feature": features,
        # GitHub gives the ten largest rows.
        "totals_by_language_feature": _by_language(users),
        **{
            name: _by(dimensions, [row for user in users for row in user[name]])
            for name, dimensions in _OF_MODELS.items()
        },
    }


def _by_language(users: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up languages: of completions the largest alone, so that the rest has to be worked out."""
    rows = _by(("language", "feature"), [row for user in users for row in user["totals_by_language_feature"]])
    completions = [row for row in rows if row["feature"] == "code_completion"]
    return completions[:_MOST_ROWS] + [row for row in rows if row["feature"] != "code_completion"]


def _completions(chance: Random) -> dict[str, int]:
    suggested = 5 + int(chance.random() * 60)
    lines = int(suggested * (1.2 + chance.random()))
    accepted = int(suggested * 0.35 * chance.random() + suggested * 0.1)
    return _row(
        code_generation_activity_count=suggested,
        code_acceptance_activity_count=accepted,
        loc_suggested_to_add_sum=lines,
        loc_added_sum=int(lines * 0.3 * chance.random()),
    )


def _row(**counts: int) -> dict[str, int]:
    return dict.fromkeys(_ALL, 0) | counts


def _added(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {name: sum(row[name] for row in rows) for name in _ALL if all(name in row for row in rows)}


def _by(names: tuple[str, ...], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up rows by one name or two, the largest first."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    added = [dict(zip(names, key, strict=True)) | _added(inside) for key, inside in groups.items()]
    return sorted(added, key=lambda row: -int(row["code_generation_activity_count"]))
