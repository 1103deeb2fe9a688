"""Several scopes for people: a league table with a row for each, or the table that was asked for with a row each."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import SCOPE
from copilot_usage_cli.render.columns import grid_of, mean_of_days, number, partly_known, percent, rest_last
from copilot_usage_cli.render.comparison import is_narrow, joined_grid
from copilot_usage_cli.render.grid import Cell, Column, Drawing, Grid, cell, first_that_fits
from copilot_usage_cli.render.headline import change_cell
from copilot_usage_cli.render.lines import Line, line
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.render.sections import BAR, Page
from copilot_usage_cli.render.title import answerer_of, filter_of
from copilot_usage_cli.render.trend import sparkline
from copilot_usage_cli.report.blocks import WEEK, bucket_size, in_blocks
from copilot_usage_cli.report.build import Table
from copilot_usage_cli.report.grouping import Row
from copilot_usage_cli.report.league import Standing, users_column
from copilot_usage_cli.text import listed, plural, visible

_TREND = (8, 42)  # columns
_MOST_NOTES = 6
_MOST_FAILED = 10


class Gathered(NamedTuple):
    """Several scopes' reports: any of their queries, how many scopes were asked for, and what is to be said.

    `span` are the days of all of them, `failed` are the scopes without a report, `left_out` how many `--top`
    leaves out, `all_notes` where the others are if not all have room; empty if all are shown.
    """

    query: Query
    asked: int
    span: tuple[date | None, date | None]
    failed: Sequence[Scope]
    left_out: int
    notes: Sequence[str]
    all_notes: str


def draw_league(gathered: Gathered, standings: Sequence[Standing], screen: Screen) -> list[Line]:
    """Draw a league table: a row a scope, in the order given."""
    page = Page(screen)
    page.title(visible(BAR.join(league_title(gathered, [each.source for each in standings]))))
    grid = league_grid(gathered, standings)
    if grid is not None:
        page.section("", grid)
    _end(page, gathered, has_data=grid is not None)
    return page.lines


def league_grid(gathered: Gathered, standings: Sequence[Standing]) -> Grid | None:
    """Lay out a row a scope; None if none has data."""
    if not any(each.whole for each in standings):
        return None
    return _league(
        [_within(each, gathered.span) for each in standings], users_column(filtered=bool(gathered.query.filter))
    )


def draw_rows(gathered: Gathered, tables: Sequence[Table], screen: Screen, *, per_day: bool | None) -> list[Line]:
    """Draw one table of all scopes' rows, in the order given; `per_day` of comparisons, None of reports."""
    page = Page(screen)
    page.title(visible(BAR.join(league_title(gathered, sources_of(tables)))))
    grid = rows_grid(tables, per_day=per_day, narrow=is_narrow(screen))
    if grid is not None:
        page.section("", grid)
    _end(page, gathered, has_data=grid is not None)
    return page.lines


def rows_grid(tables: Sequence[Table], *, per_day: bool | None, narrow: bool) -> Grid | None:
    """Lay out the rows of all scopes as one table; None if there are none."""
    rows = [row for table in tables for row in rest_last(table)]
    if not rows:
        return None
    first = tables[0]
    by = [name for name in first.grouping.by if name != "total" or per_day is None]
    merged = Table(first.columns, tuple(rows), first.grouping._replace(by=(SCOPE, *by)))
    if per_day is None:
        return grid_of(merged, entries=rows)
    return joined_grid(merged, rows, per_day=per_day, narrow=narrow)


def sources_of(tables: Sequence[Table]) -> list[str]:
    """List the sources that rows are from."""
    return [str(row["source"] or "") for table in tables for row in table.rows]


def league_title(gathered: Gathered, sources: Sequence[str]) -> list[str]:
    """List what a title of several scopes says."""
    since, until = gathered.span
    source = ", ".join(sorted(set(filter(None, sources))))
    query = gathered.query
    parts = (
        plural(gathered.asked, "scope"),
        filter_of(query.filter),
        f"{since} to {until}" if since else "",
        f"source: {source}" if source else "",
        answerer_of(query),
    )
    return [part for part in parts if part]


