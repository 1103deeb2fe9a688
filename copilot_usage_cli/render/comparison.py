"""Two periods side by side, for people: the headline, and each row, with the change."""

from collections.abc import Callable, Iterator, Sequence

from copilot_usage_cli.model.vocabulary import SCOPE, TIMES
from copilot_usage_cli.render.columns import UNKNOWN, number, part_of, percent, rest_last, time_for_people
from copilot_usage_cli.render.grid import Cell, Column, Grid, cell
from copilot_usage_cli.render.headline import change_cell, short_label
from copilot_usage_cli.render.lines import Line, Span, line
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.render.sections import Page
from copilot_usage_cli.render.table import draw_body
from copilot_usage_cli.render.title import days_of, title_of
from copilot_usage_cli.report.build import Report, Table
from copilot_usage_cli.report.change import change, is_alike, is_countable, is_rate, mean_a_day
from copilot_usage_cli.report.comparison import PREFIX, Comparison
from copilot_usage_cli.report.grouping import DAYS, Row, Value
from copilot_usage_cli.text import plural, shorten, visible

_TOP_LANGUAGES = 5
_NARROW = 60  # columns; a narrower screen shows each number and its change, and not what was before, nor when
_HEADLINE = {
    "active_users_mean": "active users, mean",
    "active_users_peak": "active users, peak",
    "active_users_at_least": "active users, at least",
    "acceptance_rate": "acceptance rate",
    "lines_acceptance_rate": "lines acceptance rate",
    "total_suggestions_count": "suggestions",
    "suggestions_count": "suggestions",
    "total_acceptances_count": "acceptances",
    "acceptances_count": "acceptances",
    "total_lines_suggested": "lines suggested",
    "lines_suggested": "lines suggested",
    "total_lines_accepted": "lines accepted",
    "lines_accepted": "lines accepted",
    "active_chat_users_mean": "chat users, mean",
    "total_chat_turns": "chat turns",
    "total_chat_acceptances": "chat acceptances",
}
# What is worth three columns, and for how long it stays when there is little room.
_METRICS = (
    ("total_active_users", "active users", 75),
    ("active_users_mean", "active users, mean", 75),
    ("total_suggestions_count", "suggestions", 80),
    ("suggestions_count", "suggestions", 80),
    ("acceptance_rate", "acceptance rate", 85),
    ("total_lines_accepted", "lines accepted", 50),
    ("lines_accepted", "lines accepted", 50),
    ("total_chat_turns", "chat turns", 60),
    ("active_users_at_least", "users at least", 40),
    ("prompts", "prompts", 82),
    ("outputs", "outputs", 80),
    ("accepted", "accepted", 55),
    ("lines_added", "lines added", 70),
    ("lines_deleted", "lines deleted", 45),
    ("code_generation_activity_count", "generations", 80),
    ("loc_added_sum", "lines added", 50),
)


def draw_comparison(comparison: Comparison, screen: Screen) -> list[Line]:
    """Draw a comparison for a screen; where there is nothing to compare with, the report alone, and why."""
    page = Page(screen)
    current = comparison.current
    page.title(title_of(current, f"before: {days_of(comparison.previous)}"))
    if comparison.is_empty:
        first, *others = comparison.notes
        on_one_screen = current.query.by is None and not current.query.full and not current.is_empty
        page.lines += [] if on_one_screen else [line()]
        if current.is_empty:
            page.reasons(comparison.notes)
        else:
            page.reasons([first])
            draw_body(page, current, others)
        return page.lines
    narrow = is_narrow(screen)
    if current.query.by is None:
        page.section("", headline_of(comparison, narrow=narrow))
    for title, table in compared_tables(comparison):
        page.section(title, joined_grid(table, rest_last(table), per_day=comparison.per_day, narrow=narrow))
    page.left_out()
    page.notes(comparison.notes)
    return page.lines


def compared_tables(comparison: Comparison) -> Iterator[tuple[str, Table]]:
    """Join what was asked for, or languages and editors, each under a title."""
    if comparison.current.query.by is not None:
        yield "", comparison.table()
        return
    languages = comparison.table("language", top=_TOP_LANGUAGES)
    if languages.rows:
        yield "top languages", languages
    editors = comparison.table("editor")
    if any(row["editor"] is not None for row in editors.rows):
        yield "editors", editors


def headline_of(comparison: Comparison, *, narrow: bool) -> Grid:
    """Lay out the numbers of both whole periods, a line each."""
    now, before = comparison.current.whole(), comparison.previous.whole()
    per_day = comparison.per_day
    rows = []
    single = comparison.current.days == comparison.previous.days == 1
    for name, label in _names(now, per_day=per_day, single=single):
        show = percent if is_rate(name) else _count if single else number
        values = [mean_a_day(row, name) if per_day and is_countable(name) else row.get(name) for row in (now, before)]
        moved = change(*values, points=is_rate(name)) if is_alike(now, before, name) else None
        rows.append(
            (
                cell(short_label(label) if narrow else label),
                cell(show(values[0])),
                cell(show(values[1])),
                change_cell(moved, points=is_rate(name)),
            )
        )
    names = Column("", right=False, folds=narrow)
    if narrow:
        short = [(name, now, moved) for name, now, _, moved in rows]
        return Grid((names, Column("", 100), Column("change", 99)), short, low=True)
    now_column, before_column = (_span(side) for side in (comparison.current, comparison.previous))
    columns = (Column(now_column, 100), Column(before_column, 98, set="before"), Column("change", 99))
    return Grid((names, *columns), rows)


