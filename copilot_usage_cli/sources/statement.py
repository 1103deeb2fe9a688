"""When a payload was stated, and by whom it is: what decides between two that speak of the same day."""

from datetime import UTC, date, datetime
from typing import Any

from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.payload import InvalidPayload

INHERITED = ("created_at", "report_start_day", "report_end_day", "organization_id", "enterprise_id")
"""What a 28-day report says once for all of its days."""

_NAMES = {"organization_id": "organization", "enterprise_id": "enterprise"}


def stated_at(payload: dict[str, Any]) -> datetime | None:
    """Return the moment by which statements are ordered: `created_at`, else the day `report_end_day`; else None."""
    created, ended = payload.get("created_at"), payload.get("report_end_day")
    for text in (created, ended):
        if isinstance(text, str):
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                continue
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None


def reported_days(payload: dict[str, Any]) -> tuple[date, date] | None:
    """Return the first and the last day that a report covers, where it says so and its own day is one of them."""
    try:
        first, last = (date.fromisoformat(payload[name]) for name in ("report_start_day", "report_end_day"))
        day = date.fromisoformat(payload.get("day") or payload["report_end_day"])
    except (KeyError, TypeError, ValueError):
        return None
    return (first, last) if first <= day <= last else None


class OwnerIds:
    """The id of the organization or enterprise that payloads are of: there is one. Safe to share between threads."""

    def __init__(self, scope: Scope) -> None:
        level = "organization_id" if scope.kind == "org" else "enterprise_id"
        self._fields = (level,) if scope.team is None else ()  # a team's members are joined on the id
        self._known: dict[str, str] = {}

    def check(self, payload: dict[str, Any], *, is_aggregate: bool = False) -> None:
        """Raise InvalidPayload for a second id at the level of the scope, naming both.

        Users of several organizations make up an enterprise, aggregates of several don't: for these both ids count.
        """
        for name in ("organization_id", "enterprise_id") if is_aggregate else self._fields:
            given = payload.get(name)
            if given is None or given == "":
                continue
            known = self._known.setdefault(name, str(given))
            if known != str(given):
                what = _NAMES[name]
                raise InvalidPayload(
                    f" is of the {what} {given}, others are of the {what} {known}", f"give the files of one {what} only"
                )
