"""From cells to lines: fit a table into a width. No number is ever cut, names fold, and what has no room is named."""

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from typing import NamedTuple, Protocol

from copilot_usage_cli.render.lines import Line, Span, fold, line, pad, text_width, wrap

GAP = 2
INDENT = 2
NARROWEST_NAME = 12


class Draw(Protocol):
    """Draws something as wide as it may be; `blocks` if there are block characters."""

    def __call__(self, width: int, *, blocks: bool) -> str:  # noqa: D102 - the class says it
        ...


class Drawing(NamedTuple):
    """A cell, or a header, that is drawn when its width is known."""

    at: Draw


class Bar(NamedTuple):
    """A bar as long as a fraction, None of nothing known: in halves of a column, or in whole ones without blocks.

    A heavy line, where blocks would grow together with those of the next row.
    """

    part: float | None

    def at(self, width: int, *, blocks: bool) -> str:
        """Draw it."""
        if self.part is None:
            return ""
        if not blocks:
            return "#" * round(self.part * width)
        whole, half = divmod(round(self.part * width * 2), 2)
        return "━" * whole + "╸" * half


Cell = Span | Drawing | Bar
Row = tuple[Cell, ...]
"""Cells by column; one of fewer cells than columns runs on to the right, however wide its columns."""


class Column(NamedTuple):
    """A column's header, of one or more lines, and how it yields when there is little room.

    Columns give way, the least `priority` first, and those of one `set` together; one without a priority stays. A name
    that `folds` may take several lines, one that `cuts` is shortened with a mark instead. A column that `stretches` is
    from so wide to so wide, however wide its cells.
    """

    header: str | Drawing
    priority: int | None = None
    right: bool = True
    folds: bool = False
    cuts: bool = False
    set: str = ""
    stretches: tuple[int, int] | None = None

    @property
    def label_lines(self) -> list[str]:
        """The header's lines; nothing of what is drawn."""
        return self.header.split("\n") if isinstance(self.header, str) else [""]

    @property
    def label(self) -> str:
        """The header on one line; nothing of what is drawn."""
        return " ".join(self.label_lines)


class Grid(NamedTuple):
    """A table whose cells are drawn already.

    `footer` is a last row set apart, `ruled` if the header is underlined, `unknown` the labels of columns that are left
    out because nothing is known of them, `low` if numbers stand beside the last line of a name that takes several.
    """

    columns: tuple[Column, ...]
    rows: Sequence[Row]
    footer: Row | None = None
    ruled: bool = True
    unknown: tuple[str, ...] = ()
    low: bool = False

    def has_trend(self, place: int) -> bool:
        """Return whether a column has lines of blocks, which only a terminal draws; a bar is a number."""
        cells = [row[place] for row in self.rows if place < len(row)]
        header = self.columns[place].header
        return isinstance(header, Drawing) or any(isinstance(each, Drawing) for each in cells)

    @property
    def all_rows(self) -> Iterator[Row]:
        """The rows, and the footer."""
        yield from self.rows
        if self.footer is not None:
            yield self.footer


class FittedGrid(NamedTuple):
    """The columns that have room, by index, with their widths, and the labels of those that have none.

    `room` is the width that they were fitted into.
    """

    widths: dict[int, int]
    dropped: tuple[str, ...] = ()
    room: int | None = None

    @property
    def width(self) -> int:
        """The width of the whole grid."""
        return sum(self.widths.values()) + GAP * (len(self.widths) - 1)

    def has_numbers(self, grid: Grid) -> bool:
        """Return whether any column that could give way has room."""
        return any(grid.columns[n].priority is not None for n in self.widths)


def cell(text: str) -> Span:
    """Return a cell without a style."""
    return Span(text)


def fit(grid: Grid, width: int | None) -> FittedGrid:
    """Choose columns and widths for a screen `width` columns wide; None is as wide as it takes."""
    natural = _natural_widths(grid)
    if width is None:
        return FittedGrid(natural)
    columns = grid.columns
    least = {n: _least_width(columns[n], size) for n, size in natural.items()}
    dropped: list[int] = []
    while FittedGrid(least).width > width:
        priorities = {n: priority for n in least if (priority := columns[n].priority) is not None}
        if not priorities:
            break
        loser = min(priorities, key=lambda n: (priorities[n], -n))
        leaving = [n for n in least if n == loser or (columns[n].set and columns[n].set == columns[loser].set)]
        for n in leaving:
            del least[n]
        dropped += leaving
    spare = width - FittedGrid(least).width
    widths = {}
    for n, size in least.items():
        widths[n] = size + min(natural[n] - size, max(spare, 0))
        spare -= widths[n] - size
    names = dict.fromkeys(columns[n].set or columns[n].label for n in sorted(dropped))
    return FittedGrid(widths, tuple(name for name in names if name), width)


def draw(grid: Grid, fitted: FittedGrid, *, blocks: bool = True) -> Iterator[Line]:
    """Draw a grid: header, rule, rows, and the footer below another rule; `blocks` if there are block characters."""
    headers = [_header(grid.columns[n], width, blocks=blocks) for n, width in fitted.widths.items()]
    if any(map(any, headers)):
        tall = max(map(len, headers))
        rows = zip(*([""] * (tall - len(header)) + header for header in headers), strict=True)
        for texts in rows:
            yield _line(grid, fitted, [Span(text, "heading") for text in texts])
    rule = line(("─" if blocks else "-") * fitted.width, "dim")
    if grid.ruled:
        yield rule
    for row in grid.rows:
        yield from _row(grid, fitted, row, blocks=blocks)
    if grid.footer is not None:
        yield rule
        yield from _row(grid, fitted, [_strong(each) for each in grid.footer], blocks=blocks)


