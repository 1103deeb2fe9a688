"""Draw with Rich, for terminals: bold headers, thin rules, and what NO_COLOR and TERM=dumb ask for."""

from io import StringIO

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from copilot_usage_cli.render.layout import FittedGrid, Grid, draw
from copilot_usage_cli.render.screen import Screen

# A rich table takes half a millisecond a row; beyond this, plain lines look nearly the same.
_MOST_ROWS = 400
_UNBOUND = 10_000
_HEIGHT = 25  # lines; without a height Rich takes every dumb terminal for 80 columns, and cuts


class Styled:
    """Collects styled lines and tables as text with terminal escapes."""

    def __init__(self, screen: Screen) -> None:
        self._file = StringIO()
        self._blocks = screen.blocks
        self._console = Console(
            file=self._file,
            force_terminal=True,
            width=screen.width or _UNBOUND,
            height=_HEIGHT,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def lines(self, lines: list[str], style: str = "") -> None:
        """Add lines that fit already."""
        for line in lines:
            self._console.print(Text(line, style), soft_wrap=True)

    def grid(self, grid: Grid, fitted: FittedGrid) -> None:
        """Add a table."""
        if len(grid.rows) > _MOST_ROWS or not self._blocks:
            self.lines(list(draw(grid, fitted)))
            return
        table = Table(
            box=SIMPLE, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), show_footer=grid.footer is not None
        )
        tall = max(grid.columns[n].header.count("\n") for n in fitted.widths)
        for n, size in fitted.widths.items():
            column = grid.columns[n]
            table.add_column(
                Text("\n" * (tall - column.header.count("\n")) + column.header),
                Text(grid.footer[n]) if grid.footer else "",
                justify="right" if column.numeric else "left",
                no_wrap=column.numeric,
                overflow="fold",
                width=size,
                header_style="bold",
                footer_style="bold",
            )
        for row in grid.rows:
            table.add_row(*(Text(row[n]) for n in fitted.widths))
        self._console.print(table)

    def text(self) -> str:
        """Return everything collected."""
        return self._file.getvalue()
