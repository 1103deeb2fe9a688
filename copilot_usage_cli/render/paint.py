"""From lines to text: as they are for a pipe, with a terminal's escapes where it may be styled."""

from collections.abc import Iterable

from copilot_usage_cli.render.lines import Line, plain
from copilot_usage_cli.render.screen import Screen

_ASCII = str.maketrans({"▲": "+", "▼": "-", "…": "~", "→": ">"})


def paint(lines: Iterable[Line], screen: Screen) -> str:
    """Write lines for a screen, each with its end."""
    if not screen.blocks:
        lines = ([span._replace(text=span.text.translate(_ASCII)) for span in each] for each in lines)
    if not screen.styled:
        return "".join(f"{plain(each)}\n" for each in lines)
    from copilot_usage_cli.render.styled import escapes

    around = escapes()
    written: list[str] = []
    for each in lines:
        for text, style in each:
            before, after = around[style]
            written += (before, text, after) if text and before else (text,)
        written.append("\n")
    return "".join(written)
