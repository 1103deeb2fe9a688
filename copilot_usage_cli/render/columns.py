"""From a report's rows to grids for people: headers, percentages, thousands separators."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from copilot_usage_cli.model.vocabulary import NAMES
from copilot_usage_cli.render.layout import Column, Grid
from copilot_usage_cli.report.build import Table
from copilot_usage_cli.report.rows import DAYS, USER_DAYS, Row, Value
from copilot_usage_cli.text import shorten, visible

UNKNOWN = "-"
TOP_LANGUAGES = 10
_BLOCKS = "▁▂▃▄▅▆▇█"


class ShownColumn(NamedTuple):
    """A column for people: its name in the report, how it is laid out, and its cell from a row."""

    name: str
    column: Column
    cell: Callable[[Row], str]


def number(value: Value) -> str:
    """Write a count with thousands separators, a mean with one decimal."""
    if value is None:
        return UNKNOWN
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def percent(value: Value) -> str:
    """Write a fraction as a percentage with one decimal."""
    return f"{value:.1%}" if isinstance(value, int | float) else UNKNOWN


def sparkline(values: Sequence[int | float | None]) -> str:
    """Draw numbers as blocks, the highest as a full one; what is unknown stays blank."""
    most = max((value for value in values if value is not None), default=0)
    if not most:
        return ""
    last = len(_BLOCKS) - 1
    return "".join(" " if value is None else _BLOCKS[round(value / most * last)] for value in values)


def mean_of_days(mean: Value, days: Value) -> str:
    """Write a mean with the number of days that it is over: `81.5 (25 d)`."""
    return UNKNOWN if mean is None else f"{number(mean)} ({days} d)"


def grid_of(table: Table, title: str = "", *, share: bool = False, footer: dict[str, str] | None = None) -> Grid:
    """Lay out a report's table for people.

    `share` adds each row's part of all suggestions, `footer` a last row: its cells by the columns' names.
    """
    shown = [_dimension(name) for name in table.grouping.by]
    shown += [
        ShownColumn(name, Column(header, priority), _cell(name))
        for name, header, priority in _METRICS
        if name in table.columns
    ]
    if share:
        shown.append(_share(table))
    rows = tuple(tuple(each.cell(row) for each in shown) for row in rest_last(table))
    last = None if footer is None else tuple(footer.get(each.name, "") for each in shown)
    return Grid(title, tuple(each.column for each in shown), rows, last)


def rest_last(table: Table) -> list[Row]:
    """Put the rows of what was folded last, within their day or week: for people they are not one name among others."""
    time = table.grouping.time
    order = {row[time]: n for n, row in enumerate(table.rows)} if time else {}
    return sorted(table.rows, key=lambda row: (order.get(row[time], 0) if time else 0, bool(row.get("folded"))))


_METRICS = (
    ("days", "days", 70),
    ("total_active_users", "active\nusers", 95),
    ("active_users_mean", "active users\nmean (days)", 95),
    ("active_users_peak", "active users\npeak", 65),
    ("total_suggestions_count", "suggestions", 90),
    ("suggestions_count", "suggestions", 90),
    ("total_acceptances_count", "acceptances", 80),
    ("acceptances_count", "acceptances", 80),
    ("acceptance_rate", "acceptance\nrate", 85),
    ("total_lines_suggested", "lines\nsuggested", 35),
    ("lines_suggested", "lines\nsuggested", 35),
    ("total_lines_accepted", "lines\naccepted", 40),
    ("lines_accepted", "lines\naccepted", 40),
    ("lines_acceptance_rate", "lines\nrate", 60),
    ("active_users_at_least", "users\nat least", 55),
    ("distinct_users", "distinct\nusers", 58),
    ("user_initiated_interaction_count", "prompts", 80),
    ("code_generation_activity_count", "generations", 90),
    ("code_acceptance_activity_count", "acceptances", 85),
    ("loc_suggested_to_add_sum", "lines suggested\nto add", 60),
    ("loc_suggested_to_delete_sum", "lines suggested\nto delete", 30),
    ("loc_added_sum", "lines\nadded", 70),
    ("loc_deleted_sum", "lines\ndeleted", 50),
    ("total_active_chat_users", "chat\nusers", 45),
    ("active_chat_users_mean", "chat users\nmean (days)", 45),
    ("active_chat_users_peak", "chat users\npeak", 42),
    ("total_chat_turns", "chat\nturns", 50),
    ("total_chat_acceptances", "chat\nacceptances", 30),
)


def _cell(name: str) -> Callable[[Row], str]:
    if name.endswith("_rate"):
        return lambda row: percent(row[name])
    if name.endswith("_mean"):
        return lambda row: mean_of_days(row[name], row[name.replace("_mean", "_days")])
    return lambda row: number(row[name]) + partly_known(row, name)


def partly_known(row: Row, name: str) -> str:
    """Say over how many days, or else user-days, a sum is known if not over all: ` (2 d)`, ` (1 of 2)`."""
    if row[name] is None:
        return ""
    known, days = row.get(f"{name}{DAYS}"), row.get("days")
    if known is not None and days is not None and known != days:
        return f" ({known} d)" if known else " (partly)"
    known, user_days = row.get(f"{name}{USER_DAYS}"), row.get("user_days")
    return f" ({known} of {user_days})" if known not in {None, user_days} else ""


def _dimension(name: str) -> ShownColumn:
    def cell(row: Row) -> str:
        if name in NAMES and row.get("folded"):
            names = [each for each in row if each in NAMES]
            return f"({number(row['folded'])} more)" if name == names[0] else ""
        value = row[name]
        return UNKNOWN if value is None else shorten(visible(str(value)))

    header = "period" if name == "total" else name
    return ShownColumn(name, Column(header, numeric=False, folds=name in NAMES), cell)


def _share(table: Table) -> ShownColumn:
    counts = [row["suggestions_count"] for row in table.rows]
    whole = sum(count for count in counts if isinstance(count, int))

    def cell(row: Row) -> str:
        count = row["suggestions_count"]
        return percent(count / whole) if isinstance(count, int) and whole else UNKNOWN

    return ShownColumn("share", Column("share", 75), cell)
