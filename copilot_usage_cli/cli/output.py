"""Write a report where it belongs, whole: to stdout, or to a file that a reader never sees half written."""

import os
import re
import select
import signal
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TextIO

from copilot_usage_cli import PROGRAM
from copilot_usage_cli.errors import CopilotUsageError, NotWritten, TerminatedBySignal
from copilot_usage_cli.text import shorten, visible, without_secrets

STDOUT = "-"
_ROW = 3  # names that stand in a row before they are written as from the first to the last
_MOST_NOTES = 3
_LONGEST_LINE = 20_000  # characters of a message
_NAMES_OF_STDOUT = frozenset({"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})


Say = Callable[[str], None]
"""Takes one line for the person."""


def for_terminal(text: str) -> str:
    """Make a machine format safe to look at: line ends and tabs stay, other control characters become escapes."""
    return "\n".join("\t".join(map(visible, line.split("\t"))) for line in text.split("\n"))


def is_terminal() -> bool:
    """Return whether stdout is a real terminal, whatever the environment says of colour."""
    return sys.stdout is not None and sys.stdout.isatty()


def has_blocks() -> bool:
    """Return whether the terminal's encoding has block characters."""
    return sys.stdout is not None and sys.stdout.encoding.lower().startswith("utf")


def terminal_width() -> int:
    """Return the width of the terminal that stdout is, in columns."""
    with suppress(OSError):
        if width := os.get_terminal_size(sys.stdout.fileno()).columns:
            return width
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if re.fullmatch(r"0*[1-9]\d{0,3}", columns, re.ASCII) else 80


def is_stdout(name: str | None) -> bool:
    """Return whether an --output, or its absence, means stdout."""
    return name is None or name == STDOUT or name in _NAMES_OF_STDOUT


def write(parts: Iterable[str | bytes], name: str | None, *, for_machines: bool, what: str = "--output ") -> None:
    """Write the parts of a report to a file, or to stdout; a terminal never gets the controls of a machine format.

    `what` stands before the file's name where it can't be written.
    """
    if name is not None and not is_stdout(name):
        write_file(name, parts, what)
    else:
        for part in parts:
            escapes = for_machines and is_terminal()
            write_stdout(for_terminal(part) if escapes and isinstance(part, str) else part)


def write_stdout(text: str | bytes) -> None:
    """Write a text, or what is encoded already, to stdout, all of it or an error.

    Raises NotWritten if it can't be written, TerminatedBySignal quietly if nobody reads. Python's own stdout loses
    output in silence when it is unbuffered and the disk is full, so this writes to the file descriptor.
    """
    if sys.stdout is None:
        raise NotWritten("stdout is closed, so the report went nowhere", "write it to a file with --output FILE")
    sys.stdout.flush()
    encoding = sys.stdout.encoding if is_terminal() else "utf-8"
    data = memoryview(text.encode(encoding, "backslashreplace") if isinstance(text, str) else text)
    descriptor = sys.stdout.fileno()
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
        except OSError as error:
            raise_not_written(error)


def raise_not_written(error: OSError) -> NoReturn:
    """Say that stdout could not be written, or end quietly if nobody reads it."""
    if isinstance(error, BrokenPipeError):
        raise TerminatedBySignal(signal.SIGPIPE) from None
    raise NotWritten(f"stdout could not be written: {error.strerror}") from None


def check_target(name: str, what: str = "--output ") -> None:
    """Find out before any work whether a file can be written; raises NotWritten. `what` stands before its name."""
    target = Path(name)
    try:
        if target.is_dir():
            raise NotWritten(f"{what}{name}: it is a directory", "name a file in it")
        parent = target.resolve().parent
        if not parent.is_dir():
            raise NotWritten(f"{what}{name}: there is no directory {parent}", "make it first")
    except (OSError, RuntimeError) as error:
        raise NotWritten(f"{what}{name}: {getattr(error, 'strerror', None) or error}") from None


def write_file(name: str, parts: Iterable[str | bytes], what: str = "--output ") -> None:
    """Write the parts of a report to a file: to a temporary file beside it, then by renaming; raises NotWritten.

    A symbolic link's target is replaced, an existing file's mode stays, a FIFO or a device is written through.
    """
    from copilot_usage_cli.files import replace_file, write_all

    target = Path(name)
    try:
        # Not the resolved name: that of a pipe, such as /dev/fd/63, exists only as a link.
        mode = target.stat().st_mode if target.exists() else None
        if mode is not None and not stat.S_ISREG(mode):
            with target.open("wb", buffering=0) as through:
                shows = through.isatty()
                escaped = (for_terminal(part) if shows and isinstance(part, str) else part for part in parts)
                write_all(through.fileno(), map(_encode, escaped))
            return
        replace_file(target.resolve(), map(_encode, parts), mode)
    except BrokenPipeError:
        raise TerminatedBySignal(signal.SIGPIPE) from None
    except OSError as error:
        raise NotWritten(f"{what}{name}: {error.strerror}", "the file that was there is as it was") from None


def _encode(part: str | bytes) -> bytes:
    return part if isinstance(part, bytes) else part.encode("utf-8", "backslashreplace")


def say_error(error: CopilotUsageError) -> None:
    """Tell the person what happened, and the cure."""
    say(f"error: {error.message}", *(f"hint: {line}" for line in error.hint.splitlines()))


def say(line: str, *more: str) -> None:
    """Tell the person a line, with others below it, on stderr, if there is one; a terminal shows errors in red."""
    if sys.stderr is not None:
        lines = [shorten(visible(without_secrets(each)), _LONGEST_LINE) for each in (line, *more)]
        kind, colon, rest = lines[0].partition(": ")
        if kind in {"error", "failed"} and _has_colour(sys.stderr):
            lines[0] = f"\x1b[31m{kind}{colon}\x1b[0m{rest}"
        with suppress(OSError):  # the exit code and the report matter more
            sys.stderr.write(f"{PROGRAM}: " + "".join(f"{each}\n" for each in lines))
            sys.stderr.flush()


def _has_colour(stream: TextIO) -> bool:
    return (
        stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") not in {"dumb", "unknown"}
    )


def say_notes(found: Sequence[str]) -> None:
    """Tell the person the weightiest notes of a machine format."""
    notes = list(found)
    if len(notes) > _MOST_NOTES:
        more = len(notes) - _MOST_NOTES + 1
        notes[_MOST_NOTES - 1 :] = [f"{more} more notes: see them with --format table"]
    for note in notes:
        say(f"note: {note}")


def say_left(scopes: Sequence[object], ended: Collection[int]) -> None:
    """Tell the person which of many scopes a run that is being ended leaves undone, by their places."""
    left = ranges([str(scope) for scope in scopes], [n for n in range(len(scopes)) if n not in ended])
    if len(scopes) > 1 and left:
        say(f"ended after {len(ended)} of {len(scopes)} scopes; left: {', '.join(left)}")


def ranges(names: Sequence[str], numbers: Sequence[int]) -> list[str]:
    """Write names in their order, many in a row by the first and the last of them."""
    rows: list[list[int]] = []
    for number in numbers:
        if rows and rows[-1][-1] == number - 1:
            rows[-1].append(number)
        else:
            rows.append([number])
    found: list[str] = []
    for row in rows:
        first, last = names[row[0]], names[row[-1]]
        found += [f"{first} to {last} ({len(row)})"] if len(row) > _ROW else [names[number] for number in row]
    return found


def say_if(wanted: bool) -> Say:
    """Return `say`, or what says nothing."""
    return say if wanted else _say_nothing


def _say_nothing(_line: str) -> None:
    pass
