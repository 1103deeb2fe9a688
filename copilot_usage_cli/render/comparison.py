"""Two periods side by side, for people: the headline, and each row, with the change."""

from collections.abc import Callable, Iterator

from copilot_usage_cli.render.columns import TOP_LANGUAGES, UNKNOWN, number, percent, rest_last
from copilot_usage_cli.render.layout import Column, Grid, wrap
from copilot_usage_cli.render.painter import notes, paint, painter_for
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.render.table import answerer, only
from copilot_usage_cli.report.build import Report, Table
from copilot_usage_cli.report.comparison import PREFIX, Comparison
from copilot_usage_cli.report.rows import DAYS, ON_KNOWN_DAYS, USER_DAYS, Row, Value
from copilot_usage_cli.text import shorten, visible

_COUNTABLE = ("_count", "_sum", "_accepted", "_turns")
_COUNTS = {
    "suggestions_count": "suggestions",
    "acceptances_count": "acceptances",
    "lines_suggested": "lines suggested",
    "lines_accepted": "lines accepted",
    "chat_turns": "chat turns",
    "chat_acceptances": "chat acceptances",
}
_KNOWN_AS = {  # users are those who were shown completions, or used chat
    "total_active_users": "total_suggestions_count",
    "active_users_mean": "total_suggestions_count",
    "active_users_at_least": "suggestions_count",
    "total_active_chat_users": "total_chat_turns",
    "active_chat_users_mean": "total_chat_turns",
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
    ("code_generation_activity_count", "generations", 80),
    ("loc_added_sum", "lines added", 50),
)


def render_comparison(comparison: Comparison, screen: Screen) -> str:
    """Render a comparison for a screen."""
    painter = painter_for(screen)
    width = screen.width
    current = comparison.current
    source = f"source: {current.source}" if current.source else ""
    parts = (
        str(current.query.scope),
        only(current.query.filter),
        _side(current),
        f"before: {_side(comparison.previous)}",
        source,
        answerer(current.query),
    )
    painter.lines(wrap(visible(" | ".join(part for part in parts if part)), width), "bold")
    if current.records or comparison.previous.records:
        if current.query.by is None:
            paint(painter, _headline(comparison), width)
        for title, table in _tables(comparison):
            paint(painter, _grid(table, title, per_day=comparison.per_day), width)
    notes(painter, comparison.notes, width)
    return painter.text()


def _tables(comparison: Comparison) -> Iterator[tuple[str, Table]]:
    if comparison.current.query.by is not None:
        yield "", comparison.table()
        return
    languages = comparison.table("language", top=TOP_LANGUAGES)
    if languages.rows:
        yield "top languages", languages
    editors = comparison.table("editor")
    if any(row["editor"] is not None for row in editors.rows):
        yield "editors", editors


def _headline(comparison: Comparison) -> Grid:
    sides = (comparison.current, comparison.previous)
    values = [dict(_numbers(side, per_day=comparison.per_day)) for side in sides]
    wholes = [side.whole() for side in sides]
    rows = []
    for name, now in values[0].items():
        show = percent if name.endswith("rate") else number
        before = values[1].get(name)
        labels = _COUNTS | {"active_users_mean": "active users, ", "active_chat_users_mean": "chat users, "}
        column = next((column for column, label in labels.items() if name.startswith(label)), "")
        metric = column if column.endswith("_mean") else f"total_{column}"
        unlike = _of_unlike_user_days(wholes[0], wholes[1], metric)
        moved = UNKNOWN if unlike else change(now, before, points=name.endswith("rate"))
        rows.append((name, show(now), show(before), moved))
    columns = (Column("", 100, numeric=False), *(Column(_span(side), 100) for side in sides), Column("change", 100))
    return Grid("", columns, tuple(rows))


def _side(report: Report) -> str:
    return (
        f"{report.since} to {report.until}, {len(report.records)} of {report.days} days" if report.days else "no days"
    )


def _span(report: Report) -> str:
    return f"{report.since} to\n{report.until}\n{len(report.records)} of {report.days} days"


def _numbers(side: Report, *, per_day: bool) -> Iterator[tuple[str, Value]]:
    head, whole = side.headline(), side.whole()
    sums = head.completions
    if head.active_users:
        yield "active users, mean", head.active_users.mean
        yield "active users, peak", head.active_users.peak
    else:
        yield "active users, at least", head.users_at_least
    yield "acceptance rate", sums.acceptance_rate
    yield "lines acceptance rate", sums.lines_acceptance_rate
    prefix = "" if side.filtered else "total_"
    for name, label in _COUNTS.items():
        if head.chat_users or not name.startswith("chat"):
            days = whole.get(f"{prefix}{name}{DAYS}")
            count = (
                _on_known_days({prefix + name: None} | whole, prefix + name) if per_day else whole.get(prefix + name)
            )
            yield (f"{label} a day", _mean(count, days)) if per_day else (label, count)
    if head.chat_users:
        yield "chat users, mean", head.chat_users.mean


