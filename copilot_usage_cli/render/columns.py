"""From a report's rows to grids for people: headers, percentages, thousands separators, bars."""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from copilot_usage_cli.model.vocabulary import TIMES
from copilot_usage_cli.render.grid import Bar, Cell, Column, Grid, Row, cell, text_of
from copilot_usage_cli.render.lines import Span
from copilot_usage_cli.report.build import Table
from copilot_usage_cli.report.change import is_countable, mean_a_day
from copilot_usage_cli.report.grouping import DAYS, ON_KNOWN_DAYS, USER_DAYS, Value
from copilot_usage_cli.report.grouping import Row as ReportRow
from copilot_usage_cli.report.timeline import Absence
from copilot_usage_cli.text import plural, shorten, visible

UNKNOWN = "-"
_WEEK = 7
_BAR = (8, 24)  # columns
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SUGGESTIONS = ("total_suggestions_count", "suggestions_count", "code_generation_activity_count", "outputs")


class ShownColumn(NamedTuple):
    """A column for people: its name in the report, how it is laid out, and its cell from a row."""

    name: str
    column: Column
    cell: Callable[[ReportRow], Cell]


class Look(NamedTuple):
    """How a table is shown.

    `means` a day instead of sums; `parts` of a week or month are marked beside its name, in place of a column of days;
    `share` adds each row's part of all suggestions; `bars` are drawn before columns of a lower priority; `footer` is a
    last row, its cells by the columns' names. `heading` stands above the first dimension; `other` gives columns another
    header and priority.
    """

    means: bool = False
    parts: bool = False
    share: bool = False
    bars: int | None = None
    ruled: bool = True
    footer: dict[str, str] | None = None
    heading: str = ""
    other: Mapping[str, tuple[str, int]] = {}


_PLAIN = Look()


def number(value: Value) -> str:
    """Write a count with thousands separators, a mean with one decimal."""
    if value is None:
        return UNKNOWN
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def percent(value: Value) -> str:
    """Write a fraction as a percentage with one decimal."""
    return f"{value:.1%}" if isinstance(value, int | float) else UNKNOWN


def mean_of_days(mean: Value, days: Value, of: Value = None) -> str:
    """Write a mean with the number of days that it is over, unless that is `of`: `81.5 (25 d)`."""
    if mean is None:
        return UNKNOWN
    return number(mean) if days == of else f"{number(mean)} ({days} d)"


def grid_of(table: Table, look: Look = _PLAIN, entries: Sequence[ReportRow | Absence] | None = None) -> Grid:
    """Lay out a report's table for people.

    `entries` are its rows with what is absent between them. Columns in which nothing is known are left out and named.
    """
    rows = rest_last(table) if entries is None else entries
    shown = [_dimension(name, table, look) for name in table.grouping.by]
    shown += [
        ShownColumn(name, Column(*look.other.get(name, usual)), _cell(name, table, look))
        for name, *usual in METRICS
        if name in table.columns and not (name == "days" and look.parts)
    ]
    known = [row for row in rows if not isinstance(row, Absence)]
    unknown = [
        each
        for each in shown
        if known and each.column.priority and all(text_of(each.cell(row)) == UNKNOWN for row in known)
    ]
    if len(unknown) == len(shown) - len(table.grouping.by):
        del unknown[0]  # one is left to say so
    shown = [each for each in shown if each not in unknown]
    shown = _with_bars(shown, table, known, look)
    drawn = [
        _absent(row, table) if isinstance(row, Absence) else tuple(each.cell(row) for each in shown) for row in rows
    ]
    last = None if look.footer is None else tuple(cell(look.footer.get(each.name, "")) for each in shown)
    names = tuple(each.column.label for each in unknown)
    return Grid(tuple(each.column for each in shown), drawn, last, look.ruled, names)


def rest_last(table: Table) -> list[ReportRow]:
    """Put the rows of what was folded last, within their day or week: for people they are not one name among others."""
    time = table.grouping.time
    order = {row[time]: n for n, row in enumerate(table.rows)} if time else {}
    return sorted(table.rows, key=lambda row: (order.get(row[time], 0) if time else 0, bool(row.get("folded"))))


