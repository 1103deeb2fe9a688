"""Lines of styled text: what every table is made of, for a terminal as for a pipe."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Style = Literal["", "title", "heading", "rising", "falling", "note", "dim"]

_OURS = dict.fromkeys(map(ord, "▁▂▃▄▅▆▇━╸─▲▼…→"), ".")  # what we draw with, a column each
_LEAST_TEXT = 12  # columns that a text is wrapped into, however narrow the screen


class Span(NamedTuple):
    """A piece of a line, in one style."""

    text: str
    style: Style = ""


Line = Sequence[Span]


def line(text: str = "", style: Style = "") -> Line:
    """Return a line in one style."""
    return (Span(text, style),)


def paragraph(text: str, width: int | None, style: Style = "", later: str = "") -> list[Line]:
    """Return a text as lines of at most `width` terminal columns; `later` indents all but the first."""
    return [line(part, style) for part in wrap(text, width, later)]


def plain(drawn: Line) -> str:
    """Return a line without its styles, or blanks at its end."""
    return "".join(span.text for span in drawn).rstrip()


def text_width(text: str) -> int:
    """Measure a text in terminal columns."""
    if text.isascii() or text.translate(_OURS).isascii():  # else a table asks Rich, which takes long to load
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


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
    width = max(width, len(later) + _LEAST_TEXT)
    lines: list[str] = []
    for word in text.split(" "):
        if lines and text_width(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            indent = later if lines else ""
            lines += [indent + part for part in fold(word, width - len(indent))]
    return [each.rstrip() for each in lines]
