"""Write tables as plain lines, or styled through Rich."""

from typing import Protocol

from copilot_usage_cli.render.layout import STACKED_BELOW, FittedGrid, Grid, draw, fit, stack, wrap
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.text import visible


class Painter(Protocol):
    """Collects what is drawn."""

    def lines(self, lines: list[str], style: str = "") -> None:
        """Add lines that fit already."""

    def grid(self, grid: Grid, fitted: FittedGrid) -> None:
        """Add a table."""

    def text(self) -> str:
        """Return everything collected."""


class _Plain:
    """Collects lines, without any style."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def lines(self, lines: list[str], style: str = "") -> None:  # noqa: ARG002 - as a Painter
        self._lines += lines

    def grid(self, grid: Grid, fitted: FittedGrid) -> None:
        self._lines += draw(grid, fitted)

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def painter_for(screen: Screen) -> Painter:
    """Return a painter that styles where the screen may be styled."""
    if not screen.styled:
        return _Plain()
    from copilot_usage_cli.render.styled import Styled

    return Styled(screen)


def paint(painter: Painter, grid: Grid, width: int | None) -> None:
    """Draw a grid with its title, as a table where it fits, else one metric a line, and name what has no room."""
    painter.lines(["", *([grid.title] if grid.title else [])], "bold")
    fitted = fit(grid, width)
    if width is not None and (width < STACKED_BELOW or not fitted.has_numbers(grid)):
        painter.lines(list(stack(grid, width)))
        return
    painter.grid(grid, fitted)
    if fitted.dropped:
        painter.lines(wrap(f"not shown, for lack of width: {', '.join(fitted.dropped)}", width, "  "), "dim")


def notes(painter: Painter, found: tuple[str, ...], width: int | None) -> None:
    """Draw the notes below everything else."""
    if found:
        painter.lines([""])
    for note in found:
        painter.lines(wrap(f"note: {visible(note)}", width, "  "), "yellow")
