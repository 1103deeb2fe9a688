"""What each style is on this terminal: Rich knows what NO_COLOR, TERM and COLORTERM ask for."""

from io import StringIO

from rich.console import Console
from rich.text import Text

from copilot_usage_cli.render.lines import Style

# Colours of the terminal's own palette that read on light and on dark, and only where they mean something.
_STYLES: dict[Style, str] = {
    "": "none",
    "title": "bold",
    "heading": "bold",
    "rising": "green",
    "falling": "red",
    "note": "magenta",
    "dim": "dim",
}


def escapes() -> dict[Style, tuple[str, str]]:
    """Return what a terminal is sent before and after a text of each style."""
    console = Console(file=StringIO(), force_terminal=True, width=80, height=25, markup=False, emoji=False)
    found: dict[Style, tuple[str, str]] = {}
    for name, style in _STYLES.items():
        with console.capture() as capture:
            console.print(Text("x", style), end="")
        before, _, after = capture.get().partition("x")
        found[name] = (before, after)
    return found
