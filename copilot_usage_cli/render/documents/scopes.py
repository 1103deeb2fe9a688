"""The document of several scopes: one table with a row for each, and small charts beside each other."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import USER_REPORTS
from copilot_usage_cli.render.documents.books import NO_DAY, made_by
from copilot_usage_cli.render.documents.document import About, Document, Part, Picture, notes_for_readers
from copilot_usage_cli.render.documents.tabs import Line, Tab, kind_of, label_of_column, merged_tabs, tab_of_rows
from copilot_usage_cli.render.documents.workbook import Book
from copilot_usage_cli.render.documents.workbook import Chart as BookChart
from copilot_usage_cli.render.grid import Grid
from copilot_usage_cli.render.league import Gathered, league_grid, league_title, rows_grid, sources_of
from copilot_usage_cli.report.build import Report, Table
from copilot_usage_cli.report.change import change, is_alike
from copilot_usage_cli.report.chart import Chart, chart_of
from copilot_usage_cli.report.comparison import PREFIX, Comparison
from copilot_usage_cli.report.grouping import Grouping, Row, columns
from copilot_usage_cli.report.league import Standing, users_column
from copilot_usage_cli.text import listed, plural

_MOST_PANELS = 60
_SLOTS = 60
_SCOPES = "Scopes"
_USERS, _SUGGESTIONS = "total_active_users", "suggestions_count"
_MOST_FAILED = 10


def panel_of(shown: Report | Comparison) -> Chart:
    """Compute what is drawn of one scope among others: its active users, or its suggestions where it is filtered."""
    report = shown if isinstance(shown, Report) else shown.current
    return chart_of(shown, [_SUGGESTIONS if report.filtered else _USERS], _SLOTS)


def document_of_league(
    gathered: Gathered, standings: Sequence[Standing], charts: Mapping[Scope, Chart], about: About
) -> Document:
    """Return the document of several scopes, in the order given."""
    grid = league_grid(gathered, standings)
    title = tuple(league_title(gathered, [each.source for each in standings]))
    document = _document(gathered, title, grid, about)
    return _with_panels(document, [(each.scope, charts[each.scope]) for each in standings if each.scope in charts])


def _with_panels(document: Document, drawn: Sequence[tuple[Scope, Chart]]) -> Document:
    panels = tuple((str(scope), _panel(chart)) for scope, chart in drawn[:_MOST_PANELS])
    more = len(drawn) - len(panels)
    notes = [f"charts of {plural(more, 'more scope')} have no room"] if more else []
    return document._replace(
        panels=tuple((name, panel) for name, panel in panels if panel.labels), notes=(*document.notes, *notes)
    )


def document_of_rows(
    gathered: Gathered, tables: Sequence[Table], charts: Mapping[Scope, Chart], about: About, *, per_day: bool | None
) -> Document:
    """Return the document of one table with the rows of several scopes; `per_day` of comparisons, None of reports."""
    grid = rows_grid(tables, per_day=per_day, narrow=False)
    document = _document(gathered, tuple(league_title(gathered, sources_of(tables))), grid, about)
    return _with_panels(document, list(charts.items()))


def book_of_scopes(
    gathered: Gathered,
    standings: Sequence[Standing],
    tables: Sequence[Table],
    packed: Sequence[Callable[[], bytes]],
    about: About,
) -> Book:
    """Return the workbook of several scopes: their whole periods, and the `packed` sheets of each, joined."""
    title = league_title(gathered, [each.source for each in standings] or sources_of(tables))
    tabs = merged_tabs(packed)
    users = users_column(filtered=bool(gathered.query.filter))
    charts: list[BookChart] = []
    lines: list[Line] = []
    if standings:
        names = ("scope", "source", "since", "until", *_columns_of_total(gathered))
        rows = [
            {**each.whole, "scope": str(each.scope), "since": _text_of(each.since), "until": _text_of(each.until)}
            for each in standings
        ]
        tabs.insert(0, tab_of_rows(_SCOPES, names, rows))
        kind = kind_of(users)
        lines = [
            Line(str(each.scope), kind, each.whole.get(users), None, each.change, each.whole.get("active_users_days"))
            for each in standings
        ]
        charts = [_chart_of(tabs[0], users)]
    elif gathered.query.by is None and tables:
        rows = [row for table in tables for row in table.rows]
        tabs.insert(0, tab_of_rows(_SCOPES, tables[0].columns, rows))
        lines = [_compared(row, users) for row in rows]
        charts = [_chart_of(tabs[0], users, PREFIX + users)]
    last = gathered.span[1] or NO_DAY
    notes = (*notes_for_readers((*_failed(gathered), *gathered.notes)), made_by(about))
    heading = label_of_column(users) if lines else ""
    return Book(tuple(title), last, lines, heading=heading, charts=charts, tabs=tabs, notes=notes)


def _compared(row: Row, users: str) -> Line:
    now, before = row[users], row[PREFIX + users]
    moved = change(now, before) if is_alike(row, row, users, PREFIX) else None
    return Line(str(row["scope"]), kind_of(users), now, before, moved, row.get("active_users_days"))


def _columns_of_total(gathered: Gathered) -> tuple[str, ...]:
    query = gathered.query
    grouping = Grouping(("total",), None, query.source == USER_REPORTS)
    return tuple(
        name for name in columns(grouping, cells=bool(query.filter)) if name not in {"scope", "source", "total"}
    )


def _chart_of(tab: Tab, *columns: str) -> BookChart:
    labels = [heading.label for heading in tab.headings]
    places = tuple(labels.index(label_of_column(column)) for column in columns)
    return BookChart("Active users by scope", tab.name, 0, places, "bar")


def _text_of(day: date | None) -> str | None:
    return None if day is None else str(day)


def _document(gathered: Gathered, title: tuple[str, ...], grid: Grid | None, about: About) -> Document:
    parts = () if grid is None else (Part("", grid),)
    return Document(title, about, parts=parts, notes=notes_for_readers((*_failed(gathered), *gathered.notes)))


def _failed(gathered: Gathered) -> list[str]:
    failed = listed([str(scope) for scope in gathered.failed], _MOST_FAILED)
    return [f"no report of {plural(len(gathered.failed), 'scope')}: {failed}"] if gathered.failed else []


def _panel(chart: Chart) -> Picture:
    labels = {name: "" for name, series in chart.series.items() if series.is_known and len(chart.slots) > 1}
    return Picture("", "bars", chart, chart, labels)
