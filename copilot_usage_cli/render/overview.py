"""The report on one screen: the headline, at most eight rows of time, the largest languages, the editors, one note."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from copilot_usage_cli.model.period import days_between
from copilot_usage_cli.model.vocabulary import IDE
from copilot_usage_cli.render.columns import Look, grid_of
from copilot_usage_cli.render.grid import Grid, beside
from copilot_usage_cli.render.headline import headline_grid
from copilot_usage_cli.render.lines import line, text_width
from copilot_usage_cli.render.sections import Page
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.rows import cells_of, time_key
from copilot_usage_cli.report.timeline import timeline
from copilot_usage_cli.text import plural, visible

_MOST_TIMES = 8
_TOP = 5
_SCREEN = 23  # lines, which a terminal of 24 shows above the prompt
_BARS_OF_TIMES = 65  # priorities
_BARS_OF_NAMES = 84
_LABELS = {  # on one line, and with priorities of their own
    "total_active_users": ("active users", 95),
    "active_users_mean": ("active users", 95),
    "active_users_peak": ("active users, peak", 32),
    "total_acceptances_count": ("acceptances", 50),
    "acceptances_count": ("acceptances", 50),
    "acceptance_rate": ("acceptance rate", 85),
    "lines_acceptance_rate": ("lines rate", 60),
    "total_lines_suggested": ("lines suggested", 35),
    "lines_suggested": ("lines suggested", 35),
    "total_lines_accepted": ("lines accepted", 40),
    "lines_accepted": ("lines accepted", 40),
    "active_users_at_least": ("users at least", 55),
    "distinct_users": ("distinct users", 58),
    "total_active_chat_users": ("chat users", 45),
    "active_chat_users_mean": ("chat users", 45),
    "active_chat_users_peak": ("chat users, peak", 31),
    "total_chat_turns": ("chat turns", 50),
    "total_chat_acceptances": ("chat acceptances", 30),
}
_NAMES = _LABELS | {
    "suggestions_count": ("suggestions", 70),
    "acceptances_count": ("acceptances", 50),
    "user_initiated_interaction_count": ("prompts", 48),
    "code_generation_activity_count": ("generations", 70),
    "code_acceptance_activity_count": ("acceptances", 50),
    "loc_suggested_to_add_sum": ("lines suggested", 40),
    "loc_suggested_to_delete_sum": ("lines suggested to delete", 20),
    "loc_added_sum": ("lines added", 45),
    "loc_deleted_sum": ("lines deleted", 30),
}
_LEAST_LIST = 19  # columns: a name and its share
_LEAST_NOTE = 34
_WIDE, _WIDE_GAP, _NARROW_GAP = 60, 4, 2  # columns
_WIDEST_LIST = 78


class _List(NamedTuple):
    grid: Grid
    what: str
    left: int


def draw_overview(page: Page, report: Report, notes: Sequence[str]) -> None:
    """Draw a report that has something on one screen."""
    days = days_between(report.since, report.until) if report.since and report.until else ()
    unit = _unit(days, report.span)
    page.add(page.fitted(headline_grid(report, page.screen.width, dated=unit != "day"), page.screen.width))
    page.lines.append(line())
    times, earlier = _times(report, unit)
    page.add(page.fitted(times, page.screen.width))
    narrow = page.screen.width is not None and page.screen.width < _WIDE
    lists = list(_lists(report, narrow=narrow))
    if lists:
        page.lines.append(line())
        _side_by_side(page, [each.grid for each in lists])
    left_out = [plural(earlier, f"earlier {unit}")] if earlier else []
    left_out += [plural(each.left, each.what) for each in lists if each.left]
    _last_line(page, notes, left_out)
    if len(page.lines) > _SCREEN:
        page.lines[:] = [each for each in page.lines if each != line()]  # the headings part what is left


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
    heading = f"{unit} (UTC)" if unit == "day" else f"{unit}, means a day"
    look = Look(means=unit != "day", parts=True, bars=_BARS_OF_TIMES, ruled=False, heading=heading, other=_LABELS)
    return grid_of(table, look, entries[-_MOST_TIMES:]), max(len(entries) - _MOST_TIMES, 0)


def _lists(report: Report, *, narrow: bool) -> Iterator[_List]:
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
        heading = "IDE, all features" if name == IDE and not narrow else "IDE" if name == IDE else name
        look = Look(share=True, bars=_BARS_OF_NAMES, ruled=False, heading=heading, other=_NAMES)
        yield _List(
            grid_of(table, look, table.rows[:top]),
            "IDE" if name == IDE else name,
            max(len(table.rows) - top, 0),
        )


def _side_by_side(page: Page, grids: Sequence[Grid]) -> None:
    """Set two lists beside each other where both have room for names and shares, else below."""
    width = page.screen.width
    gap = _WIDE_GAP if width is None or width >= _WIDE else _NARROW_GAP
    half = None if width is None else min((width - gap) // 2, _WIDEST_LIST)
    if len(grids) > 1 and (half is None or half >= _LEAST_LIST):
        left, right = ((grid, page.fit(grid, half)) for grid in grids)
        page.add(beside(left, right, half, gap, blocks=page.screen.blocks))
        return
    for number, grid in enumerate(grids):
        if number:
            page.lines.append(line())
        page.add(page.fitted(grid, width))


def _last_line(page: Page, notes: Sequence[str], left_out: Sequence[str]) -> None:
    """Add the weightiest note, with how to see all that is left out; it is shortened where that has no room."""
    if not page.screen.notes:
        return
    if page.unknown_columns:
        page.text(f"unknown throughout: {', '.join(page.unknown_columns)}", "dim", "  ")
    more = [plural(len(notes) - 1, "more note")] if len(notes) > 1 else []
    more += left_out
    if not more and page.left_out_columns:
        more = [plural(len(page.left_out_columns), "column")]
    rest = f"{', '.join(more)}: --full" if more else ""
    if notes:
        first = f"note: {visible(notes[0])}"
        width = page.screen.width
        page.text("; ".join(filter(None, (_cut(first, width and width - len(rest) - 2), rest))), "note", "  ")
    elif rest:
        page.text(f"not shown: {rest}", "dim", "  ")


def _cut(note: str, room: int | None) -> str:
    """Shorten a note at a blank; the whole of it is in the full report."""
    if room is None or text_width(note) <= max(room, _LEAST_NOTE):
        return note
    words = note.split(" ")
    while len(words) > 1 and text_width(" ".join(words)) > max(room, _LEAST_NOTE) - 2:
        words.pop()
    return f"{' '.join(words).rstrip(',;:')} …"
