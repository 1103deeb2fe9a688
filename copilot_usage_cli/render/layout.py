"""Fit a grid of text into a width: no number is ever cut, names fold, and what has no room is named."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

GAP = 2
STACKED_BELOW = 60  # columns; a grid narrower than this shows one metric a line
_NARROWEST_NAME = 12


class Column(NamedTuple):
    """A column's header, of one or more lines, and how it yields when there is little room.

    Numbers give way, the least `priority` first, and those of one `set` together; names stay, and a name that `folds`
    may take several lines.
    """

    header: str
    priority: int = 0
    numeric: bool = True
    folds: bool = False
    set: str = ""

    @property
    def label(self) -> str:
        """The header on one line."""
        return self.header.replace("\n", " ")


class Grid(NamedTuple):
    """A titled table whose cells are text already; `footer` is a last row set apart."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    footer: tuple[str, ...] | None = None

    def cells(self, index: int) -> list[str]:
        """List the cells of a column, without its header."""
        return [row[index] for row in (*self.rows, *([self.footer] if self.footer else []))]


class FittedGrid(NamedTuple):
    """The columns that have room, by index, with their widths, and the labels of those that have none."""

    widths: dict[int, int]
    dropped: tuple[str, ...]

    @property
    def width(self) -> int:
        """The width of the whole grid."""
        return sum(self.widths.values()) + GAP * (len(self.widths) - 1)

    def has_numbers(self, grid: Grid) -> bool:
        """Return whether any numeric column of the grid has room."""
        return any(grid.columns[n].numeric for n in self.widths)


def text_width(text: str) -> int:
    """Measure a text in terminal columns."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fit(grid: Grid, width: int | None) -> FittedGrid:
    """Choose columns and widths for a terminal `width` columns wide; None is as wide as it takes."""
    natural = {n: _natural(grid, n) for n in range(len(grid.columns))}
    if width is None:
        return FittedGrid(natural, ())
    numeric = {n for n, column in enumerate(grid.columns) if column.numeric}
    least = {n: min(size, _NARROWEST_NAME) if grid.columns[n].folds else size for n, size in natural.items()}
    dropped: list[int] = []
    while FittedGrid(least, ()).width > width and (candidates := numeric & least.keys()):
        loser = min(candidates, key=lambda n: (grid.columns[n].priority, -n))
        leaving = [
            n for n in least if n == loser or (grid.columns[n].set and grid.columns[n].set == grid.columns[loser].set)
        ]
        for n in leaving:
            del least[n]
        dropped += leaving
    spare = width - FittedGrid(least, ()).width
    widths = {}
    for n, size in least.items():
        widths[n] = size + min(natural[n] - size, max(spare, 0))
        spare -= widths[n] - size
    names = dict.fromkeys(grid.columns[n].set or grid.columns[n].label for n in sorted(dropped))
    return FittedGrid(widths, tuple(names))


def draw(grid: Grid, fitted: FittedGrid) -> Iterator[str]:
    """Draw a grid as plain lines: header, rule, rows, and the footer below another rule."""
    headers = [grid.columns[n].header.split("\n") for n in fitted.widths]
    tall = max(map(len, headers))
    for line in zip(*([""] * (tall - len(header)) + header for header in headers), strict=True):
        yield _line(grid, fitted, line)
    rule = "-" * fitted.width
    yield rule
    for row in grid.rows:
        yield from _row(grid, fitted, row)
    if grid.footer:
        yield rule
        yield from _row(grid, fitted, grid.footer)


def stack(grid: Grid, width: int) -> Iterator[str]:
    """Draw a grid for a narrow terminal: names on a line, then one metric a line."""
    names = [n for n, column in enumerate(grid.columns) if not column.numeric]
    metrics = [n for n, column in enumerate(grid.columns) if column.numeric]
    label = max(text_width(grid.columns[n].label) for n in metrics)
    value = max(text_width(cell) for n in metrics for cell in grid.cells(n)) if grid.rows else 0
    for row in (*grid.rows, *([grid.footer] if grid.footer else [])):
        yield from fold("  ".join(row[n] for n in names if row[n]), width)
        for n in metrics:
            if row[n]:
                yield f"  {pad(grid.columns[n].label, label)}  {pad(row[n], value, right=True)}"


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Fill a text up to a width, on the left if it belongs to the right."""
    blank = " " * (width - text_width(text))
    return blank + text if right else text + blank


def fold(text: str, width: int) -> list[str]:
    """Break a text, between any two characters, into lines of at most `width` terminal columns."""
    if text_width(text) <= width:
        return [text]
    lines = [""]
    for character in text:
        if text_width(lines[-1] + character) > width:
            lines.append("")
        lines[-1] += character
    return lines


def wrap(text: str, width: int | None, later: str = "") -> list[str]:
    """Break a text at its spaces into lines of at most `width` terminal columns; `later` indents all but the first."""
    if width is None:
        return [text]
    width = max(width, len(later) + _NARROWEST_NAME)
    lines: list[str] = []
    for word in text.split(" "):
        if lines and text_width(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            indent = later if lines else ""
            lines += [indent + part for part in fold(word, width - len(indent))]
    return [line.rstrip() for line in lines]


def _natural(grid: Grid, index: int) -> int:
    return max(map(text_width, (*grid.columns[index].header.split("\n"), *grid.cells(index))))


def _row(grid: Grid, fitted: FittedGrid, row: tuple[str, ...]) -> Iterator[str]:
    folded = [fold(row[n], width) for n, width in fitted.widths.items()]
    for line in zip_longest(*folded, fillvalue=""):
        yield _line(grid, fitted, line)


def _line(grid: Grid, fitted: FittedGrid, cells: tuple[str, ...]) -> str:
    padded = (
        pad(cell, width, right=grid.columns[n].numeric)
        for (n, width), cell in zip(fitted.widths.items(), cells, strict=True)
    )
    return (" " * GAP).join(padded).rstrip()
