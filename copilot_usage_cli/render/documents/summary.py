"""Three sentences for a chat: plain text, each number with what it is over."""

from collections.abc import Iterator, Sequence

from copilot_usage_cli.render.columns import UNKNOWN, number, percent
from copilot_usage_cli.render.documents.document import Document, Part, notes_for_readers
from copilot_usage_cli.render.documents.reports import words_before_of
from copilot_usage_cli.render.grid import Cell, Grid, text_of
from copilot_usage_cli.render.title import title_parts
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.change import is_rate
from copilot_usage_cli.report.comparison import Comparison
from copilot_usage_cli.report.grouping import Value
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
        return _joined([f"{start}: no report", *_noted("", notes_for_readers(shown.notes))])
    compared = shown if isinstance(shown, Report) or not shown.is_empty else report
    figures = {figure.name: figure for figure in headline(report)}
    before = words_before_of(compared).removeprefix("vs ")
    return _joined(
        [
            f"{start}: {_users(report, figures, compared, before)}",
            _rates(report, figures, compared, before),
            *_noted(_languages(report), notes_for_readers(shown.notes)),
        ]
    )


def summarize_document(document: Document) -> str:
    """Write at most three sentences about a view or several scopes: the whole, the first rows, and a note."""
    start = ", ".join(document.title)
    if not document.parts:
        return _joined([f"{start}: nothing to show", *_noted("", document.notes)])
    part = document.parts[0]
    return _joined([f"{start}: {_whole(part)}", *_rows(part.grid), *_noted("", document.notes)])


def _users(report: Report, figures: dict[str, Figure], shown: Report | Comparison, before: str) -> str:
    figure = figures.get("active_users_mean") or figures["active_users_at_least"]
    if figure.value is None:
        return "how many people used Copilot is not known"
    moved = _moved(figure, shown, before)
    if figure.name == "active_users_at_least":
        return f"at least {_people(figure.value)} used Copilot on one day{moved}"
    peak, days = figure.row["active_users_peak"], figure.row["active_users_days"]
    if report.days == 1:
        return f"{_people(peak)} used Copilot{moved}"
    known = _of_days(days, report)
    return f"{number(figure.value)} people a day used Copilot{moved}, and {number(peak)} on the busiest day{known}"


def _rates(report: Report, figures: dict[str, Figure], shown: Report | Comparison, before: str) -> str:
    accepted = []
    for name, what in (("acceptance_rate", "suggestions"), ("lines_acceptance_rate", "lines suggested")):
        figure = figures[name]
        if figure.value is not None:
            known = [each for above, each in figure.daily if above is not None and each is not None]
            of_days = _of_days(len(known), report)
            moved = _moved(figure, shown, before)
            accepted.append(f"{percent(figure.value)} of {number(sum(known))} {what}{of_days}{moved}")
    rates = f"they accepted {' and '.join(accepted)}" if accepted else "how much they accepted is not known"
    chat = figures.get("active_chat_users_mean")
    if chat is None or chat.value is None:
        return rates
    peak, days = chat.row["active_chat_users_peak"], chat.row["active_chat_users_days"]
    people = _people(peak) if report.days == 1 else f"{number(chat.value)} people a day"
    return f"{rates}; {people} used chat{_of_days(days, report)}{_moved(chat, shown, before)}"


def _people(value: Value) -> str:
    return f"{number(value)} {'person' if value == 1 else 'people'}"


def _of_days(known: object, report: Report) -> str:
    """Say on how many days a number is known, if not on all that have data."""
    return "" if known == len(report.records) else f" (known for {known} of {plural(len(report.records), 'day')})"


def _moved(figure: Figure, shown: Report | Comparison, before: str) -> str:
    if isinstance(shown, Report):
        change = figure.change
    else:
        change = change_of(shown.current.whole(), shown.previous.whole(), figure.name)
    if change is None or not before:
        return ""
    amount = abs(round(change * 100, 1))
    if not amount:
        return f" (about the same as {before})"
    if is_rate(figure.name):
        return f" ({amount:.1f} percentage points {'more' if change > 0 else 'less'} than {before})"
    return f" ({amount:.1f}% {'more' if change > 0 else 'fewer'} than {before})"


def _languages(report: Report) -> str:
    """Name the largest languages, with their parts where all suggestions are known."""
    rows = report.grouped("language").rows if cells_of(report.records) else ()
    counts = [row["suggestions_count"] for row in rows]
    if len(rows) < 2 or not any(counts):
        return ""
    known = [count for count in counts if isinstance(count, int)]
    days = {row["suggestions_count_days"] for row in rows}
    is_whole = len(known) == len(counts) and days == {len(report.records)}
    named = [
        _name(row["language"]) + (f" ({percent(count / sum(known))} of suggestions)" if is_whole else "")
        for row, count in zip(rows[:_NAMED], counts, strict=False)
        if isinstance(count, int) and count
    ]
    if len(named) == 1:
        return f"the largest language was {named[0]}"
    return f"the largest languages were {_and(named)}"


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


def _whole(part: Part) -> str:
    """Write a table's total or only row, the first numbers where each has its own line, or how many rows it has."""
    grid = part.grid
    title = f"{part.title}: " if part.title else ""
    if grid.footer is not None:
        return title + _numbers(grid, grid.footer)
    if len(grid.rows) == 1:
        names = _names_of(grid, grid.rows[0])
        return title + ": ".join(filter(None, [names, _numbers(grid, grid.rows[0])]))
    if not grid.columns[0].label:
        return title + ", ".join(f"{text_of(row[0])} {text_of(row[1])}" for row in grid.rows[:_MOST_NUMBERS])
    return title + plural(len(grid.rows), "row")


def _rows(grid: Grid) -> Iterator[str]:
    """Name the first rows, by all their names, with their first numbers."""
    if len(grid.rows) < 2 or not grid.columns[0].label:
        return
    whole = [row for row in grid.rows if len(row) == len(grid.columns)]
    named = []
    for row in whole[:_NAMED]:
        numbers = _numbers(grid, row, 2)
        named.append(_names_of(grid, row) + (f" ({numbers})" if numbers else ""))
    yield f"the first rows are {_and(named)}"


def _names_of(grid: Grid, row: Sequence[Cell]) -> str:
    """Write what names a row: all of its names, or else its first column."""
    pairs = list(zip(grid.columns, row, strict=False))
    names = [each for column, each in pairs if column.folds or column.cuts] or [row[0]]
    return " ".join(shorten(text_of(each), _LONGEST) for each in names)


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
