"""From an aggregated report (a day of an enterprise or organization) to a daily record.

The aggregate has no language by editor, no users by language, and no chat users a day; these stay unknown. Its active
users are of any feature, not only of completions. `totals_by_ide` mixes all features and is kept as GitHub gives it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.model.records import IDE_COUNTS, BreakdownRow, DailyRecord, IdeRow
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.payload import count, day_of, name_of, objects
from copilot_usage_cli.sources.reports.fields import Counters, counters

SOURCE = "reports"


def is_aggregate(payload: dict[str, Any]) -> bool:
    """Tell an aggregated day, or a 28-day wrapper of them, from the records of other generations."""
    return "user_id" not in payload and bool({"day_totals", "daily_active_users", "totals_by_feature"} & payload.keys())


def days(payload: dict[str, Any], whose: str) -> Iterator[Any]:
    """Unwrap a 28-day report; a 1-day report is its one day."""
    wrapped = payload.get("day_totals")
    if wrapped is None:
        yield payload
    elif isinstance(wrapped, list):
        yield from wrapped
    else:
        raise NotUnderstood(f"{whose}, field day_totals: it is no list of days", "see it with `gh api`")


def is_no_report(document: Any) -> bool:
    """Tell GitHub's words for a day without a report, which come as a JSON string."""
    return isinstance(document, str) and document.strip().lower().startswith("no report available")


def with_ides(record: DailyRecord, payload: dict[str, Any], place: str) -> DailyRecord:
    """Add a payload's IDE activity to a record that was read from it."""
    return replace(record, totals_by_ide=_ides(payload, place)) if payload.get("totals_by_ide") is not None else record


def aggregated_record(payload: Any, place: str, scope: Scope) -> DailyRecord:
    """Map one aggregated day; raises NotUnderstood, naming the record and the field."""
    day = day_of(payload, place)
    place = f"{place} ({day})"
    found = counters(payload, place)
    suggestions, acceptances, lines_suggested, lines_accepted = found.completions or [None] * 4
    chat_acceptances, chat_turns = found.chat or (None, None)
    return DailyRecord(
        scope,
        SOURCE,
        day,
        total_suggestions_count=suggestions,
        total_acceptances_count=acceptances,
        total_lines_suggested=lines_suggested,
        total_lines_accepted=lines_accepted,
        total_active_users=count(payload, "daily_active_users", place),
        total_chat_acceptances=chat_acceptances,
        total_chat_turns=chat_turns,
        breakdown=_rows(found),
        totals_by_ide=_ides(payload, place),
    )


def _rows(found: Counters) -> tuple[BreakdownRow, ...] | None:
    if found.languages is None:
        return None
    return tuple(BreakdownRow(language, None, *sums) for language, sums in found.languages.items())


def _ides(payload: dict[str, Any], place: str) -> tuple[IdeRow, ...] | None:
    rows = payload.get("totals_by_ide")
    if rows is None:
        return None
    return tuple(
        IdeRow(name_of(row, "ide", place), *(count(row, name, place) for name in IDE_COUNTS))
        for row in objects(rows, place, "totals_by_ide")
    )
