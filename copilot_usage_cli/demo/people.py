"""The demo's people: who of them is active on a day, on which surfaces, and what their reports add up to.

Who uses what follows from a person's number, so that all reports of the demo agree.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from copilot_usage_cli.model.repositories import STAGES

PEOPLE = {"enterprises": 120, "orgs": 60}
_FRIDAY = 5
_WEEK, _MONTH = 7, 28  # days
_REPOSITORIES = {"storefront": 0.45, "billing": 0.3, "mobile-app": 0.2, "infra": 0.05}  # shares of the pull requests
_SILENT = 0.97  # drawn above it: active, and without telemetry


def chance_of(owners: str, owner: str, user: int, day: date) -> tuple[Random, float]:
    """Return what draws a person's day, and what is drawn first: whether there is activity."""
    chance = Random(f"{owners}/{owner}/{user}/{day}")  # noqa: S311 - made-up numbers
    return chance, chance.random()


def is_active(drawn: float, day: date) -> bool:
    """Tell by what was drawn first whether a person is active on a day."""
    return drawn < (0.75 if day.isoweekday() <= _FRIDAY else 0.15)


def is_silent(drawn: float) -> bool:
    """Tell whether a person was active, and GitHub has no telemetry of it."""
    return drawn > _SILENT


def uses_agents(user: int) -> bool:
    """Tell whether a person lets agents edit."""
    return user % 3 == 0


def uses_cli(user: int) -> bool:
    """Tell whether a person uses the CLI."""
    return user % 7 == 0


@lru_cache(maxsize=1024)
def active(owners: str, owner: str, day: date) -> frozenset[int]:
    """Return who is active on a day."""
    people = range(PEOPLE[owners])
    return frozenset(user for user in people if is_active(chance_of(owners, owner, user, day)[1], day))


def aggregates(owners: str, owner: str, day: date) -> dict[str, Any]:
    """Return what an aggregated report says of a day besides activity."""

    def users(days: int, uses: Callable[[int], bool] = lambda _: True) -> int:
        return len({user for user in _within(owners, owner, day, days) if uses(user)})

    sunday, first = day.isoweekday() % _WEEK + 1, day.day
    surfaces: dict[str, Callable[[int], bool]] = {
        "active_copilot_cloud_agent": lambda user: user % 10 == 0,
        "active_copilot_code_review": lambda user: user % 4 == 1,
        "passive_copilot_code_review": lambda user: user % 4 == 3,
    }
    counts = {
        "weekly_active_users": users(_WEEK),
        "monthly_active_users": users(_MONTH),
        "monthly_active_chat_users": users(_MONTH, lambda user: user % 5 != 4),
        "monthly_active_agent_users": users(_MONTH, uses_agents),
        **{
            f"{unit}_{surface}_users": users(days, uses)
            for surface, uses in surfaces.items()
            for unit, days in (("daily", 1), ("weekly", _WEEK), ("monthly", _MONTH))
        },
        "daily_active_cli_users": users(1, uses_cli),
        "daily_active_vscode_agent_users": users(1, lambda user: user % 15 == 0),
        "weekly_active_vscode_agent_users": users(sunday, lambda user: user % 15 == 0),
        "monthly_active_vscode_agent_users": users(first, lambda user: user % 15 == 0),
    }
    sessions = [_sessions(user, day) for user in sorted(active(owners, owner, day)) if uses_cli(user)]
    cli = {name: sum(each[name] for each in sessions) for name in ("session_count", "request_count", "prompt_count")}
    tokens = {"output_tokens_sum": 900 * cli["request_count"], "prompt_tokens_sum": 21_000 * cli["request_count"]}
    pulls = _pull_requests(owners, owner, day)
    return {
        **counts,
        "totals_by_cli": cli | {"token_usage": tokens} if sessions else None,
        "pull_requests": pulls,
        "totals_by_ai_adoption_phase": _phases(owners, owner, day, pulls["total_merged"]),
    }


