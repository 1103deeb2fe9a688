"""From an aggregated report (a day of an enterprise or organization) to a daily record.

The aggregate has no language by editor, no users by language, and no chat users a day; these stay unknown. Its active
users are of any feature, not only of completions. `totals_by_ide` mixes all features and is kept as GitHub gives it.
"""

from collections.abc import Iterator
from typing import Any

from copilot_usage_cli.model.arithmetic import Sums
from copilot_usage_cli.model.records import IDE_COUNTS, BreakdownRow, DailyRecord, IdeRow
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import REPORTS
from copilot_usage_cli.sources.payload import CountFields, InvalidPayload, count, day_of, name_of, objects
from copilot_usage_cli.sources.reports.fields import Counters, read_counters

_ide_counts = CountFields(IDE_COUNTS)


def is_aggregate(payload: dict[str, Any]) -> bool:
    """Return whether a payload is an aggregated day, or a 28-day wrapper of them, and not of another generation."""
    return "user_id" not in payload and bool({"day_totals", "daily_active_users", "totals_by_feature"} & payload.keys())


def unwrap_days(payload: dict[str, Any]) -> Iterator[Any]:
    """Yield the days of a 28-day report; a 1-day report is its one day. Raises InvalidPayload."""
    wrapped = payload.get("day_totals")
    if wrapped is None:
        yield payload
    elif isinstance(wrapped, list):
        yield from wrapped
    else:
        raise InvalidPayload(", field day_totals: it is not a list of days", "see it with `gh api`")


def with_ide_activity(record: DailyRecord, payload: dict[str, Any]) -> DailyRecord:
    """Add a payload's IDE activity to a record that was read from it; raises InvalidPayload."""
    return record if payload.get("totals_by_ide") is None else record._replace(totals_by_ide=_ide_rows(payload))


def parse_aggregated(payload: Any, scope: Scope) -> DailyRecord:
    """Read one aggregated day; raises InvalidPayload, naming the field."""
    day = day_of(payload)
    try:
        counters = read_counters(payload)
        completions: Sums = counters.completions or (None,) * 4
        chat: Sums = counters.chat or (None,) * 2
        totals: Sums = (*completions, count(payload, "daily_active_users"), *chat, None)
        return DailyRecord.of(scope, REPORTS, day, totals, _breakdown(counters), _ide_rows(payload))
    except InvalidPayload as error:
        raise error.at(f" ({day})") from None


def _breakdown(counters: Counters) -> tuple[BreakdownRow, ...] | None:
    if counters.languages is None:
        return None
    return tuple(BreakdownRow(language, None, *sums) for language, sums in counters.languages.items())


def _ide_rows(payload: dict[str, Any]) -> tuple[IdeRow, ...] | None:
    rows = payload.get("totals_by_ide")
    if rows is None:
        return None
    return tuple(IdeRow(name_of(row, "ide"), *_ide_counts.read(row)) for row in objects(rows, "totals_by_ide"))
