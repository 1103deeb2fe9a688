"""Tables for people: one screen of everything, or the one table that was asked for, with its notes."""

from collections.abc import Iterator, Sequence

from copilot_usage_cli.model.arithmetic import UserStatistics
from copilot_usage_cli.model.query import Filter, Query
from copilot_usage_cli.model.records import COUNTABLE_TOTALS, COUNTS
from copilot_usage_cli.model.vocabulary import IDE
from copilot_usage_cli.render.columns import TOP_LANGUAGES, UNKNOWN, grid_of, number, partly_known, percent, sparkline
from copilot_usage_cli.render.layout import STACKED_BELOW, Grid, wrap
from copilot_usage_cli.render.painter import notes, paint, painter_for
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.rows import RATES, cells_of
from copilot_usage_cli.text import plural, shorten, visible

_IDE_ACTIVITY = "IDE activity, all features"
_LABEL = 22
_INDENT = "  "
_WEEK = 7
_FEWEST_BLOCKS = 2
_MOST_BLOCKS = 62  # days; of longer periods a block is a week


def render_table(report: Report, screen: Screen) -> str:
    """Render a report for a screen: styled by Rich where it may be, as plain lines for a pipe."""
    painter = painter_for(screen)
    width = screen.width
    painter.lines(wrap(_title(report), width), "bold")
    if report.records:
        if report.query.by is None:
            painter.lines(["", *_headline(report, width)])
            if screen.blocks:
                painter.lines(_trend(report, width))
        for grid in _overview(report) if report.query.by is None else [_asked_for(report)]:
            paint(painter, grid, width)
    notes(painter, report.notes, width)
    return painter.text()


def _title(report: Report) -> str:
    query = report.query
    days = "no days"
    if report.days:
        there = f"{len(report.records)} of {plural(report.days, 'day')}"
        days = f"{report.since} to {report.until}, {there}"
    source = f"source: {report.source}" if report.source else ""
    parts = (str(query.scope), only(query.filter), days, source, answerer(query))
    return visible(" | ".join(part for part in parts if part))


def answerer(query: Query) -> str:
    """Name where the records come from, unless a GitHub was asked."""
    if query.answerer == "demo":
        return f"demo, as of {query.today}"
    return "history" if query.answerer == "history" else ", ".join(query.files)


def only(kept: Filter) -> str:
    """Name the filter of a report, which a reader must not take for the whole."""
    names = {"editor": kept.editors, "language": kept.languages}
    return ", ".join(f"only {what} {' or '.join(map(shorten, each))}" for what, each in names.items() if each)


def _headline(report: Report, width: int | None) -> list[str]:
    head = report.headline()
    sums = head.completions
    accepted = f"{_sum(report, 'acceptances_count')} of {_sum(report, 'suggestions_count')} suggestions accepted"
    lines = f"{_sum(report, 'lines_accepted')} of {_sum(report, 'lines_suggested')} lines accepted"
    pairs = [
        ("acceptance rate", f"{percent(sums.acceptance_rate)}, by count: {accepted}"),
        ("lines acceptance rate", f"{percent(sums.lines_acceptance_rate)}, by lines: {lines}"),
    ]
    if head.active_users and head.chat_users:
        pairs.insert(0, ("active users", _users(head.active_users) + _distinct(head.distinct_users)))
        pairs.append(("chat users", _users(head.chat_users)))
        chat = f"{_sum(report, 'chat_turns')} turns, {_sum(report, 'chat_acceptances')} acceptances"
        pairs.append(("chat", chat))
    else:
        least = head.users_at_least
        pairs.insert(0, ("active users", UNKNOWN if least is None else f"at least {number(least)}, on one day"))
    return [line for label, value in pairs for line in _labelled(label, value, width)]


def _sum(report: Report, name: str) -> str:
    """Write a sum of the whole period, with over how many days or user-days it is known, unless over all."""
    whole = report.whole()
    column = name if report.filtered else f"total_{name}"
    return number(whole[column]) + partly_known(whole, column)


def _trend(report: Report, width: int | None) -> list[str]:
    """Draw how the period went, a block a day, or a week where there are many."""
    days = report.daily_suggestions()
    if len(days) < _FEWEST_BLOCKS:
        return []
    narrow = width is not None and width < STACKED_BELOW
    room = _MOST_BLOCKS if width is None else max(width - (len(_INDENT) if narrow else _LABEL + 1), _FEWEST_BLOCKS)
    values: list[int | float | None] = [count for _, count in days]
    unit = "day"
    if len(values) > min(room, _MOST_BLOCKS):
        unit, values = "week", [_mean(values[n : n + _WEEK]) for n in range(0, len(values), _WEEK)]
    label, drawn = f"suggestions by {unit}", sparkline(values[-room:]).rstrip()
    if not drawn:
        return []
    # Not through wrap, to which blanks are nothing to keep.
    return [label, _INDENT + drawn] if narrow else [f"{label:<{_LABEL}} {drawn}"]


def _mean(values: Sequence[int | float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _users(users: UserStatistics) -> str:
    if users.mean is None:
        return UNKNOWN
    days = plural(users.days, "day")
    when = f" on {users.peak_day}" if users.peak else ""
    return f"{number(users.mean)} a day, mean of {days}; peak {number(users.peak)}{when}"


def _distinct(users: int | None) -> str:
    return "" if users is None else f"; {number(users)} different people"


def _labelled(label: str, value: str, width: int | None) -> list[str]:
    if width is not None and width < STACKED_BELOW:
        return [label, *(_INDENT + line for line in wrap(value, width - len(_INDENT)))]
    return wrap(f"{label:<{_LABEL}} {value}", width, " " * (_LABEL + 1))


def _asked_for(report: Report) -> Grid:
    return grid_of(report.table, _IDE_ACTIVITY if IDE in report.table.grouping.by else "")


def _overview(report: Report) -> Iterator[Grid]:
    yield grid_of(report.table, "by day", footer=_footer(report))
    if report.table.grouping.top is None:
        languages = report.grouped("language", top=TOP_LANGUAGES)
        if languages.rows:
            yield grid_of(languages, "top languages", share=True)
        if any(cell.editor is not None for cell in cells_of(report.records)):
            yield grid_of(report.grouped("editor"), "editors", share=True)
        if not report.filtered and any(record.totals_by_ide for record in report.records):
            yield grid_of(report.grouped("ide"), _IDE_ACTIVITY)


def _footer(report: Report) -> dict[str, str]:
    """Add up what can be added up, by column; users can't."""
    whole = report.whole()
    names = COUNTS if report.filtered else COUNTABLE_TOTALS
    return {
        "day": "total",
        **{name: number(whole[name]) + partly_known(whole, name) for name in names},
        **{name: percent(whole[name]) for name in RATES},
    }
