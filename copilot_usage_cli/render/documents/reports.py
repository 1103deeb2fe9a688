"""The document of a report, or of two that are compared."""

from collections.abc import Iterator, Sequence
from functools import partial

from copilot_usage_cli.model.vocabulary import MIXED, USAGE
from copilot_usage_cli.render.columns import Look, grid_of, number, percent, rest_last
from copilot_usage_cli.render.comparison import compared_tables, headline_of, joined_grid
from copilot_usage_cli.render.documents.document import About, Card, Document, Part, Picture, notes_for_readers
from copilot_usage_cli.render.grid import Bar, Column, Grid, cell
from copilot_usage_cli.render.headline import change_cell, label_of, value_of, words_before
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.render.table import IDE_ACTIVITY, activity_title, footer_of, grouped_grid, has_activity
from copilot_usage_cli.render.title import days_of, title_parts
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.change import is_rate
from copilot_usage_cli.report.chart import chart_of
from copilot_usage_cli.report.comparison import Comparison
from copilot_usage_cli.report.grouping import Row
from copilot_usage_cli.report.headline import Figure, change_of, headline
from copilot_usage_cli.report.rows import cells_of
from copilot_usage_cli.report.timeline import timeline

TOP = 10  # languages
_SLOTS, _SMALL, _FEW = 93, 35, 14  # a quarter by day, or five weeks; longer periods by weeks
_UNLIMITED = Screen()
_CARDS = (
    "active_users_mean",
    "active_users_at_least",
    "acceptance_rate",
    "lines_acceptance_rate",
    "active_chat_users_mean",
)
_USERS_OF_ANY = "people who used any feature, the mean of the days"
_USERS = {
    USAGE: "people who were shown a completion, the mean of the days",
    MIXED: "active people, as each source counts them, the mean of the days",
}
_MEAN = ", the mean of the days"
_DEFINITIONS = {
    "active_users_at_least": "the most users of one language and editor on any day",
    "acceptance_rate": "completions accepted of those suggested",
    "lines_acceptance_rate": "lines accepted of those suggested",
    "active_chat_users_mean": "people who used Copilot Chat, the mean of the days",
}
_COUNTED = {"acceptance_rate": "suggestions", "lines_acceptance_rate": "lines"}
_FIRST = ("share", "", "suggestions", "acceptance rate", "lines rate")


def document_of_report(shown: Report | Comparison, about: About) -> Document:
    """Return the document of a report, or of two; where there is nothing to show, its notes say why."""
    report = shown if isinstance(shown, Report) else shown.current
    before = f"before: {days_of(shown.previous)}" if isinstance(shown, Comparison) else ""
    empty = Document(title_parts(report, before), about, notes=notes_for_readers(shown.notes))
    if report.is_empty:
        return empty
    if report.query.by is not None:
        return empty._replace(parts=(Part(activity_title(report.query.by), _grouped(shown)),))
    compared = shown if isinstance(shown, Comparison) and not shown.is_empty else report
    figures = headline(report)
    return empty._replace(
        cards=tuple(_cards(compared, figures)),
        numbers=_numbers(compared, figures),
        pictures=tuple(_pictures(compared)),
        parts=tuple(_parts(compared)),
        daily=_daily(report),
    )


def _grouped(shown: Report | Comparison) -> Grid:
    if isinstance(shown, Report):
        return grouped_grid(shown)
    if shown.is_empty:
        return grouped_grid(shown.current)
    return _joined(shown, None)


def _cards(shown: Report | Comparison, figures: Sequence[Figure]) -> Iterator[Card]:
    report = shown if isinstance(shown, Report) else shown.current
    found = {figure.name: figure for figure in figures}
    before = words_before_of(shown)
    for figure in (found[name] for name in _CARDS if name in found):
        name = figure.name
        yield Card(
            label_of(name, report.days),
            value_of(figure, report.days),
            _definition(report, name),
            _basis(report, figure, found),
            _change(shown, figure),
            is_rate(name),
            before,
        )


def _definition(report: Report, name: str) -> str:
    """Say what a number means; of a single day no mean."""
    words = _DEFINITIONS.get(name) or _USERS.get(report.source, _USERS_OF_ANY)
    return words.removesuffix(_MEAN) if report.days == 1 else words


def _basis(report: Report, figure: Figure, figures: dict[str, Figure]) -> str:
    """Say what a number is over: of how many, or over how many days."""
    name = figure.name
    if figure.value is None:
        return f"not known (source: {report.source})"
    if is_rate(name):
        known = [(above, below) for above, below in figure.daily if above is not None and below is not None]
        above, below = (sum(each[place] for each in known) for place in (0, 1))
        return f"{number(above)} of {number(below)} {_COUNTED[name]}"
    if not name.endswith("_mean"):
        return "a lower bound: the same person may be in several"
    if report.days == 1:
        return ""
    days, peak = figure.row[name.replace("_mean", "_days")], figure.row[name.replace("_mean", "_peak")]
    distinct = figures.get("distinct_users")
    more = f"; {number(distinct.value)} distinct people" if distinct and name == "active_users_mean" else ""
    return f"over {number(days)} of {number(report.days)} days; {number(peak)} at the peak{more}"


def _change(shown: Report | Comparison, figure: Figure) -> float | None:
    if isinstance(shown, Report):
        return figure.change
    return change_of(shown.current.whole(), shown.previous.whole(), figure.name)


def words_before_of(shown: Report | Comparison) -> str:
    """Say what changes are from: `vs the 28 days before`; nothing where nothing is compared."""
    if isinstance(shown, Comparison):
        return f"vs {days_of(shown.previous).partition(',')[0]}"
    return words_before(shown.matched[0]["days"], shown.days)[0] if shown.matched else ""