def _grid(table: Table, title: str, *, per_day: bool) -> Grid:
    columns = [
        Column("period" if name == "total" else name, 100, numeric=False, folds=True) for name in table.grouping.by
    ]
    cells: list[Callable[[Row], str]] = [_name(name) for name in table.grouping.by]
    if table.grouping.time and table.grouping.time != "total":
        columns.append(Column(f"previous\n{table.grouping.time}", 95, numeric=False))
        cells.append(_name(PREFIX + table.grouping.time))
    per_day = per_day or any(_of_unlike_days(row) for row in table.rows)
    for metric, label, priority in _METRICS:
        if metric in table.columns:
            countable = metric.endswith(_COUNTABLE) and f"{metric}{DAYS}" in table.columns
            mean = countable and (per_day or any(_is_known_unlike(row, metric) for row in table.rows))
            words = f"{label} a day" if mean else label
            columns += [Column(header, priority, set=words) for header in (_two_lines(words), "before", "change")]
            cells += _three(metric, mean=mean)
    rows = tuple(tuple(cell(row) for cell in cells) for row in rest_last(table))
    return Grid(title, tuple(columns), rows)


def _of_unlike_days(row: Row) -> bool:
    """Return whether a week or month, at an edge of its period say, has more days with data than its counterpart."""
    return bool(row.get("days") and row.get(f"{PREFIX}days")) and row["days"] != row[f"{PREFIX}days"]


def _is_known_unlike(row: Row, metric: str) -> bool:
    """Return whether a sum is known on more days on one side than on the other."""
    now, before = row[metric + DAYS], row[PREFIX + metric + DAYS]
    return now is not None and before is not None and now != before


def _three(metric: str, *, mean: bool) -> list[Callable[[Row], str]]:
    """Return the cells of a metric: now, before, and the change."""
    show = percent if metric.endswith("rate") else number

    def now(row: Row) -> Value:
        return _mean(_on_known_days(row, metric), row[metric + DAYS]) if mean else row[metric]

    def before(row: Row) -> Value:
        return (
            _mean(_on_known_days(row, PREFIX + metric), row[PREFIX + metric + DAYS]) if mean else row[PREFIX + metric]
        )

    def changed(row: Row) -> str:
        return change(now(row), before(row), points=metric.endswith("rate"))

    return [
        lambda row: show(now(row)),
        lambda row: show(before(row)),
        lambda row: UNKNOWN if _of_unlike_user_days(row, row, metric, PREFIX) else changed(row),
    ]


def _on_known_days(row: Row, metric: str) -> Value:
    """Return the sum over the days on which all of it is known."""
    value = row.get(metric + ON_KNOWN_DAYS)
    return row[metric] if value is None else value


def _of_unlike_user_days(now: Row, before: Row, metric: str, prefix: str = "") -> bool:
    """Return whether a sum is known of another share of the user-days on one side than on the other."""
    metric = _KNOWN_AS.get(metric, metric)
    shares = [
        (row.get(f"{start}{metric}{USER_DAYS}"), row.get(f"{start}user_days"))
        for row, start in ((now, ""), (before, prefix))
    ]
    (known, whole), (known_before, whole_before) = shares
    if not all(isinstance(n, int) for n in (known, whole, known_before, whole_before)):
        return False
    return int(known or 0) * int(whole_before or 0) != int(known_before or 0) * int(whole or 0)


def change(now: Value, before: Value, *, points: bool = False) -> str:
    """Write the change: of rates in percentage points, of all else in percent of what was before."""
    if not isinstance(now, int | float) or not isinstance(before, int | float):
        return UNKNOWN
    if points:
        return f"{round((now - before) * 100, 1) + 0.0:+.1f} pp"  # never -0.0
    return f"{round((now - before) / before, 3) + 0.0:+.1%}" if before else UNKNOWN


def _mean(count: Value, days: Value) -> Value:
    return count / days if isinstance(count, int | float) and isinstance(days, int | float) and days else None


def _name(name: str) -> Callable[[Row], str]:
    def cell(row: Row) -> str:
        if row.get("folded") and name in {"language", "editor"}:
            return f"({number(row['folded'])} more)"
        value = row[name]
        return UNKNOWN if value is None else shorten(visible(str(value)))

    return cell


def _two_lines(words: str) -> str:
    head, _, last = words.removesuffix(" a day").rpartition(" ")
    if words.endswith(" a day"):
        return f"{head} {last}\na day".lstrip()
    return f"{head}\n{last}" if head else last
