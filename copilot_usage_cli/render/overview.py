"""The report on one screen: the headline, at most eight rows of time, the largest languages, the editors, one note."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from copilot_usage_cli.model.period import days_between
from copilot_usage_cli.model.vocabulary import IDE
from copilot_usage_cli.render.columns import Look, grid_of
from copilot_usage_cli.render.grid import Grid, beside
from copilot_usage_cli.render.headline import headline_grid
from copilot_usage_cli.render.last_line import LATER, last_line
from copilot_usage_cli.render.lines import Line, line
from copilot_usage_cli.render.sections import Page
from copilot_usage_cli.report.build import Report, Table
from copilot_usage_cli.report.grouping import Row, time_key
from copilot_usage_cli.report.rows import cells_of
from copilot_usage_cli.report.timeline import Absence, timeline
from copilot_usage_cli.text import plural

_MOST_TIMES, _FEW_TIMES = 8, 4
_TOP, _LEAST_NAMES = 5, 3
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
_TINY, _WIDE = 40, 60  # columns
_WIDE_GAP, _NARROW_GAP = 4, 2
_WIDEST_LIST = 78
_BEYOND = 3  # lines


class _Layout(NamedTuple):
    """How much is shown: rows of time and of names, lines of notes and of what is beyond completions.

    `parted` if empty lines part the tables.
    """

    times: int
    names: int
    notes: int
    parted: bool = True
    beyond: int = _BEYOND


class _Rows(NamedTuple):
    """A table to lay out the first or last rows of; `what` is one of its rows."""

    what: str
    table: Table
    entries: Sequence[Row | Absence]
    look: Look


class _Content(NamedTuple):
    """What there is to show."""

    numbers: Grid
    times: _Rows
    lists: Sequence[_Rows]
    notes: Sequence[str]
    beyond: Sequence[str]


def draw_overview(page: Page, report: Report, notes: Sequence[str]) -> None:
    """Draw a report that has something on one screen: as much of it as has room there below the title."""
    width = page.screen.width
    days = days_between(report.since, report.until) if report.since and report.until else ()
    unit = _unit(days, report.span)
    content = _Content(
        headline_grid(report, width, dated=unit != "day"),
        _times(report, unit, tiny=width is not None and width < _TINY),
        tuple(_lists(report, narrow=width is not None and width < _WIDE)),
        notes,
        _beyond(report, width),
    )
    attempts = []
    for layout in _layouts(width, report.query.top):
        attempts.append(Page(page.screen))
        _draw(attempts[-1], content, layout)
        if width is None or len(page.lines) + len(attempts[-1].lines) <= _SCREEN:
            break
    else:  # nothing makes it one screen
        del attempts[1:]
    page.add(attempts[-1].lines)


def _layouts(width: int | None, top: int | None) -> Iterator[_Layout]:
    """List what to try: what is worth the least goes first. The number of names that was asked for stays."""
    notes = 1 if width is None or width >= _WIDE else 2 if width >= _TINY else 4
    whole = _Layout(_MOST_TIMES, top or _TOP, notes + 1, beyond=_BEYOND if notes == 1 else 1)
    yield whole
    tight = whole._replace(parted=False)
    yield tight
    tight = tight._replace(notes=notes)
    yield tight
    least = top or _LEAST_NAMES
    yield from (tight._replace(names=n) for n in range(tight.names - 1, least - 1, -1))
    tight = tight._replace(names=least)
    yield from (tight._replace(times=n) for n in range(_MOST_TIMES - 1, _FEW_TIMES - 1, -1))
    yield from (tight._replace(times=_FEW_TIMES, beyond=n) for n in range(tight.beyond - 1, -1, -1))
    yield from (tight._replace(times=n, beyond=0) for n in range(_FEW_TIMES - 1, 0, -1))


def _draw(page: Page, content: _Content, layout: _Layout) -> None:
    numbers, times, lists, notes, beyond = content
    width = page.screen.width
    apart = [line()] if layout.parted else []  # without, the headings part what is left
    page.add(page.fitted(numbers, width))
    page.add(apart)
    page.add(page.fitted(grid_of(times.table, times.look, times.entries[-layout.times :]), width))
    if lists:
        page.add(apart)
        _side_by_side(page, [grid_of(each.table, each.look, each.entries[: layout.names]) for each in lists], apart)
    if beyond and layout.beyond:
        page.add(apart)
        page.add(line(each) for each in beyond[: layout.beyond])
    earlier = sum(each.keys if isinstance(each, Absence) else 1 for each in times.entries[: -layout.times])
    left_out = [plural(earlier, f"earlier {times.what}")] if earlier else []
    more = [(len(each.entries) - layout.names, each.what) for each in lists]
    left_out += [plural(number, what) for number, what in more if number > 0]
    _add_last_line(page, notes, left_out, layout.notes)


def _unit(days: Sequence[date], span: str) -> str:
    """Choose the finest unit of time of which the period has at most eight, else months."""
    for unit in ("day", "week"):
        if len({time_key(day, unit, span) for day in days}) <= _MOST_TIMES:
            return unit
    return "month"


def _times(report: Report, unit: str, *, tiny: bool) -> _Rows:
    table = report.grouped(unit)
    heading = f"{unit} (UTC)" if unit == "day" else f"{unit},\nmeans a day" if tiny else f"{unit}, means a day"
    other = {name: (label.replace(" ", "\n"), n) for name, (label, n) in _LABELS.items()} if tiny else _LABELS
    look = Look(means=unit != "day", parts=True, bars=_BARS_OF_TIMES, ruled=False, heading=heading, other=other)
    return _Rows(unit, table, timeline(report, table), look)


def _lists(report: Report, *, narrow: bool) -> Iterator[_Rows]:
    """Group by language, and by editor, or else by IDE."""
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
        yield _Rows("IDE" if name == IDE else name, table, table.rows, look)


def _beyond(report: Report, width: int | None) -> list[str]:
    if not any(record.activity.totals_by_feature for record in report.records):
        return []
    from copilot_usage_cli.render.beyond import beyond_lines
    from copilot_usage_cli.report.beyond import beyond

    found = beyond(report)
    return [] if found is None else beyond_lines(found, width)


def _side_by_side(page: Page, grids: Sequence[Grid], apart: Sequence[Line]) -> None:
    """Set two lists beside each other where both have room for names and shares, else below and `apart`."""
    width = page.screen.width
    gap = _WIDE_GAP if width is None or width >= _WIDE else _NARROW_GAP
    half = None if width is None else min((width - gap) // 2, _WIDEST_LIST)
    if len(grids) > 1 and (half is None or half >= _LEAST_LIST):
        left, right = ((grid, page.fit(grid, half)) for grid in grids)
        page.add(beside(left, right, half, gap, blocks=page.screen.blocks))
        return
    for number, grid in enumerate(grids):
        if number:
            page.add(apart)
        page.add(page.fitted(grid, width))


def _add_last_line(page: Page, notes: Sequence[str], left_out: Sequence[str], most: int) -> None:
    if not page.screen.notes:
        return
    if page.unknown_columns:
        page.text(f"unknown throughout: {', '.join(page.unknown_columns)}", "dim", "  ")
    if text := last_line(notes, left_out, len(page.left_out_columns), page.screen.width, most):
        page.text(text, "note" if notes else "dim", LATER)
