"""Three sentences for a chat: plain text, each number with what it is over."""

from collections.abc import Iterator, Sequence

from copilot_usage_cli.render.columns import UNKNOWN, number, percent
from copilot_usage_cli.render.documents.document import Document
from copilot_usage_cli.render.documents.reports import words_before_of
from copilot_usage_cli.render.grid import Cell, Grid, text_of
from copilot_usage_cli.render.title import title_parts
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.change import is_rate
from copilot_usage_cli.report.comparison import Comparison
from copilot_usage_cli.report.headline import Figure, change_of, headline
from copilot_usage_cli.report.rows import cells_of
from copilot_usage_cli.text import plural, shorten, visible

_NAMED = 3  # languages, scopes or rows
_LONGEST = 40  # characters of a name
_MOST_NUMBERS = 6


def summarize_report(shown: Report | Comparison) -> str:
    """Write three sentences about a report, or two that are compared: users, rates, and the largest languages."""
    report = shown if isinstance(shown, Report) else shown.current
    start = ", ".join(title_parts(report))
    if report.is_empty:
        return _joined([f"{start}: no report", *_noted("", shown.notes)])
    compared = shown if isinstance(shown, Report) or not shown.is_empty else report
    figures = {figure.name: figure for figure in headline(report)}
    before = words_before_of(compared).removeprefix("vs ")
    return _joined(
        [
            f"{start}: {_users(report, figures, compared, before)}",
            _rates(report.days, figures, compared, before),
            *_noted(_languages(report), shown.notes),
        ]
    )


def summarize_document(document: Document) -> str:
    """Write three sentences about a view or several scopes: the whole or the first rows, and the weightiest note."""
    start = ", ".join(document.title)
    grids = [part.grid for part in document.parts]
    if not grids:
        return _joined([f"{start}: nothing to show", *_noted("", document.notes)])
    return _joined([f"{start}: {_whole(grids[0])}", *_noted("", document.notes)])


def _users(report: Report, figures: dict[str, Figure], shown: Report | Comparison, before: str) -> str:
    figure = figures.get("active_users_mean") or figures["active_users_at_least"]
    if figure.value is None:
        return "how many people used Copilot is not known"
    moved = _moved(figure, shown, before)
    if figure.name == "active_users_at_least":
        people = "person" if figure.value == 1 else "people"
        return f"at least {number(figure.value)} {people} used Copilot on one day{moved}"
    peak, days = figure.row["active_users_peak"], figure.row["active_users_days"]
    if report.days == 1:
        return f"{number(peak)} people used Copilot{moved}"
    known = "" if days == len(report.records) else f" (known for {days} of {plural(len(report.records), 'day')})"
    return f"{number(figure.value)} people a day used Copilot{moved}, and {number(peak)} on the busiest day{known}"


def _rates(days: int, figures: dict[str, Figure], shown: Report | Comparison, before: str) -> str:
    accepted = []
    for name, what in (("acceptance_rate", "suggestions"), ("lines_acceptance_rate", "lines suggested")):
        figure = figures[name]
        if figure.value is not None:
            below = sum(each or 0 for above, each in figure.daily if above is not None and each is not None)
            accepted.append(f"{percent(figure.value)} of {number(below)} {what}{_moved(figure, shown, before)}")
    rates = f"they accepted {' and '.join(accepted)}" if accepted else "how much they accepted is not known"
    chat = figures.get("active_chat_users_mean")
    if chat is None or chat.value is None:
        return rates
    peak = chat.row["active_chat_users_peak"]
    return f"{rates}; {f'{number(peak)} people' if days == 1 else f'{number(chat.value)} people a day'} used chat"


def _moved(figure: Figure, shown: Report | Comparison, before: str) -> str:
    change = (
        figure.change
        if isinstance(shown, Report)
        else change_of(shown.current.whole(), shown.previous.whole(), figure.name)
    )
    if change is None or not before:
        return ""
    amount = abs(round(change * 100, 1))
    unit = " percentage points" if is_rate(figure.name) else "%"
    if not amount:
        return f" (the same as {before})"
    return f" ({amount:.1f}{unit} {'more' if change > 0 else 'less'} than {before})"


def _languages(report: Report) -> str:
    rows = report.grouped("language").rows if cells_of(report.records) else ()
    counts = [count if isinstance(count := row["suggestions_count"], int) else 0 for row in rows]
    whole = sum(counts)
    if not whole:
        return ""
    named = [
        f"{_name(row['language'])} ({percent(count / whole)})"
        for row, count in zip(rows[:_NAMED], counts, strict=False)
        if count
    ]
    return f"most suggestions were in {_and(named)}"


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _name(name: object) -> str:
    return UNKNOWN if name is None else shorten(visible(str(name)), _LONGEST)


def _noted(sentence: str, notes: Sequence[str]) -> Iterator[str]:
    """Yield the last sentence, with the weightiest note, and how many more there are."""
    more = f" ({plural(len(notes) - 1, 'more note')})" if len(notes) > 1 else ""
    note = f"note: {visible(notes[0])}{more}" if notes else ""
    if sentence or note:
        yield "; ".join(filter(None, [sentence, note]))


def _whole(grid: Grid) -> str:
    """Write a table's total or only row; the first numbers where each has a line of its own; or the first rows."""
    if grid.footer is not None:
        return _numbers(grid, grid.footer)
    if len(grid.rows) == 1:
        return _numbers(grid, grid.rows[0])
    if not grid.columns[0].label:
        return ", ".join(f"{text_of(row[0])} {text_of(row[1])}" for row in grid.rows[:_MOST_NUMBERS])
    named = [f"{shorten(text_of(row[0]), _LONGEST)} ({_numbers(grid, row, 2)})" for row in grid.rows[:_NAMED]]
    return f"{plural(len(grid.rows), 'row')}, the first of which are {_and(named)}"


def _numbers(grid: Grid, row: Sequence[Cell], most: int = _MOST_NUMBERS) -> str:
    pairs = [
        (column.label, text_of(each))
        for column, each in zip(grid.columns, row, strict=False)
        if column.right and column.label and text_of(each) not in {"", UNKNOWN}
    ]
    return ", ".join(f"{label} {value}" for label, value in pairs[:most])


def _joined(sentences: Sequence[str]) -> str:
    """End each sentence with a period, one a line: a chat shows them as they come."""
    return " ".join(f"{each[:1].upper()}{each[1:]}." if n else f"{each}." for n, each in enumerate(sentences)) + "\n"
