"""Where not one number has room beside the names: names fold, or each metric has a line of its own."""

from collections.abc import Iterator

from copilot_usage_cli.render.grid import GAP, INDENT, NARROWEST_NAME, Grid, text_of
from copilot_usage_cli.render.lines import Line, line, pad, text_width, wrap


def folding(grid: Grid) -> Grid:
    """Let those names fold, too, that can break at blanks: where not one number has room beside them."""
    columns = []
    for n, column in enumerate(grid.columns):
        texts = (text_of(row[n]) for row in grid.all_rows if n < len(row))
        whole = max((text_width(word) for text in texts for word in text.split(" ")), default=0)
        folds = column.priority is None and whole <= NARROWEST_NAME
        columns.append(column._replace(folds=column.folds or folds))
    return grid._replace(columns=tuple(columns))


def stack(grid: Grid, width: int) -> Iterator[Line]:
    """Draw a grid where not one number has room beside the names: names on a line, then one metric a line."""
    names = [n for n, column in enumerate(grid.columns) if column.priority is None]
    metrics = [n for n, column in enumerate(grid.columns) if column.priority is not None]
    texts = [[text_of(each) for each in row] for row in grid.all_rows]
    widths = [text_width(grid.columns[n].label) for n in metrics]
    label = max(widths, default=0)
    value = max((text_width(row[n]) for n in metrics for row in texts if n < len(row)), default=0)
    whole = min(width, INDENT + label + GAP + value)
    for row in texts:
        is_whole = len(row) == len(grid.columns)
        for part in wrap("  ".join(row[n] for n in names if row[n]) if is_whole else "  ".join(row), width):
            yield line(part, "heading")
        for n in metrics if is_whole else ():
            if row[n]:
                yield from _metric(grid.columns[n].label, row[n], whole)


def _metric(label: str, value: str, width: int) -> Iterator[Line]:
    """Write a label and its number at the right, or below where they have no room on one line."""
    indent = " " * INDENT
    room = width - text_width(value)
    if INDENT + text_width(label) < room:
        yield line(pad(indent + label, room) + value)
    else:
        yield from (line(indent + part) for part in wrap(label, width - INDENT) if part)
        yield line(pad(value, width, right=True))
