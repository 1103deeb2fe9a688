"""Read saved responses instead of asking GitHub: arrays, JSON lines, or several documents one after the other."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from copilot_usage_cli import usage_api
from copilot_usage_cli.errors import WrongUsage
from copilot_usage_cli.payload import decode_each, parse_record
from copilot_usage_cli.records import DailyRecord
from copilot_usage_cli.scopes import Scope

STDIN = "-"


def read(names: Sequence[str], scope: Scope) -> list[DailyRecord]:
    """Read a scope's daily records from files, as they come; `-` is stdin.

    A record that this tool wrote keeps its source and must be of the scope. Raises WrongUsage for a file that can't
    be read or that is another scope's, NotUnderstood for one that is no usage report.
    """
    if names.count(STDIN) > 1:
        raise WrongUsage("--input - is given twice", "stdin can be read once")
    return [record for name in names for record in _records(name, scope)]


def _records(name: str, scope: Scope) -> Iterator[DailyRecord]:
    whose = "stdin" if name == STDIN else name
    documents = (day for document in decode_each(_bytes(name), whose) for day in _days(document))
    for number, document in enumerate(documents, 1):
        place = f"{whose}: record {number}"
        source = usage_api.SOURCE
        if isinstance(document, dict):
            _check_scope(document.get("scope"), place, scope)
            if isinstance(document.get("source"), str):
                source = document["source"]
        yield parse_record(document, place, scope, source)


def _days(document: Any) -> Iterator[Any]:
    """Unpack arrays, also within an array as `gh api --paginate --slurp` prints them."""
    if isinstance(document, list):
        for item in document:
            yield from item if isinstance(item, list) else [item]
    else:
        yield document


def _check_scope(name: Any, place: str, scope: Scope) -> None:
    if isinstance(name, str) and not scope.is_named(name):
        raise WrongUsage(f"{place} is of {name!r}, not of {str(scope)!r}", "name the scope that the file is of")


def _bytes(name: str) -> bytes:
    try:
        if name != STDIN:
            return Path(name).read_bytes()
        return sys.stdin.buffer.read() if sys.stdin else b""
    except OSError as error:
        raise WrongUsage(
            f"--input {name}: {error.strerror}", "give the name of a saved response, or - for stdin"
        ) from None
