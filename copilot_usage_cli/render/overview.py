"""The report on one screen: the headline, at most eight rows of time, the largest languages, the editors, one note."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from copilot_usage_cli.model.period import days_between
from copilot_usage_cli.model.vocabulary import IDE
from copilot_usage_cli.render.columns import Look, grid_of
from copilot_usage_cli.render.grid import BETWEEN, Grid, beside
from copilot_usage_cli.render.headline import headline_grid
from copilot_usage_cli.render.lines import line, text_width
from copilot_usage_cli.render.sections import Page
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.rows import cells_of, time_key
from copilot_usage_cli.report.timeline import timeline
from copilot_usage_cli.text import plural, visible

_MOST_TIMES = 8
_TOP = 5
_BARS_OF_TIMES = 65  # priorities
_BARS_OF_NAMES = 84
_TIMES = {
    "active_users_mean": ("active\nusers", 95),
    "active_users_peak": ("active users\npeak", 32),
    "active_chat_users_mean": ("chat\nusers", 45),
    "active_chat_users_peak": ("chat users\npeak", 31),
}
_NAMES = {
    "suggestions_count": ("suggestions", 70),
    "acceptances_count": ("acceptances", 50),
    "user_initiated_interaction_count": ("prompts", 48),
    "code_generation_activity_count": ("generations", 70),
    "code_acceptance_activity_count": ("acceptances", 50),
}
_LEAST_LIST = 34  # columns: a name, its share and a rate
_WIDEST_LIST = 78


class _List(NamedTuple):
    grid: Grid
    what: str
    left: int


def draw_overview(page: Page, report: Report, notes: Sequence[str]) -> None:
    """Draw a report that has something on one screen."""
    days = days_between(report.since, report.until) if report.since and report.until else ()
    unit = _unit(days, report.span)
    page.add(page.fitted(headline_grid(report, dated=unit != "day"), page.screen.width))
    page.lines.append(line())
    times, earlier = _times(report, unit)
    page.add(page.fitted(times, page.screen.width))
    lists = list(_lists(report))
    if lists:
        page.lines.append(line())
        _side_by_side(page, [each.grid for each in lists])
    left_out = [plural(earlier, f"earlier {unit}")] if earlier else []
    left_out += [plural(each.left, each.what) for each in lists if each.left]
    _last_lines(page, notes, left_out)


def _unit(days: Sequence[date], span: str) -> str:
    """Choose the finest unit of time of which the period has at most eight, else months."""
    for unit in ("day", "week"):
        if len({time_key(day, unit, span) for day in days}) <= _MOST_TIMES:
            return unit
    return "month"


def _times(report: Report, unit: str) -> tuple[Grid, int]:
    """Lay out the latest days, weeks or months, and count those before."""
    table = report.grouped(unit)
    entries = timeline(report, table)
    heading = f"{unit} (UTC)" if unit == "day" else f"{unit},\nmeans a day"
    look = Look(means=unit != "day", bars=_BARS_OF_TIMES, ruled=False, heading=heading, other=_TIMES)
    return grid_of(table, look, entries[-_MOST_TIMES:]), max(len(entries) - _MOST_TIMES, 0)


def _lists(report: Report) -> Iterator[_List]:
    """Lay out the largest languages, and the editors, or else the IDEs."""
    top = report.query.top or _TOP
    cells = cells_of(report.records)
    names = ["language"] if cells else []
    if any(cell.editor is not None for cell in cells):
        names.append("editor")
    elif not report.filtered and any(record.totals_by_ide for record in report.records):
        names.append(IDE)
    for name in names:
        table = report.grouped(name)
        heading = "IDE, all features" if name == IDE else name
        look = Look(share=True, bars=_BARS_OF_NAMES, ruled=False, heading=heading, other=_NAMES)
        yield _List(
            grid_of(table, look, table.rows[:top]),
            f"more {name if name != IDE else 'IDE'}",
            max(len(table.rows) - top, 0),
        )


def _side_by_side(page: Page, grids: Sequence[Grid]) -> None:
    """Set two lists beside each other where both have room, else below."""
    width = page.screen.width
    half = None if width is None else min((width - BETWEEN) // 2, _WIDEST_LIST)
    if len(grids) > 1 and (half is None or half >= _LEAST_LIST):
        left, right = ((grid, page.fit(grid, half)) for grid in grids)
        page.add(beside(left, right, half, blocks=page.screen.blocks))
        return
    for number, grid in enumerate(grids):
        if number:
            page.lines.append(line())
        page.add(page.fitted(grid, width))


def _last_lines(page: Page, notes: Sequence[str], left_out: Sequence[str]) -> None:
    """Add the weightiest note, and a line of what is left out, with how to see it."""
    if not page.screen.notes:
        return
    if notes:
        page.text(f"note: {_cut(visible(notes[0]), page.screen.width)}", "note")
    more = [plural(len(notes) - 1, "more note")] if len(notes) > 1 else []
    columns = len(page.left_out_columns)
    more += [*left_out, *([plural(columns, "column")] if columns else [])]
    if page.unknown_columns:
        page.text(f"nothing is known of: {', '.join(page.unknown_columns)}", "dim", "  ")
    if more:
        page.text(f"not shown: {', '.join(more)} (--full)", "dim", "  ")


def _cut(note: str, width: int | None) -> str:
    """Shorten a note to one line; the whole of it is in the full report."""
    room = None if width is None else max(width - len("note: "), _LEAST_LIST)
    if room is None or text_width(note) <= room:
        return note
    words = note.split(" ")
    while len(words) > 1 and text_width(" ".join(words)) > room - 2:
        words.pop()
    return f"{' '.join(words).rstrip(',;:')} …"
