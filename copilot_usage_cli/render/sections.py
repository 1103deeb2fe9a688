"""The parts of a page for people: tables with their titles, what was left out, and the notes."""

from collections.abc import Iterable, Iterator, Sequence

from copilot_usage_cli.render.grid import FittedGrid, Grid, draw, fit
from copilot_usage_cli.render.lines import Line, Style, line, paragraph, text_width, wrap
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.render.stack import folding, stack
from copilot_usage_cli.text import visible

BAR = " | "  # parts a title


class Page:
    """Collects the lines of a page, and the names of the columns that it leaves out, to name each once."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.lines: list[Line] = []
        self.left_out_columns: dict[str, None] = {}
        self.unknown_columns: dict[str, None] = {}

    def add(self, lines: Iterable[Line]) -> None:
        """Add lines that fit already."""
        self.lines += lines

    def text(self, text: str, style: Style = "", later: str = "") -> None:
        """Add a text, broken into lines that fit."""
        self.lines += paragraph(text, self.screen.width, style, later)

    def title(self, text: str) -> None:
        """Add a title, its lines broken at its bars; within a part only where that is wider than the screen."""
        width = self.screen.width
        lines = [""]
        for part in text.split(BAR):
            joined = f"{lines[-1]}{BAR}{part}" if lines[-1] else part
            if width is None or text_width(joined) <= width:
                lines[-1] = joined
            elif text_width(part) <= width:
                lines.append(part)
            else:
                lines += wrap(part, width)
        self.lines += [line(each, "title") for each in lines if each]

    def section(self, title: str, grid: Grid) -> None:
        """Add a table below an empty line and its title."""
        self.lines.append(line())
        if title:
            self.text(title, "heading")
        self.add(self.fitted(grid, self.screen.width))

    def fitted(self, grid: Grid, width: int | None) -> Iterator[Line]:
        """Draw a table, or one metric a line where not one has room even if all names fold."""
        fitted = self.fit(grid, width)
        if width is not None and not fitted.has_numbers(grid):
            grid = folding(grid)
            fitted = self.fit(grid, width)
        if width is not None and not fitted.has_numbers(grid):
            yield from stack(grid, width)
        else:
            yield from draw(grid, fitted, blocks=self.screen.blocks)

    def fit(self, grid: Grid, width: int | None) -> FittedGrid:
        """Fit a table into a width, and remember what was left out."""
        fitted = fit(grid, width)
        self.unknown_columns |= dict.fromkeys(map(_metric, grid.unknown))
        if width is None or fitted.has_numbers(grid):
            self.left_out_columns |= dict.fromkeys(fitted.dropped)
        return fitted

    def left_out(self) -> None:
        """Name the columns that were left out, each once."""
        if not self.screen.notes:
            return
        if self.left_out_columns:
            self.text(f"not shown, for lack of width: {', '.join(self.left_out_columns)}", "dim", "  ")
        if self.unknown_columns:
            self.text(f"unknown throughout: {', '.join(self.unknown_columns)}", "dim", "  ")

    def notes(self, notes: Sequence[str]) -> None:
        """Add the notes below everything else."""
        if notes and self.screen.notes:
            self.lines.append(line())
        self.notes_here(notes)

    def reasons(self, notes: Sequence[str]) -> None:
        """Add notes on what isn't there; the first of them says why, to the quiet, too."""
        self._add_notes(notes if self.screen.notes else notes[:1])

    def notes_here(self, notes: Sequence[str]) -> None:
        """Add notes right below what they are about."""
        self._add_notes(notes if self.screen.notes else ())

    def _add_notes(self, notes: Sequence[str]) -> None:
        for note in notes:
            self.text(f"note: {visible(note)}", "note", "  ")


def _metric(label: str) -> str:
    """Return what a column is about: its mean and its peak are unknown together."""
    for end in (" a day", " mean (days)", ", peak", " peak"):
        label = label.removesuffix(end)
    return label
