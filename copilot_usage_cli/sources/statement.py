"""When a payload was stated, and by whom it is: what decides between two that speak of the same day."""

from datetime import UTC, date, datetime
from typing import Any

from copilot_usage_cli.model.dates import may_have_data
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.payload import InvalidPayload

INHERITED = ("created_at", "report_start_day", "report_end_day", "organization_id", "enterprise_id")
"""What a 28-day report says once for all of its days."""

_WHOLE = "*"
_PART = "+"
_NAMES = {"organization_id": "organization", "enterprise_id": "enterprise"}


def stated_at(payload: dict[str, Any]) -> datetime | None:
    """Return the moment by which statements are ordered: `created_at`, else the day `report_end_day`; else None."""
    created, ended = payload.get("created_at"), payload.get("report_end_day")
    for text in (created, ended):
        if isinstance(text, str):
            try:
                return to_utc(datetime.fromisoformat(text))
            except (ValueError, OverflowError):
                continue
    return None


def to_utc(moment: datetime) -> datetime:
    """Return a moment in UTC, in whole seconds, as the history keeps it; raises OverflowError outside the calendar."""
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return utc.replace(microsecond=0)


def id_text(value: Any) -> str:
    """Write an id as text, whether it came as a number or as a text; empty where there is none."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def reported_days(payload: dict[str, Any]) -> tuple[date, date] | None:
    """Return the first and the last day that a report covers, where it says so and its own day is one of them."""
    try:
        first, last = (date.fromisoformat(payload[name]) for name in ("report_start_day", "report_end_day"))
        day = date.fromisoformat(payload.get("day") or payload["report_end_day"])
    except (KeyError, TypeError, ValueError):
        return None
    for each in (first, last):
        if not may_have_data(each):
            raise InvalidPayload(f" is of a report that covers {each}, of which Copilot has no data", "fetch it again")
    return (first, last) if first <= day <= last else None


class OwnerIds:
    """The id of the organization or enterprise that payloads are of: there is one. Safe to share between threads.

    `joined` if users are joined with a team's members on the id, which leaves out those of another.
    """

    def __init__(self, scope: Scope, *, joined: bool = False) -> None:
        self._whole = scope.kind == "enterprise"
        level = "organization_id" if scope.kind == "org" else "enterprise_id"
        self._fields = () if joined else (level,)
        self._mixes_users = self._whole and scope.team is None
        self._known: dict[str, str] = {}

    def check(self, payload: dict[str, Any], *, is_aggregate: bool = False) -> None:
        """Raise InvalidPayload for a second id at the level of the scope, naming both.

        Users of several organizations make up an enterprise, aggregates of several don't: for these both ids count.
        """
        for name in ("organization_id", "enterprise_id") if is_aggregate else self._fields:
            given = id_text(payload.get(name))
            if not given and is_aggregate and self._whole and payload.get("enterprise_id"):
                given = _WHOLE  # an aggregate of the enterprise, beside one of an organization
            self._compare(name, given, f"give the files of one {_NAMES[name]} only")

    def check_users(self, payload: dict[str, Any]) -> None:
        """Raise InvalidPayload for a line of users if an enterprise's own report and its organizations' are mixed."""
        if self._mixes_users:
            organization = id_text(payload.get("organization_id"))
            given = _PART if organization else _WHOLE
            self._compare("users", given, "give the enterprise's own users report, or those of its organizations")

    def _compare(self, name: str, given: str, hint: str) -> None:
        known = self._known.setdefault(name, given) if given else given
        if known != given:
            words = {_WHOLE: "no organization alone", _PART: "one of its organizations"}
            ids = [words.get(each, f"the {_NAMES.get(name, name)} {each}") for each in (given, known)]
            raise InvalidPayload(f" is of {ids[0]}, others are of {ids[1]}", hint)