METRICS = (
    ("days", "days", 70),
    ("total_active_users", "active\nusers", 95),
    ("active_users_mean", "active users\nmean (days)", 95),
    ("active_users_peak", "active users\npeak", 65),
    ("total_suggestions_count", "suggestions", 90),
    ("suggestions_count", "suggestions", 90),
    ("total_acceptances_count", "acceptances", 80),
    ("acceptances_count", "acceptances", 80),
    ("prompts", "prompts", 80),
    ("outputs", "outputs", 90),
    ("accepted", "accepted", 78),
    ("acceptance_rate", "acceptance\nrate", 85),
    ("total_lines_suggested", "lines\nsuggested", 35),
    ("lines_suggested", "lines\nsuggested", 35),
    ("total_lines_accepted", "lines\naccepted", 40),
    ("lines_accepted", "lines\naccepted", 40),
    ("lines_added", "lines\nadded", 70),
    ("lines_deleted", "lines\ndeleted", 50),
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


def _cell(name: str, table: Table, look: Look) -> Callable[[ReportRow], Cell]:
    def text(row: ReportRow) -> str:
        if name == "days":
            return _days(row["days"], str(row[table.grouping.time or ""]), table.grouping.time)
        if name.endswith("_rate"):
            return percent(row[name])
        if name.endswith("_mean"):
            return mean_of_days(row[name], row[name.replace("_mean", "_days")], row["days"] if look.means else None)
        if look.means and is_countable(name):
            days = row.get(f"{name}{DAYS}")
            return mean_of_days(mean_a_day(row, name), days, row["days"])
        return number(row[name]) + partly_known(row, name)

    return lambda row: cell(text(row))


def part_of(days: Value, key: str, unit: str) -> str:
    """Mark a week or month that isn't whole behind its name: `, 5 of 7 d`; nothing behind others."""
    part = _days(days, key, unit)
    return f", {part} d" if " of " in part else ""


def _days(days: Value, key: str, unit: str | None) -> str:
    """Say how many days with data there are, and of how many if that is a part of their week or month."""
    if unit == "week":
        whole = _WEEK
    elif unit == "month":
        whole = monthrange(int(key[:4]), int(key[5:]))[1]
    else:
        return number(days)
    return number(days) if days == whole else f"{number(days)} of {whole}"


def partly_known(row: ReportRow, name: str) -> str:
    """Say over how many days, or else user-days, a sum is known if not over all: ` (2 d)`, ` (1 of 2)`."""
    if row[name] is None:
        return ""
    known, days = row.get(f"{name}{DAYS}"), row.get("days")
    if known is not None and days is not None and known != days:
        whole = row.get(f"{name}{ON_KNOWN_DAYS}")
        return f" ({known} d)" if known and whole in {None, row[name]} else " (partly)"
    known, user_days = row.get(f"{name}{USER_DAYS}"), row.get("user_days")
    return f" ({known} of {user_days})" if known not in {None, user_days} else ""


def time_for_people(key: str, unit: str | None) -> str:
    """Write a key of time, a day with the name of its weekday."""
    return f"{key} {_WEEKDAYS[date.fromisoformat(key).weekday()]}" if unit == "day" else key


def _dimension(name: str, table: Table, look: Look) -> ShownColumn:
    def text(row: ReportRow) -> Cell:
        names = table.grouping.names
        if name in names and row.get("folded"):
            return cell(f"({number(row['folded'])} more)" if name == names[0] else "")
        value = row[name]
        written = time_for_people(UNKNOWN if value is None else shorten(visible(str(value))), name)
        return cell(written + (part_of(row["days"], str(value), name) if look.parts and name in TIMES else ""))

    header = look.heading or ("period" if name == "total" else name)
    is_name = name not in TIMES
    return ShownColumn(
        name, Column(header, right=False, folds=is_name and look.ruled, cuts=is_name and not look.ruled), text
    )


def _absent(absence: Absence, table: Table) -> Row:
    what = "not available yet" if absence.pending else "no data"
    unit = table.grouping.time
    span = time_for_people(absence.first, unit)
    if absence.last != absence.first:
        span += f" to {time_for_people(absence.last, unit)}"
        what += f" for {plural(absence.days, 'day')}"
    names = [Span("")] * (len(table.grouping.by) - 1)
    return (Span(span, "dim"), *names, Span(what, "dim"))


def _with_bars(shown: list[ShownColumn], table: Table, rows: Sequence[ReportRow], look: Look) -> list[ShownColumn]:
    """Add the columns that show each row's part: of all suggestions, or of the most in one row.

    A bar has no heading: it stands right beside the number that it draws.
    """
    name = next((each for each in _SUGGESTIONS if each in table.columns), None)
    if name is None or not (look.share or look.bars):
        return shown
    by_row = {id(row): row[name] if look.share else _a_day(row, name) for row in rows}
    known = [value for value in by_row.values() if isinstance(value, int | float)]
    whole = sum(count for row in table.rows if isinstance(count := row[name], int))
    most = max(known, default=0)

    def part(row: ReportRow, of: float) -> float | None:
        value = by_row[id(row)]
        return value / of if isinstance(value, int | float) and of else None

    columns = list(shown)
    if look.share:
        columns.append(ShownColumn("share", Column("share", 92), lambda row: cell(percent(part(row, whole)))))
    if look.bars and most:
        drawn = Column("", look.bars, right=False, stretches=_BAR)
        beside = [each.name for each in columns].index("share" if look.share else name)
        columns.insert(beside + 1, ShownColumn("bar", drawn, lambda row: Bar(part(row, most))))
    return columns


def _a_day(row: ReportRow, name: str) -> Value:
    mean = mean_a_day(row, name)
    return row[name] if mean is None and row.get("days") == 1 else mean
