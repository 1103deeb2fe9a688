"""The last line of the report on one screen: the weightiest note, and how to see all that was left out."""

import re
from collections.abc import Iterator, Sequence

from copilot_usage_cli.render.lines import wrap
from copilot_usage_cli.report.before import NO_CHANGE
from copilot_usage_cli.text import plural, visible

LATER = "  "  # what its other lines begin with
_CHANGE = "change: --compare previous"  # NO_CHANGE in short
_WHAT_A_NOTE_CAN_SPARE = (  # in this order; what stays is a sentence of its own
    r" \([^()]*\)$",
    r"(?<!available)(?<!change): (?:[\w-]+ from )?\d{4}-\d\d-\d\d.*$",
    r"; .*$",
    r": GitHub has no .*$",
    r", so .*$",
    r", which .*$",
)


def last_line(notes: Sequence[str], left_out: Sequence[str], columns: int, width: int | None, most: int) -> str:
    """Write the fullest text that takes at most so many lines; `left_out` are numbers of things, which always stay.

    A note is never cut: it is there whole, or as the whole of what it says without its lists and reasons, or counted.
    That no change is shown is said besides, since an option shows it, and how many columns have no room, if that takes
    no line of its own.
    """
    texts = list(_texts(notes, left_out))
    text = next((text for text in texts if len(wrap(text, width, LATER)) <= most), texts[-1] if texts else "")
    if columns:
        need = f"{plural(columns, 'column')} {'needs' if columns == 1 else 'need'} more width"
        with_columns = f"{text}; {need}" if text else need
        if len(wrap(with_columns, width, LATER)) == len(wrap(text, width, LATER)):
            return with_columns
    return text


def _texts(notes: Sequence[str], left_out: Sequence[str]) -> Iterator[str]:
    """List what the line may say, the fullest first."""
    if not notes:
        yield from (f"{', '.join(left_out)} more: --full",) if left_out else ()
        return
    first, *others = notes
    no_change = NO_CHANGE in others
    for besides in ((NO_CHANGE,), (_CHANGE,), ()) if no_change else ((),):
        counted = len(others) - len(besides)
        more = ", ".join([plural(counted, "more note")] * bool(counted) + list(left_out))
        short = ", ".join([*left_out, *["more"] * bool(counted)])
        for text in _ever_shorter(visible(first)):
            for rest in (f"{more}: --full", f"{short}: --full") if more else ("",):
                yield f"note: {'; '.join(filter(None, (text, *besides, rest)))}"
    if no_change:
        yield f"note: {NO_CHANGE}; {', '.join([*left_out, 'more'])}: --full"
    yield f"{', '.join([plural(len(notes), 'note'), *left_out])}: --full"


def _ever_shorter(note: str) -> Iterator[str]:
    """Give a note whole, then without what it can spare."""
    yield note
    for pattern in _WHAT_A_NOTE_CAN_SPARE:
        shorter = re.sub(pattern, "", note)
        if shorter != note:
            yield shorter
        note = shorter
