"""Markdown for job summaries, comments, chat and mail: GitHub's, with one chart, and short enough for a comment."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from copilot_usage_cli.model.period import days_between, format_ranges
from copilot_usage_cli.render.axis import short_day, ticks
from copilot_usage_cli.render.documents.document import Document, Part, Picture
from copilot_usage_cli.render.grid import Bar, Cell, Grid, Row, text_of
from copilot_usage_cli.render.lines import Span
from copilot_usage_cli.text import plural, visible

MOST = 60_000  # bytes; GitHub's comments end at 65,536 characters
_STEPS = 4
_MOST_ROWS = 2_000  # of which the least take as much as there may be
_WIDTH, _DATE = 700, 60  # units of a chart, and of a bar with a date
_COLOUR = "#3a80e0"  # 3.9:1 on white, 3.2:1 on the page of Mermaid in the dark, whose own bars have 1.2:1
# A word that no reader of Markdown, and no autolink of GitHub or a mail program, takes for more than a word.
_PLAIN = re.compile(
    r"""[("]*
    (?: [A-Za-z]+ (?: ['/-] [A-Za-z]+ )*
      | [+-]? \d[\d,]* (?: \.\d+ )? %? | \d+ (?: st|nd|rd|th )
      | \d{4}-\d\d (?: -\d\d )? | \d{4}-W\d\d
      | [=▲▼-] | pp )
    [.,;:!?")]*""",
    re.VERBOSE | re.ASCII,
)
_OPTION = re.compile(r"\(?--[a-z-]+")  # whose value belongs to it
_FOLDED = re.compile(r"\([\d,]+ more\)")
_END = re.compile(r"[.,;:]+$")
# What at the start of a line begins a list, or underlines a heading.
_UNSAFE_ALONE = re.compile(r"(?:\d+[.)]|[=-]+|\+)$")


def render_markdown(document: Document) -> str:
    """Render a document as Markdown of at most MOST bytes; what has no room is left out, and a note says so."""
    for shorter in _shorter(document):
        text = _written(shorter)
        if len(text.encode("utf-8", "backslashreplace")) <= MOST:
            return text
    raise AssertionError("the shortest is a title")


def _shorter(document: Document) -> Iterator[Document]:
    """Yield a document with ever less: without the daily table, with fewer rows, then with fewer notes."""
    rows = max((len(part.grid.rows) for part in document.parts), default=0)
    if rows <= _MOST_ROWS:
        yield document
    left_out = []
    if document.daily is not None:
        left_out = ["the daily table"]
        document = document._replace(daily=None)
        if rows <= _MOST_ROWS:
            yield _noted(document, left_out)
    rows = min(rows, _MOST_ROWS)
    while rows > 1:
        rows //= 2
        yield _noted(document._replace(parts=tuple(_cut(part, rows) for part in document.parts)), [*left_out, "rows"])
    document = document._replace(parts=tuple(_cut(part, 1) for part in document.parts[:1]))
    notes = len(document.notes)
    while notes:
        notes //= 2
        fewer = document._replace(notes=document.notes[:notes])
        yield _noted(fewer, [*left_out, "tables, rows and notes"])
    yield _noted(document._replace(parts=(), pictures=(), notes=(), title=document.title[:1]), ["all"])


def _noted(document: Document, left_out: Sequence[str]) -> Document:
    what = f"left out to stay under {MOST // 1000:,} KB: {', '.join(left_out)}; the formats html and xlsx have it all"
    return document._replace(notes=(what, *document.notes))


def _cut(part: Part, rows: int) -> Part:
    """Keep so many rows: all others become one, with their sums where these can be told."""
    grid = part.grid
    if len(grid.rows) <= rows:
        return part
    if part.fold is not None:
        return part._replace(grid=part.fold(rows))
    rest: Row = (Span(""), Span(f"{plural(len(grid.rows) - rows, 'more row')}"))
    return part._replace(grid=grid._replace(rows=[*grid.rows[:rows], rest]))


def _written(document: Document) -> str:
    scope, *others = document.title
    blocks = [f"## Copilot: {text(scope)}", _joined_parts(others)]
    if document.numbers is not None:
        blocks.append(_table(document.numbers))
    blocks += [_mermaid(picture) for picture in document.pictures[:1]]
    for part in document.parts:
        blocks += [f"### {text(part.title)}"] if part.title else []
        blocks += [text(part.words), _table(part.grid)]
    blocks += (
        [f"### {'Notes' if document.parts or document.numbers else 'Nothing to show'}", _notes(document.notes)]
        if document.notes
        else []
    )
    if document.daily is not None:
        summary = f"<details><summary>{document.daily.title}</summary>"
        blocks += [summary, _table(document.daily.grid), "</details>"]
    about = document.about
    made = f"{text(f'as of {about.today} (UTC), by copilot-usage')} {code(about.version)}: {code(about.command)}"
    blocks.append(f"<sub>{made}</sub>")
    return "\n\n".join(filter(None, blocks)) + "\n"


def code(name: str, *, in_table: bool = False) -> str:
    """Write a text as a code span, in which nothing is markup, with controls and direction marks as escapes."""
    shown = visible(name) or " "
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown[0] == "`" or shown[-1] == "`" or (shown[0] == shown[-1] == " " and shown.strip()) else ""
    written = f"{fence}{pad}{shown}{pad}{fence}"
    return written.replace("|", "\\|") if in_table else written


def text(words: str, *, in_table: bool = False) -> str:
    """Write a text of ours: words that aren't plain, of which some are names from elsewhere, as code spans."""
    found: list[str] = []
    strange: list[str] = []

    def end_strange() -> None:
        if strange:
            whole = " ".join(strange)
            end = _END.search(whole)
            bare = whole[: end.start()] if end and end.start() else whole
            found.append(code(bare, in_table=in_table) + whole[len(bare) :])
            strange.clear()

    for word in visible(words).split(" "):
        is_first = not found and not strange and not in_table
        is_value = bool(strange) and _OPTION.fullmatch(strange[-1]) is not None
        if _PLAIN.fullmatch(word) and not (is_first and _UNSAFE_ALONE.match(word)) and not is_value:
            end_strange()
            found.append(word)
        elif word or strange:
            strange.append(word)
    end_strange()
    return " ".join(found)


def _joined_parts(parts: Sequence[str]) -> str:
    return " · ".join(text(part) for part in parts)


def _notes(notes: Sequence[str]) -> str:
    return "\n".join(f"- {text(note)}" for note in notes)


def _table(grid: Grid) -> str:
    places = [n for n, _ in enumerate(grid.columns) if not grid.has_trend(n) and not _has_bars(grid, n)]
    columns = [grid.columns[n] for n in places]
    lines = [
        "| " + " | ".join(text(column.label, in_table=True) for column in columns) + " |",
        "|" + "|".join("---:" if column.right else ":---" for column in columns) + "|",
    ]
    for row in grid.all_rows:
        if len(row) < len(grid.columns):
            cells = [_cell(each, is_name=False) for each in row]
            cells += [""] * (len(places) - len(cells))
        else:
            is_footer = row is grid.footer
            names = [not is_footer and (grid.columns[n].folds or grid.columns[n].cuts) for n in places]
            cells = [_cell(row[n], is_name=is_name) for n, is_name in zip(places, names, strict=True)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _has_bars(grid: Grid, place: int) -> bool:
    return any(isinstance(row[place], Bar) for row in grid.rows if place < len(row))


def _cell(each: Cell, *, is_name: bool) -> str:
    words = text_of(each)
    is_name = is_name and bool(words) and not _FOLDED.fullmatch(words)
    return code(words, in_table=True) if is_name else text(words, in_table=True)


def _mermaid(picture: Picture) -> str:
    """Draw the first series as bars; a hole would lose the whole chart, so what isn't known is left out and named."""
    chart = picture.few or picture.small
    (name, label), *_ = picture.labels.items()
    factor = 100 if picture.percent else 1
    pairs = list(zip(chart.slots, chart.series[name].values, strict=True))
    bars = [(slot, value * factor) for slot, value in pairs if value is not None]
    top = ticks([value for _, value in bars], _STEPS, whole=not picture.percent)[-1]
    what = f"{'acceptance rate ' if picture.percent else ''}{label}{', %' if picture.percent else ''}"
    by = "" if chart.size == 1 else f", by {chart.unit}" if picture.percent else f", mean a day by {chart.unit}"
    days = f"{short_day(chart.slots[0].first)} to {short_day(chart.slots[-1].last)}"
    names = _names([slot.first for slot, _ in bars], by_day=chart.size == 1)
    lines = [
        "```mermaid",
        "---",
        "config:",
        "  themeVariables:",
        "    xyChart:",
        f'      plotColorPalette: "{_COLOUR}"',
        "  xyChart:",
        f"    width: {max(_WIDTH, _DATE * len(names) if chart.size > 1 else 0)}",
        "---",
        "xychart-beta",
        f'    title "{what.capitalize()}{by}, {days}"',
        f"    x-axis [{', '.join(f'{chr(34)}{each}{chr(34)}' for each in names)}]",
        f'    y-axis "{what}" 0 --> {_fixed(top)}',
        f"    bar [{', '.join(_fixed(value) for _, value in bars)}]",
        "```",
    ]
    unknown = format_ranges(
        day for slot, value in pairs if value is None for day in days_between(slot.first, slot.last)
    )
    words = [text(f"Left out of the chart, since it isn't known: {unknown}.")] if unknown else []
    return "\n".join([*lines, *(["", *words] if words else [])])


def _fixed(value: float) -> str:
    """Write a number without an exponent, which Mermaid can't read."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _names(days: Sequence[date], *, by_day: bool) -> list[str]:
    """Name days below the axis, as short as there is room for; Mermaid draws two of one name in one place."""
    names: dict[str, None] = {}
    for day in days:
        short = (str(day.day),) if by_day else ()
        names[next(each for each in (*short, short_day(day), str(day)) if each not in names)] = None
    return list(names)
