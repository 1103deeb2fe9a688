"""The workbook of a report, of two compared, of several scopes, or of a view: what its sheets and charts are of."""

from collections.abc import Sequence
from datetime import date

from copilot_usage_cli.render.documents.document import About, notes_for_readers
from copilot_usage_cli.render.documents.reports import words_before_of
from copilot_usage_cli.render.documents.tabs import (
    DAYS,
    Heading,
    Tab,
    label_of_column,
    summary_of,
    summary_of_sheets,
    tab_of_sheet,
    tabs_of,
)
from copilot_usage_cli.render.documents.workbook import Book, Chart
from copilot_usage_cli.render.title import days_of, title_parts
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.comparison import Comparison
from copilot_usage_cli.report.view import View

NO_DAY = date(1980, 1, 1)  # of a workbook that is of no day: the same data are the same bytes
_CHARTS = (
    ("Active users", "column", ("total_active_users",)),
    ("Acceptance rates", "line", ("acceptance_rate", "lines_acceptance_rate")),
    ("Suggestions and acceptances", "column", ("total_suggestions_count", "total_acceptances_count")),
    ("Suggestions and acceptances", "column", ("suggestions_count", "acceptances_count")),
    ("Chat users", "column", ("total_active_chat_users",)),
)


def book_of_report(shown: Report | Comparison, about: About) -> Book:
    """Return the workbook of a report, or of two that are compared."""
    report = shown if isinstance(shown, Report) else shown.current
    before = f"before: {days_of(shown.previous)}" if isinstance(shown, Comparison) else ""
    tabs = tabs_of(shown)
    return Book(
        title_parts(report, before),
        report.until or NO_DAY,
        summary_of(shown),
        words_before_of(shown),
        charts=_charts_of(tabs),
        tabs=tabs,
        notes=(*notes_for_readers(shown.notes), made_by(about)),
    )


def book_of_view(view: View, about: About) -> Book:
    """Return the workbook of a view: a sheet for each table that people see, and all the data."""
    tabs = [tab_of_sheet(sheet.title or "Table", sheet) for sheet in view.shown]
    tabs.append(tab_of_sheet("Data", view.data, plain=True))
    lines = summary_of_sheets(view.shown)
    return Book(view.title, NO_DAY, lines, tabs=tabs, notes=(*view.notes, made_by(about)))


def _charts_of(tabs: Sequence[Tab]) -> list[Chart]:
    """Choose the charts of the days' columns of which something is known."""
    days = next((tab for tab in tabs if tab.name == DAYS), None)
    if days is None:
        return []
    places = {heading.label: n for n, heading in enumerate(days.headings)}
    rows = list(days.rows)
    charts: list[Chart] = []
    for title, kind, names in _CHARTS:
        columns = tuple(places[label] for label in map(label_of_column, names) if label in places)
        columns = tuple(column for column in columns if any(row[column] is not None for row in rows))
        if columns and all(title != chart.title for chart in charts):
            percent = days.headings[columns[0]].kind == "rate"
            charts.append(Chart(title, DAYS, _categories(days.headings), columns, kind, percent))
    return charts


def _categories(headings: Sequence[Heading]) -> int:
    return next(n for n, heading in enumerate(headings) if heading.kind == "day")


def made_by(about: About) -> str:
    """Say in a note what made a workbook, which is the same for the same data."""
    return f"made by copilot-usage {about.version}: {about.command}"