def _span(report: Report) -> str:
    if report.days == 1:
        return str(report.since)
    return f"{report.since} to\n{report.until}\n{len(report.records)} of {plural(report.days, 'day')}"


def _count(value: Value) -> str:
    """Write users of a single day, of which the mean is their number."""
    return number(int(value) if isinstance(value, float) else value)


def _names(whole: Row, *, per_day: bool, single: bool) -> Iterator[tuple[str, str]]:
    """List the columns of the headline that a period, or a `single` day, has, with their labels."""
    for name, label in _HEADLINE.items():
        if name in whole and not (single and name.endswith("_peak")):
            words = label.removesuffix(", mean") if single else label
            yield name, f"{words} a day" if per_day and is_countable(name) else words


def is_narrow(screen: Screen) -> bool:
    """Return whether a screen has no room for what was before."""
    return screen.width is not None and screen.width < _NARROW


def joined_grid(table: Table, entries: Sequence[Row], *, per_day: bool, narrow: bool) -> Grid:
    """Lay out the rows of a comparison's table."""
    columns = [
        Column("period" if name == "total" else name, right=False, folds=name not in TIMES)
        for name in table.grouping.by
    ]
    cells: list[Callable[[Row], Cell]] = [_name(name, narrow=narrow) for name in table.grouping.by]
    if table.grouping.time and table.grouping.time != "total" and not narrow:
        columns.append(Column(f"previous\n{table.grouping.time}", 95, right=False))
        cells.append(_name(PREFIX + table.grouping.time))
    per_day = per_day or any(_of_unlike_days(row) for row in table.rows)
    for metric, label, priority in _METRICS:
        if metric in table.columns:
            countable = is_countable(metric) and f"{metric}{DAYS}" in table.columns
            mean = countable and (per_day or any(_is_known_unlike(row, metric) for row in table.rows))
            words = f"{label} a day" if mean else label
            headers, three = [_two_lines(words), "before", "change"], _three(metric, mean=mean)
            if narrow:
                del headers[1], three[1]
            columns += [Column(header, priority, set=words) for header in headers]
            cells += three
    rows = [tuple(each(row) for each in cells) for row in entries]
    return Grid(tuple(columns), rows)


def _of_unlike_days(row: Row) -> bool:
    """Return whether a week or month, at an edge of its period say, has more days with data than its counterpart."""
    return bool(row.get("days") and row.get(f"{PREFIX}days")) and row["days"] != row[f"{PREFIX}days"]


def _is_known_unlike(row: Row, metric: str) -> bool:
    """Return whether a sum is known on more days on one side than on the other."""
    now, before = row[metric + DAYS], row[PREFIX + metric + DAYS]
    return now is not None and before is not None and now != before


def _three(metric: str, *, mean: bool) -> list[Callable[[Row], Cell]]:
    """Return the cells of a metric: now, before, and the change."""
    show, points = percent if is_rate(metric) else number, is_rate(metric)

    def value(row: Row, prefix: str) -> Value:
        return mean_a_day(row, prefix + metric) if mean else row[prefix + metric]

    def changed(row: Row) -> Span:
        alike = is_alike(row, row, metric, PREFIX)
        return change_cell(change(value(row, ""), value(row, PREFIX), points=points) if alike else None, points=points)

    return [lambda row: cell(show(value(row, ""))), lambda row: cell(show(value(row, PREFIX))), changed]


def _name(name: str, *, narrow: bool = False) -> Callable[[Row], Cell]:
    def written(row: Row) -> Cell:
        if row.get("folded") and name not in {*TIMES, SCOPE}:
            return cell(f"({number(row['folded'])} more)")
        value = row[name]
        if value is None:
            before = row.get(PREFIX + name)  # a narrow screen has no column for it
            return cell(f"{UNKNOWN} ({before})" if narrow and before else UNKNOWN)
        unit = name.removeprefix(PREFIX)
        written = time_for_people(shorten(visible(str(value))), unit)
        days = row.get(f"{PREFIX if name != unit else ''}days")
        return cell(written + ("" if days is None else part_of(days, str(value), unit)))

    return written


def _two_lines(words: str) -> str:
    head, _, last = words.removesuffix(" a day").rpartition(" ")
    if words.endswith(" a day"):
        return f"{head} {last}\na day".lstrip()
    return f"{head}\n{last}" if head else last
