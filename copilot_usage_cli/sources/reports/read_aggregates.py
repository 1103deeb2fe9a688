"""Read what aggregated reports say of a day besides activity; all of it may be null or absent.

From GitHub's "Data available in Copilot usage metrics", as of November 2026.
"""

from collections.abc import Sequence
from typing import Any

from copilot_usage_cli.model.activity import Counts
from copilot_usage_cli.model.aggregates import (
    ACTIVE_USERS,
    MEDIANS,
    PULL_REQUESTS,
    SESSIONS,
    Aggregates,
    Engagement,
    Phase,
    PullRequests,
)
from copilot_usage_cli.sources.payload import MOST, CountFields, InvalidPayload, count, name_of, objects, shown

ENGAGEMENT = "copilot_feature_engagement"
PHASES = "totals_by_ai_adoption_phase"

_active_users = CountFields(ACTIVE_USERS)
_pull_requests = CountFields(PULL_REQUESTS)
_MOST_ROWS = 100
_TOKENS = 3  # from this place on, the names of SESSIONS stand in token_usage


def read_aggregates(payload: dict[str, Any]) -> Aggregates:
    """Read a day; raises InvalidPayload, naming the field."""
    users = _active_users.read(payload)
    return Aggregates(
        None if all(value is None for value in users) else users,
        read_pull_requests(payload),
        _read_phases(payload),
        _read_engagement(payload),
        _read_sessions(payload, "totals_by_cli"),
        _read_sessions(payload, "totals_by_copilot_app"),
    )


def read_pull_requests(payload: dict[str, Any]) -> PullRequests | None:
    """Read the pull requests of a day; raises InvalidPayload, naming the field."""
    found = _object(payload, "pull_requests")
    if found is None:
        return None
    try:
        return PullRequests(_pull_requests.read(found), tuple(read_minutes(found, name) for name in MEDIANS))
    except InvalidPayload as error:
        raise error.at(", pull_requests") from None


def _read_phases(payload: dict[str, Any]) -> tuple[Phase, ...] | None:
    rows = payload.get(PHASES)
    if rows is None:
        return None
    try:
        return tuple(
            Phase(name_of(row, "phase"), *(count(row, name) for name in Phase._fields[1:]))
            for row in _few(rows, PHASES)
        )
    except InvalidPayload as error:
        raise error.at(f", {PHASES}") from None


def _read_engagement(payload: dict[str, Any]) -> Engagement | None:
    found = _object(payload, ENGAGEMENT)
    if found is None:
        return None
    rows: Sequence[dict[str, Any]] = []
    try:
        if found.get("totals_by_feature") is not None:
            rows = _few(found["totals_by_feature"], "totals_by_feature")
        features = tuple((name_of(row, "feature"), count(row, "engaged_user_count")) for row in rows)
        return Engagement(count(found, "active_user_count"), features)
    except InvalidPayload as error:
        raise error.at(f", {ENGAGEMENT}") from None


def _read_sessions(payload: dict[str, Any], field: str) -> Counts | None:
    found = _object(payload, field)
    if found is None:
        return None
    try:
        tokens = _object(found, "token_usage") or {}
        return tuple(count(found if n < _TOKENS else tokens, name) for n, name in enumerate(SESSIONS))
    except InvalidPayload as error:
        raise error.at(f", {field}") from None


def _few(rows: Any, field: str) -> list[dict[str, Any]]:
    """Return the rows of phases or features, of which GitHub has a handful."""
    found = objects(rows, field)
    if len(found) > _MOST_ROWS:
        raise InvalidPayload(f", field {field}: it has more than {_MOST_ROWS} rows")
    return found


def _object(payload: dict[str, Any], field: str) -> dict[str, Any] | None:
    value = payload.get(field)
    if value is None or isinstance(value, dict):
        return value
    raise InvalidPayload(f", field {field}: {shown(value)} is not an object")


def read_minutes(payload: dict[str, Any], field: str) -> float | None:
    """Read a number of minutes, None where there is none; raises InvalidPayload, naming the field."""
    value = payload.get(field)
    if value is None:
        return None
    if type(value) in {int, float} and 0 <= value <= MOST:
        return float(value)
    raise InvalidPayload(f", field {field}: {shown(value)} is not a number of minutes")
