"""Name what isn't usage: people save other answers of GitHub's, and this tool's own, and should be told which."""

from collections.abc import Callable
from typing import Any, NamedTuple

from copilot_usage_cli.model.records import TOTALS
from copilot_usage_cli.text import one_line

USER_TEAMS = "a user-teams report, which says who is in which team"
USER_TEAMS_HINT = "give the users report of the same days beside it"

_AGAIN = "fetch it again"
_REPORTS = "usage is in the reports of an enterprise or organization, and of their users"
_SEATS = f"`seats org ORG` reads it; {_REPORTS}"
_CREDITS = f"`credits org ORG` reads it; {_REPORTS}"
_USER_FIELDS = frozenset(
    {
        "ai_adoption_phase",
        "ai_credits_used",
        "used_agent",
        "used_chat",
        "used_cli",
        "used_copilot_app",
        "used_copilot_cloud_agent",
        "used_copilot_coding_agent",
        "user_login",
    }
)
_COUNTERS = frozenset({"user_initiated_interaction_count", "code_generation_activity_count"})
_ARRAYS = frozenset({"totals_by_feature", "totals_by_ide", "totals_by_language_feature"})


class Other(NamedTuple):
    """What a payload is instead of usage, and what to do about it."""

    what: str
    hint: str


def is_classic(payload: dict[str, Any]) -> bool:
    """Return whether a payload has what a day of the classic API has: a breakdown, if only null, or a total."""
    return "breakdown" in payload or any(payload.get(name) is not None for name in TOTALS)


def is_membership(payload: dict[str, Any]) -> bool:
    """Return whether a payload is a line of a user-teams report."""
    return "user_id" in payload and ("team_id" in payload or "slug" in payload) and not _ARRAYS & payload.keys()


def is_user_line(payload: dict[str, Any]) -> bool:
    """Return whether a payload has what a line of a users report has, besides an id and a day."""
    return "user_id" in payload and not payload.keys().isdisjoint(_USER_FIELDS | _ARRAYS | _COUNTERS)


def is_of_user(payload: dict[str, Any]) -> bool:
    """Return whether a payload has what only a user's line has."""
    return not _USER_FIELDS.isdisjoint(payload)


def is_activity(payload: dict[str, Any]) -> bool:
    """Return whether a day of an aggregated report says anything."""
    names = {"daily_active_users", "pull_requests"} | _ARRAYS | _COUNTERS
    return any(payload.get(name) is not None for name in names & payload.keys())


def is_other(payload: dict[str, Any]) -> bool:
    """Return whether a payload is surely something else, whatever counts it has."""
    return any(is_it(payload) for is_it, _ in _OTHERS)


def recognize(payload: dict[str, Any]) -> Other | None:
    """Name what a payload is that isn't a usage record; None for what isn't known either."""
    keys = payload.keys()
    for is_it, other in _OTHERS:
        if is_it(payload):
            return other
    message = payload.get("message")
    if isinstance(message, str) and not _ARRAYS & keys:
        return Other(f"an error answer of GitHub's: {one_line(message)}", _AGAIN)
    if {"scope", "source"} <= keys:
        return Other("a row of this tool's report by other dimensions", "only its JSON by day can be read back")
    if {"date"} <= keys and is_classic(payload):
        return Other("a day of the classic API under another name, `date`", "the classic API calls it `day`: rename it")
    if payload.get("day") is not None and "user_id" not in payload and (_USER_FIELDS | _ARRAYS) & keys:
        return Other(
            "neither a line of a users report, which has a user_id, nor a day of an aggregated one, which has "
            "daily_active_users",
            "save the report whole: without user_id one person's line can't be told from another's",
        )
    return None


def _has_two_days(payload: dict[str, Any]) -> bool:
    return "date" in payload and "day" in payload


def _is_comparison(payload: dict[str, Any]) -> bool:
    return any(name.startswith("previous_") for name in payload)


def _has(*names: str) -> Callable[[dict[str, Any]], bool]:
    wanted = frozenset(names)
    return lambda payload: not wanted.isdisjoint(payload)


_OTHERS: tuple[tuple[Callable[[dict[str, Any]], bool], Other], ...] = (
    (
        _has("download_links"),
        Other("the answer that links to a report, not the report", "fetch its links, or let the tool do it"),
    ),
    (_has("seats", "total_seats"), Other("a list of Copilot seats", _SEATS)),
    (
        _has("assignee", "assigning_team", "last_activity_at", "last_activity_editor", "pending_cancellation_date"),
        Other("a Copilot seat", _SEATS),
    ),
    (_has("seat_breakdown", "seat_management_setting"), Other("a summary of Copilot seats and settings", _SEATS)),
    (_has("usageItems", "timePeriod"), Other("an answer about credits or billing", _CREDITS)),
    (_has("netAmount", "grossAmount", "unitType"), Other("a row of an answer about credits or billing", _CREDITS)),
    (_has("budgets", "budget_amount"), Other("an answer about budgets", _REPORTS)),
    (
        _has("repo_id", "repo_name", "repo_owner_name", "pull_request_review_times"),
        Other(
            "a line of a repository report, which counts pull requests", f"`prs org ORG --by repo` reads it; {_REPORTS}"
        ),
    ),
    (_has_two_days, Other("a record with both a day and a date", "of which one is not GitHub's: leave it out")),
    (_is_comparison, Other("a row of a comparison of this tool's", "only its JSON by day can be read back")),
    (is_membership, Other(USER_TEAMS, USER_TEAMS_HINT)),
)