def beside(
    left: tuple[Grid, FittedGrid], right: tuple[Grid, FittedGrid], width: int | None, gap: int, *, blocks: bool
) -> Iterator[Line]:
    """Draw two grids beside each other, their first rows on one line; `width` is the least of the left one."""
    heights = [_header_height(*each) for each in (left, right)]
    drawn = [
        [()] * (max(heights) - height) + list(draw(*each, blocks=blocks))
        for each, height in zip((left, right), heights, strict=True)
    ]
    start = max(left[1].width, width or 0) + gap
    for ours, theirs in zip_longest(*drawn, fillvalue=()):
        taken = sum(text_width(span.text) for span in ours)
        yield (*ours, Span(" " * (start - taken)), *theirs) if theirs else ours


def _header_height(grid: Grid, fitted: FittedGrid) -> int:
    headers = [grid.columns[n].label_lines for n in fitted.widths]
    return max(map(len, headers)) if any(map(any, headers)) else 0


def text_of(each: Cell) -> str:
    """Return what a cell says; a drawing says nothing."""
    return each.text if isinstance(each, Span) else ""


def _natural_widths(grid: Grid) -> dict[int, int]:
    widths = {}
    for n, column in enumerate(grid.columns):
        cells = [row[n] for row in grid.all_rows if len(row) == len(grid.columns)]
        texts = (*column.label_lines, *map(text_of, cells))
        widths[n] = max(map(text_width, texts), default=0) if column.stretches is None else column.stretches[1]
    return widths


def _least_width(column: Column, natural: int) -> int:
    if column.stretches is not None:
        return column.stretches[0]
    return min(natural, NARROWEST_NAME) if column.folds or column.cuts else natural


def _row(grid: Grid, fitted: FittedGrid, row: Sequence[Cell], *, blocks: bool) -> Iterator[Line]:
    if len(row) < len(grid.columns):
        yield from _short_row(grid, fitted, row)
        return
    spans = [_drawn(row[n], width, blocks=blocks, cuts=grid.columns[n].cuts) for n, width in fitted.widths.items()]
    if not any(grid.columns[n].folds for n in fitted.widths):
        yield _line(grid, fitted, spans)
        return
    folded = [_folded(span.text, width) for span, width in zip(spans, fitted.widths.values(), strict=True)]
    if grid.low:
        tall = max(map(len, folded))
        folded = [[""] * (tall - len(each)) + each for each in folded]
    for texts in zip_longest(*folded, fillvalue=""):
        yield _line(grid, fitted, [Span(text, span.style) for text, span in zip(texts, spans, strict=True)])


def _folded(text: str, width: int) -> list[str]:
    """Break a cell at blanks, into lines of about the same length."""
    if text_width(text) <= width:
        return [text]
    lines = wrap(text, width)
    if max(map(text_width, text.split(" "))) <= width:
        while width > NARROWEST_NAME and len(narrower := wrap(text, width - 1)) == len(lines):
            width, lines = width - 1, narrower
    return lines


def _short_row(grid: Grid, fitted: FittedGrid, row: Sequence[Cell]) -> Iterator[Line]:
    *cells, last = [Span(text_of(each), each.style if isinstance(each, Span) else "") for each in row]
    shown = [n for n in range(len(cells)) if n in fitted.widths]
    start = "".join(pad(cells[n].text, fitted.widths[n], right=grid.columns[n].right) + " " * GAP for n in shown)
    indent = text_width(start)
    if fitted.room is not None and fitted.room - indent < NARROWEST_NAME:
        yield from (line(part, last.style) for part in wrap(start.rstrip(), fitted.room))
        start, indent = " " * INDENT, INDENT
    for number, part in enumerate(wrap(last.text, None if fitted.room is None else fitted.room - indent)):
        yield (Span(" " * indent if number else start, last.style), Span(part, last.style))


def _header(column: Column, width: int, *, blocks: bool) -> list[str]:
    return column.label_lines if isinstance(column.header, str) else column.header.at(width, blocks=blocks).split("\n")


def _drawn(each: Cell, width: int, *, blocks: bool, cuts: bool) -> Span:
    if not isinstance(each, Span):
        return Span(each.at(width, blocks=blocks))
    if cuts and text_width(each.text) > width:
        return each._replace(text=f"{fold(each.text, width - 1)[0]}…")
    return each


def first_that_fits(*texts: str) -> Drawing:
    """Return the first of some texts, of one or more lines, that has room, or nothing."""

    def at(width: int, *, blocks: bool) -> str:  # noqa: ARG001 - as a Draw
        return next((text for text in texts if max(map(len, text.split("\n"))) <= width), "")

    return Drawing(at)


def _strong(each: Cell) -> Cell:
    return Span(each.text, each.style or "heading") if isinstance(each, Span) else each


def _line(grid: Grid, fitted: FittedGrid, cells: Sequence[Span]) -> Line:
    """Join the cells of one line, without blanks at its end; neighbours of one style are one span."""
    spans: list[Span] = []
    for (n, width), each in zip(fitted.widths.items(), cells, strict=True):
        spans.append(
            Span((" " * GAP if spans else "") + pad(each.text, width, right=grid.columns[n].right), each.style)
        )
    joined = [
        Span("".join(span.text for span in same), style) for style, same in groupby(spans, lambda span: span.style)
    ]
    while joined and not joined[-1].text.strip():
        joined.pop()
    if joined:
        joined[-1] = joined[-1]._replace(text=joined[-1].text.rstrip())
    return tuple(joined)
