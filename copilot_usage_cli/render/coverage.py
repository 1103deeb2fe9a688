"""What a history holds, for people and as JSON."""

import json
from collections.abc import Callable, Sequence

from copilot_usage_cli.model.coverage import Coverage
from copilot_usage_cli.model.period import format_ranges
from copilot_usage_cli.render.columns import number
from copilot_usage_cli.render.grid import Column, Grid, cell
from copilot_usage_cli.render.lines import Line
from copilot_usage_cli.render.paint import paint
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.render.sections import Page
from copilot_usage_cli.text import visible

_COLUMNS: tuple[tuple[Column, Callable[[Coverage], str]], ...] = (
    (Column("scope", right=False, folds=True), lambda held: visible(str(held.scope))),
    (Column("host", right=False, folds=True), lambda held: visible(held.host)),
    (Column("first\nday", right=False), lambda held: str(held.first)),
    (Column("last\nday", right=False), lambda held: str(held.last)),
    (Column("days", 92), lambda held: number(held.days)),
    (Column("days\nmissing", 80), lambda held: number(len(held.missing))),
    (Column("sources", right=False, folds=True), lambda held: visible(", ".join(held.sources))),
)


def render_coverage(coverage: Sequence[Coverage], path: str, size: int | None, screen: Screen) -> str:
    """Render a table of what is held; `size` is the file's in bytes, None if there is none."""
    return paint(_draw(coverage, path, size, screen), screen)


def _draw(coverage: Sequence[Coverage], path: str, size: int | None, screen: Screen) -> list[Line]:
    page = Page(screen)
    page.text(visible(f"there is no history yet at {path}" if size is None else f"{path}: {size:,} bytes"))
    if coverage:
        rows = [tuple(cell(text(held)) for _, text in _COLUMNS) for held in coverage]
        page.section("", Grid(tuple(column for column, _ in _COLUMNS), rows))
        page.left_out()
        page.notes([f"missing of {h.scope} on {h.host}: {format_ranges(h.missing)}" for h in coverage if h.missing])
    return page.lines


def render_coverage_json(coverage: Sequence[Coverage], path: str, size: int | None) -> str:
    """Render one object: the file, its size in bytes, and the scopes."""
    scopes = [
        {
            "host": held.host,
            "scope": str(held.scope),
            "first": str(held.first),
            "last": str(held.last),
            "days": held.days,
            "missing": format_ranges(held.missing),
            "sources": list(held.sources),
        }
        for held in coverage
    ]
    return json.dumps({"path": path, "size": size or 0, "scopes": scopes}, indent=2) + "\n"
