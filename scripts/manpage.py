"""Write the manual page from the live command tree; with --check, tell whether it is up to date."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from copilot_usage_cli import PROGRAM, __version__
from copilot_usage_cli.cli.app import app
from copilot_usage_cli.cli.help_pages import ENVIRONMENT, EXIT_CODES, FILES, Page, page_of

TARGET = Path(__file__).parent.parent / "docs" / f"{PROGRAM}.1"
_SHARED = ("Period", "Rows", "Output", "Source", "Network")  # groups that the report commands have alike


def page() -> str:
    """Return the whole page in roff's man macros."""
    commands = list(_walk(typer.main.get_command(app), None, ()))
    root = commands[0][2]
    org = next(found for path, _, found in commands if path[-1] == "org")
    of_reports = {row for group, rows in org.options if group in _SHARED for row in rows}
    summary, _, more = root.description.partition("\n\n")
    lines = [
        '.\\" Written by scripts/manpage.py.',
        f'.TH {PROGRAM.upper()} 1 "" "{PROGRAM} {__version__}"',
        ".SH NAME",
        f"{PROGRAM} \\- {_text(summary[:1].lower() + summary[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
    ]
    for path, usage, _ in commands[1:]:
        lines += [f".B {_text(' '.join(path))}", _text(usage), ".br"]
    lines += [".SH DESCRIPTION", *_paragraphs(more), ".SH COMMANDS"]
    for path, usage, found in commands[1:]:
        lines += [f".SS {_text(' '.join(path[1:]))} {_text(usage)}".rstrip(), *_paragraphs(found.description)]
        shared = _SHARED if found is not org and len(path) == 2 and path[-1] in {"enterprise", "team"} else ()
        alike = of_reports if len(path) > 2 and path[-1] in {"enterprise", "org"} else set()
        for group, rows in found.options:
            if group not in shared and (found is not org or group not in _SHARED):
                lines += _definitions(row for row in _without_help(rows) if row not in alike)
        if also := [term for _, rows in found.options for term, meaning in rows if (term, meaning) in alike]:
            names = ", ".join(term.split()[-2 if " " in term.rpartition("--")[2] else -1] for term in also)
            lines += [".PP", _text(f"And of the options of reports: {names}.")]
    lines.append(".SH OPTIONS OF REPORTS")
    for group, rows in org.options:
        if group in _SHARED:
            lines += [f".SS {group}", *_definitions(rows)]
    lines += [".SH ENVIRONMENT", *_definitions(ENVIRONMENT), ".SH FILES", *_definitions(FILES)]
    lines += ['.SH "EXIT STATUS"', *_definitions(EXIT_CODES), ".SH EXAMPLES"]
    by_examples = {found.examples: path[1:] for path, _, found in commands}  # `help` is there twice
    for examples, path in by_examples.items():
        lines += [f".SS {_text(' '.join(path))}"] if path else []
        for example in examples:
            lines += [".PP", ".EX", _text(example), ".EE"]
    return "\n".join(lines) + "\n"


def _walk(command: Any, parent: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, Page]]:
    """Yield each command: the words that call it, what may follow, and its help."""
    path = (*above, command.name or PROGRAM)
    settings = {"terminal_width": 80, **command.context_settings}
    context = typer.Context(command, parent=parent, info_name=path[-1], **settings)
    yield path, " ".join(command.collect_usage_pieces(context)), page_of(command, context)
    for name in command.list_commands(context) if hasattr(command, "list_commands") else ():
        yield from _walk(command.get_command(context, name), context, path)


def _without_help(rows: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [row for row in rows if "--help" not in row[0]]


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield ".PP"
        yield _text(" ".join(paragraph.split()))


def _definitions(rows: Any) -> Iterator[str]:
    for term, meaning in rows:
        yield ".TP"
        yield f".B {_text(term)}"
        yield _text(" ".join(meaning.split()))


def _text(text: str) -> str:
    """Escape what roff would take for its own."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{escaped}" if escaped.startswith((".", "\\(aq")) else escaped


def main(arguments: list[str]) -> int:
    """Write the page if it differs, or only say so."""
    if arguments not in ([], ["--check"]):
        print("usage: manpage.py [--check]", file=sys.stderr)
        return 2
    text = page()
    if TARGET.is_file() and TARGET.read_text("utf-8") == text:
        return 0
    if arguments:
        print(f"{TARGET.name} is stale: run scripts/manpage.py")
        return 1
    TARGET.write_text(text, "utf-8", newline="\n")
    print(f"{TARGET.name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
