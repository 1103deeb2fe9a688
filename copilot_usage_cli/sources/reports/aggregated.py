"""From an aggregated report (a day of an enterprise or organization) to a daily record.

The aggregate has no language by editor, no users by language, and no chat users a day; these stay unknown. Its active
users are of any feature, not only of completions. `totals_by_ide` mixes all features and is kept as GitHub gives it.
"""

from collections.abc import Iterator
from typing import Any

from copilot_usage_cli.model.arithmetic import Sums
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import REPORTS
from copilot_usage_cli.sources.payload import InvalidPayload, count, day_of, not_usage
from copilot_usage_cli.sources.recognition import is_activity, is_of_user, is_other
from copilot_usage_cli.sources.reports.fields import Counters, read_activity, read_counters, read_table
from copilot_usage_cli.sources.reports.read_aggregates import ENGAGEMENT, read_aggregates
from copilot_usage_cli.sources.statement import INHERITED, stated_at


def is_aggregate(payload: dict[str, Any]) -> bool:
    """Return whether a payload is an aggregated day, or a 28-day wrapper of them.

    A day without daily_active_users may be the line of a user whose id is gone: several of one day are several people.
    """
    aggregated = "user_id" not in payload and bool({"day_totals", "daily_active_users"} & payload.keys())
    return aggregated and not is_of_user(payload)


def unwrap_days(payload: dict[str, Any]) -> Iterator[Any]:
    """Yield the days of a 28-day report, with what it says of all; a 1-day report is its one day.

    Raises InvalidPayload.
    """
    wrapped = payload.get("day_totals")
    if wrapped is None:
        yield payload
    elif isinstance(wrapped, list):
        inherited = {name: payload[name] for name in INHERITED if name in payload}
        engagement = {name: payload[name] for name in (ENGAGEMENT,) if name in payload}
        for day in wrapped:
            if isinstance(day, dict):
                # It is of the 28 days up to the last one.
                of_day = engagement if day.get("day") == payload.get("report_end_day") else {}
                yield {**inherited, **of_day, **day}
            else:
                yield day
    else:
        raise InvalidPayload(", field day_totals: it is not a list of days")


def parse_aggregated(payload: Any, scope: Scope) -> DailyRecord:
    """Read one aggregated day; raises InvalidPayload, naming the field."""
    day = day_of(payload)
    if not is_activity(payload) or is_other(payload):
        raise not_usage(payload)
    try:
        counters = read_counters(payload)
        completions: Sums = counters.completions or (None,) * 4
        chat: Sums = counters.chat or (None,) * 2
        totals: Sums = (*completions, count(payload, "daily_active_users"), *chat, None)
        return DailyRecord.of(
            scope,
            REPORTS,
            day,
            totals,
            _breakdown(counters),
            read_table(payload, "totals_by_ide"),
            stated_at=stated_at(payload),
            activity=read_activity(payload),
            aggregates=read_aggregates(payload),
        )
    except InvalidPayload as error:
        raise error.at(f" ({day})") from None


def _breakdown(counters: Counters) -> tuple[BreakdownRow, ...] | None:
    if counters.languages is None:
        return None
    return tuple(BreakdownRow(language, None, *sums) for language, sums in counters.languages.items())
