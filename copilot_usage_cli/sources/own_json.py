"""Read back the JSON by day that this tool wrote: the same records, from whatever source they were."""

from datetime import datetime
from typing import Any

from copilot_usage_cli.model.activity import MORE_TABLES
from copilot_usage_cli.model.records import COUNTED, RATED, DailyRecord, UserDayCounts
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import HELD_SOURCES
from copilot_usage_cli.sources.payload import InvalidPayload, count, parse_record, shown
from copilot_usage_cli.sources.reports.fields import read_activity, read_table
from copilot_usage_cli.sources.reports.read_aggregates import read_aggregates
from copilot_usage_cli.sources.statement import to_utc


def is_own(payload: dict[str, Any]) -> bool:
    """Return whether a payload is a daily record that this tool wrote."""
    return payload.get("source") in HELD_SOURCES


def read_own(payload: dict[str, Any], scope: Scope) -> DailyRecord:
    """Read a daily record that this tool wrote; raises InvalidPayload, naming the field."""
    record = parse_record(payload, scope, payload["source"])
    try:
        return record._replace(
            totals_by_ide=read_table(payload, "totals_by_ide"),
            stated_at=_stated_at(payload),
            user_days=_user_days(payload),
            activity=read_activity(payload),
            aggregates=read_aggregates(payload),
        )
    except InvalidPayload as error:
        raise error.at(f" ({record.day})") from None


def _stated_at(payload: dict[str, Any]) -> datetime | None:
    text = payload.get("stated_at")
    if text is None:
        return None
    try:
        return to_utc(datetime.fromisoformat(text))
    except (TypeError, ValueError, OverflowError):
        raise InvalidPayload(f", field stated_at: {shown(text)} is not a moment") from None


def _user_days(payload: dict[str, Any]) -> UserDayCounts | None:
    counts = payload.get("user_days")
    if counts is None:
        return None
    if not isinstance(counts, dict):
        raise InvalidPayload(f", field user_days: {shown(counts)} is not an object")
    try:
        names = ("all", "without_details", *COUNTED)
        everyone, short, *known = (count(counts, name) or 0 for name in names)
        rated, tables = (_all_of(counts, tuple(names)) for names in (RATED, MORE_TABLES))
    except InvalidPayload as error:
        raise error.at(", field user_days") from None
    return UserDayCounts(everyone, short, tuple(known), rated, tables)


def _all_of(counts: dict[str, Any], names: tuple[str, ...]) -> tuple[int, ...]:
    """Read counts that an earlier version didn't write; none if one is missing."""
    return tuple(count(counts, name) or 0 for name in names) if counts.keys() >= set(names) else ()