def repositories(owners: str, owner: str, day: date) -> list[dict[str, Any]]:
    """Return the lines of the repositories that had a pull request on a day."""
    whole = _pull_requests(owners, owner, day)
    lines = []
    for number, (name, share) in enumerate(_REPOSITORIES.items(), 1):
        pulls = {key: int(n * share) if isinstance(n, int) else n for key, n in whole.items()}
        minutes = whole["median_minutes_to_merge"]
        pulls["median_minutes_to_merge"] = minutes and round(minutes * (0.8 + 0.15 * number), 2)
        if not pulls["total_created"] and not pulls["total_merged"]:
            continue
        merged = pulls["total_merged"]
        times = {
            f"{what}_minutes_{stage}": 10.25 * number * n
            for n, stage in enumerate(STAGES, 1)
            for what in ("median", "p90")
        }
        of = {"authored_by": "human", "reviewed_by": "human", "total_merged": merged // 2}
        lines.append(
            {
                "day": str(day),
                "repo_id": 70 + number,
                "repo_owner_name": owner if owners == "orgs" else "acme",
                "repo_name": name,
                "repo_visibility": "INTERNAL" if number % 2 else "PRIVATE",
                "pull_requests": pulls,
                "pull_request_review_times": [of | times] if merged > 1 else [],
            }
        )
    return lines


def engagement(owners: str, owner: str, day: date) -> dict[str, Any]:
    """Return who used which feature on two or more of the 28 days up to a day."""
    there = _within(owners, owner, day, _MONTH)
    people = {user for user in there if _phase_of(user) and _days_of(owners, owner, user, day) > 1}
    features: dict[str, Callable[[int], bool]] = {
        "code_completion": lambda _: True,
        "agent_edit": uses_agents,
        "code_review_passive": lambda user: user % 4 == 3,
        "code_review_active": lambda user: user % 4 == 1,
        "cloud_agent": lambda user: user % 10 == 0,
        "copilot_cli": uses_cli,
        "github_app": lambda _: False,
    }
    rows = [{"feature": name, "engaged_user_count": sum(map(uses, people))} for name, uses in features.items()]
    return {"active_user_count": len(there), "totals_by_feature": rows}


def _within(owners: str, owner: str, day: date, days: int) -> set[int]:
    return set().union(*(active(owners, owner, day - timedelta(days=n)) for n in range(days)))


def _days_of(owners: str, owner: str, user: int, day: date) -> int:
    return sum(user in active(owners, owner, day - timedelta(days=n)) for n in range(_MONTH))


def _sessions(user: int, day: date) -> dict[str, int]:
    prompts = 2 + (user + day.day) % 9
    return {"session_count": 1 + prompts // 5, "request_count": 4 * prompts, "prompt_count": prompts}


def _pull_requests(owners: str, owner: str, day: date) -> dict[str, Any]:
    chance = Random(f"pulls {owners}/{owner}/{day}")  # noqa: S311 - made-up numbers
    created = round(len(active(owners, owner, day)) * (0.5 + 0.3 * chance.random()))
    merged = round(created * (0.75 + 0.2 * chance.random()))
    by_agent, agent_merged = created // 6, merged // 8
    suggestions, by_review = 2 * created, created + created // 3
    return {
        "total_created": created,
        "total_created_by_copilot": by_agent,
        "total_merged": merged,
        "total_merged_created_by_copilot": agent_merged,
        "total_merged_reviewed_by_copilot": merged // 3,
        "total_reviewed": created + 2,
        "total_reviewed_by_copilot": created // 2,
        "total_suggestions": suggestions,
        "total_applied_suggestions": suggestions // 3,
        "total_copilot_suggestions": by_review,
        "total_copilot_applied_suggestions": by_review // 4,
        "median_minutes_to_merge": round(200 + 400 * chance.random(), 2) if merged else None,
        "median_minutes_to_merge_copilot_authored": round(90 + 200 * chance.random(), 2) if agent_merged else None,
        "median_minutes_to_merge_copilot_reviewed": round(150 + 300 * chance.random(), 2) if merged // 3 else None,
        "copilot_suggestions_by_comment_type": [],
    }


def _phases(owners: str, owner: str, day: date, merged: int) -> list[dict[str, Any]]:
    people, today = _within(owners, owner, day, _MONTH), active(owners, owner, day)
    rows = []
    for number, name in enumerate(("No Cohort", "Phase 1", "Phase 2", "Phase 3")):
        inside = {user for user in people if _phase_of(user) == number}
        engaged = len(inside & today)
        rows.append(
            {
                "phase": name,
                "phase_number": number,
                "total_engaged_users": engaged,
                "users_in_phase_28d": len(inside),
                "total_pull_requests_merged": merged * engaged * (number + 1) // max(4 * len(today), 1),
            }
        )
    return rows


def _phase_of(user: int) -> int:
    advanced = sum((uses_cli(user), user % 10 == 0, user % 4 == 1))
    return min(1 + advanced, 3) if user % 11 else 0