def _numbers(shown: Report | Comparison, figures: Sequence[Figure]) -> Grid:
    if isinstance(shown, Comparison):
        return headline_of(shown, narrow=False)
    columns = [Column("", right=False), Column("", 100)]
    known = [figure for figure in figures if figure.value is not None] or figures[:1]
    rows = [(cell(label_of(each.name, shown.days)), cell(value_of(each, shown.days))) for each in known]
    if shown.matched is None:
        return Grid(tuple(columns), rows)
    columns.append(Column(words_before_of(shown), 90))
    changes = [change_cell(each.change, points=is_rate(each.name)) for each in known]
    return Grid(tuple(columns), [(*row, each) for row, each in zip(rows, changes, strict=True)])


def _pictures(shown: Report | Comparison) -> Iterator[Picture]:
    report = shown if isinstance(shown, Report) else shown.current
    total = "" if report.filtered else "total_"
    rates = {"acceptance_rate": "by count", "lines_acceptance_rate": "by lines"}
    accepted = {f"{total}suggestions_count": "suggestions", f"{total}acceptances_count": "acceptances"}
    users = {} if report.filtered else {"total_active_users": "active users"}
    chat = {} if report.filtered else {"total_active_chat_users": "chat users"}
    names = [*users, *rates, *accepted, *chat]
    chart = chart_of(shown, names, _SLOTS)
    small = chart if len(chart.slots) <= _SMALL else chart_of(shown, names, _SMALL)
    few = small if small.size == 1 or len(small.slots) <= _FEW else chart_of(shown, names, _FEW)
    all_of = (
        Picture("Active users", "bars", chart, small, users),
        Picture("Acceptance rates, by count and by lines", "lines", chart, small, rates, percent=True),
        Picture("Suggestions, and the acceptances in them", "nested", chart, small, accepted),
        Picture("Chat users", "bars", chart, small, chat),
    )
    for picture in all_of:
        labels = {name: label for name, label in picture.labels.items() if chart.series[name].is_known}
        if labels and len(chart.slots) > 1:
            kind = "bars" if picture.kind == "nested" and len(labels) == 1 else picture.kind
            yield picture._replace(labels=labels, kind=kind, few=few)


def _parts(shown: Report | Comparison) -> Iterator[Part]:
    if isinstance(shown, Comparison):
        for title, table in compared_tables(shown):
            name = table.grouping.names[0]
            fold = partial(_joined, shown, name)
            yield Part(title.capitalize(), fold(_top(shown.current, name)), fold=fold)
    report = shown if isinstance(shown, Report) else shown.current
    if isinstance(shown, Report):
        cells = cells_of(report.records)
        names = ["language"] if cells else []
        names += ["editor"] if any(cell.editor is not None for cell in cells) else []
        for name in names:
            fold = partial(_by_name, report, name)
            yield Part(f"{name.capitalize()}s", fold(_top(report, name)), fold=fold)
    if report.filtered:
        return
    of = f"of {report.since} to {report.until}" if isinstance(shown, Comparison) else ""
    if any(record.totals_by_ide for record in report.records):
        yield Part(IDE_ACTIVITY, grid_of(report.grouped("ide")), of)
    if has_activity(report):
        from copilot_usage_cli.render.beyond import beyond_sections

        for title, grid in beyond_sections(report, _UNLIMITED):
            name, _, words = title.partition(": ")
            yield Part(name[:1].upper() + name[1:], grid, "; ".join(filter(None, [words, of])))


def _top(report: Report, name: str) -> int | None:
    """Return how many names are listed: as many as are asked for, ten languages, or all editors."""
    return report.query.top or (TOP if name == "language" else None)


def _by_name(report: Report, name: str, top: int | None) -> Grid:
    """Lay out names by their suggestions, what is read first in the first columns."""
    grid = grid_of(report.grouped(name, top=top), Look(share=True, bars=1))
    places = range(len(grid.columns))
    first = [n for label in _FIRST for n in places[1:] if grid.columns[n].label == label]
    order = [0, *first, *(n for n in places[1:] if n not in first)]
    rows = [tuple(row[n] for n in order) for row in grid.rows]
    return grid._replace(columns=tuple(grid.columns[n] for n in order), rows=rows)


def _joined(shown: Comparison, name: str | None, top: int | None = None) -> Grid:
    table = shown.table() if name is None else shown.table(name, top=top)
    rows = rest_last(table)
    grid = joined_grid(table, rows, per_day=shown.per_day, narrow=False)
    return grid if name is None else _with_shares(grid, rows)


def _with_shares(grid: Grid, rows: Sequence[Row]) -> Grid:
    """Add each name's part of all suggestions behind the names, and a bar of it."""
    counts = [count if isinstance(count := row["suggestions_count"], int) else None for row in rows]
    whole, most = sum(count or 0 for count in counts), max((count or 0 for count in counts), default=0)
    if not whole:
        return grid
    shares = [
        (cell(percent(None if count is None else count / whole)), Bar(None if count is None else count / most))
        for count in counts
    ]
    columns = (grid.columns[0], Column("share", 92), Column("", 1, right=False), *grid.columns[1:])
    return grid._replace(
        columns=columns,
        rows=[(first, *share, *others) for (first, *others), share in zip(grid.rows, shares, strict=True)],
    )


def _daily(report: Report) -> Part:
    return Part("By day", grid_of(report.table, Look(footer=footer_of(report)), timeline(report, report.table)))