def _within(standing: Standing, span: tuple[date | None, date | None]) -> Standing:
    """Set what is known of a scope into the days of all, so that trends stand below each other."""
    if standing.since is None or standing.until is None or span[0] is None or span[1] is None:
        return standing
    before, after = (standing.since - span[0]).days, (span[1] - standing.until).days
    return standing._replace(days=before + standing.days + after, around=(before, after))


def _league(standings: Sequence[Standing], users: str) -> Grid:
    is_whole = users == "active_users_mean"
    total = "total_" if is_whole else ""
    columns = [Column(SCOPE, right=False, folds=True)]
    cells: list[list[Cell]] = [[cell(visible(str(each.scope)))] for each in standings]

    def add(label: str, priority: int, values: Sequence[Cell]) -> None:
        columns.append(Column(label, priority))
        for row, value in zip(cells, values, strict=True):
            row.append(value)

    wholes = [each.whole for each in standings]
    add(
        "active users\nmean a day" if is_whole else "active users\nat least", 95, [_users(row, users) for row in wholes]
    )
    if any(each.change is not None for each in standings):
        add("change", 82, [change_cell(each.change, points=False) for each in standings])
    if is_whole:
        add("peak", 65, [_count(row, "active_users_peak") for row in wholes])
    add("suggestions", 90, [_count(row, f"{total}suggestions_count") for row in wholes])
    add("acceptance\nrate", 88, [cell(percent(row.get("acceptance_rate"))) for row in wholes])
    add("lines\nrate", 60, [cell(percent(row.get("lines_acceptance_rate"))) for row in wholes])
    if any(row.get("total_chat_turns") is not None for row in wholes):
        add("chat\nturns", 50, [_count(row, "total_chat_turns") for row in wholes])
    if any(each.days != row.get("days") for each, row in zip(standings, wholes, strict=True)):
        days = [f"{row.get('days', 0)} of {each.days}" for each, row in zip(standings, wholes, strict=True)]
        add("days", 40, [cell(text) for text in days])
    most = max(each.days for each in standings)
    if is_whole and most > 1:
        columns.append(Column(_trend_heading(most), 45, right=False, set="active users by day", stretches=_TREND))
        for row, each in zip(cells, standings, strict=True):
            row.append(_trend(each))
    return Grid(tuple(columns), [tuple(row) for row in cells])


def _users(row: Row, name: str) -> Cell:
    if name == "active_users_mean":
        return cell(mean_of_days(row.get(name), row.get("active_users_days"), row.get("days")))
    return cell(number(row.get(name)))


def _count(row: Row, name: str) -> Cell:
    return cell(number(row[name]) + partly_known(row, name) if name in row else number(None))


def _trend_heading(days: int) -> Drawing:
    """Say what a block is: it depends on how many there is room for."""

    def at(width: int, *, blocks: bool) -> str:
        size = bucket_size(days, width)
        unit = "by day" if size == 1 else "by week" if size == WEEK else f"by {size // WEEK} weeks"
        return first_that_fits(f"active users {unit}", unit).at(width, blocks=blocks)

    return Drawing(at)


def _trend(standing: Standing) -> Drawing:
    def at(width: int, *, blocks: bool) -> str:
        daily = standing.daily if blocks else ()
        return sparkline(in_blocks(daily, bucket_size(len(daily), width))) if daily else ""

    return Drawing(at)


def _end(page: Page, gathered: Gathered, *, has_data: bool) -> None:
    if gathered.left_out and page.screen.notes:
        page.text(f"left out by --top: {plural(gathered.left_out, 'more scope')}", "dim")
    page.left_out()
    if gathered.failed:
        failed = listed([str(scope) for scope in gathered.failed], _MOST_FAILED)
        page.text(f"no report of {plural(len(gathered.failed), 'scope')}: {visible(failed)}", "falling", "  ")
    notes = list(gathered.notes)
    most = _MOST_NOTES if gathered.all_notes else len(notes)
    if len(notes) > most:
        more = len(notes) - most + 1
        notes[most - 1 :] = [f"{more} more notes{gathered.all_notes}"]
    if has_data:
        page.notes(notes)
    elif notes:
        page.lines.append(line())
        page.reasons(notes)
