"""A report for people: the headline with everything below it, or the one table that was asked for."""

from collections.abc import Sequence

from copilot_usage_cli.model.activity import names_of_activity, of_activity
from copilot_usage_cli.model.records import COUNTABLE_TOTALS, COUNTS
from copilot_usage_cli.model.vocabulary import IDE
from copilot_usage_cli.render.columns import Look, grid_of, number, partly_known, percent
from copilot_usage_cli.render.grid import Grid
from copilot_usage_cli.render.lines import Line, line
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.render.sections import Page
from copilot_usage_cli.render.title import title_of
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.grouping import RATES
from copilot_usage_cli.report.rows import cells_of
from copilot_usage_cli.report.timeline import timeline

IDE_ACTIVITY = "IDE activity, all features"
_TOP_LANGUAGES = 10
_BARS_OF_TIMES = 5  # priorities
_BARS_OF_NAMES = 45


def draw_report(report: Report, screen: Screen) -> list[Line]:
    """Draw a report for a screen: on one screen, whole, or grouped as it was asked for."""
    page = Page(screen)
    page.title(title_of(report))
    if report.is_empty:
        page.lines.append(line())
        page.reasons(report.notes)
    else:
        draw_body(page, report, report.notes)
    return page.lines


def draw_body(page: Page, report: Report, notes: Sequence[str]) -> None:
    """Draw what stands below the title of a report that isn't empty, and its notes."""
    if report.query.by is not None:
        page.section(activity_title(report.query.by), grouped_grid(report))
        page.left_out()
        page.notes(notes)
    elif report.query.full:
        _draw_everything(page, report, notes)
    else:
        from copilot_usage_cli.render.overview import draw_overview

        draw_overview(page, report, notes)


def activity_title(by: Sequence[str]) -> str:
    """Say what a table of activity counts; nothing of others."""
    if IDE in by:
        return IDE_ACTIVITY
    return f"activity of all features, by {names_of_activity(by)}" if of_activity(by) else ""


def _draw_everything(page: Page, report: Report, notes: Sequence[str]) -> None:
    from copilot_usage_cli.render.headline import headline_grid

    page.lines.append(line())
    page.add(page.fitted(headline_grid(report, page.screen.width, dated=True), page.screen.width))
    days = grid_of(report.table, Look(bars=_BARS_OF_TIMES, footer=footer_of(report)), timeline(report, report.table))
    page.section("by day", days)
    top = report.query.top
    by_name = [("top languages", report.grouped("language", top=top or _TOP_LANGUAGES))]
    if any(cell.editor is not None for cell in cells_of(report.records)):
        by_name.append(("editors", report.grouped("editor", top=top)))
    for title, table in by_name:
        if table.rows:
            page.section(title, grid_of(table, Look(share=True, bars=_BARS_OF_NAMES)))
    of_names = [note for note in notes if note in report.notes_on_names]
    page.notes_here(of_names)
    if not report.filtered and any(record.totals_by_ide for record in report.records):
        page.section(IDE_ACTIVITY, grid_of(report.grouped("ide")))
    if has_activity(report):
        from copilot_usage_cli.render.beyond import beyond_sections

        for title, grid in beyond_sections(report, page.screen):
            page.section(title, grid)
    page.left_out()
    page.notes([note for note in notes if note not in of_names])


def has_activity(report: Report) -> bool:
    """Return whether a report has anything beyond completions."""
    return any(record.activity.totals_by_feature or record.aggregates.active_users for record in report.records)


def grouped_grid(report: Report) -> Grid:
    """Lay out the one table that was asked for."""
    table = report.table
    by_time_alone = table.grouping.time in {"day", "week", "month"} and table.grouping.by == (table.grouping.time,)
    if by_time_alone:
        return grid_of(table, Look(bars=_BARS_OF_TIMES), timeline(report, table))
    return grid_of(table, Look(parts="days" not in table.columns))


def footer_of(report: Report) -> dict[str, str]:
    """Add up what can be added up, by column; users can't."""
    whole = report.whole()
    names = COUNTS if report.filtered else COUNTABLE_TOTALS
    return {
        "day": "total",
        **{name: number(whole[name]) + partly_known(whole, name) for name in names},
        **{name: percent(whole[name]) for name in RATES},
    }
