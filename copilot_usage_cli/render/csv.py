"""CSV and TSV: a header always, raw numbers, ISO dates; safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from copilot_usage_cli.report.build import Table

if TYPE_CHECKING:
    from copilot_usage_cli.report.view import Sheet

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


_DELIMITERS = {"csv": ",", "tsv": "\t"}


def header(table: "Table | Sheet", form: str) -> str:
    """Render the line of a table's columns, as `csv` or `tsv`, which is quoted as CSV is."""
    return _written([table.columns], form)


def rows(table: "Table | Sheet", form: str) -> str:
    """Render a table's rows, with bare line feeds."""
    return _written([[_cell(row[name]) for name in table.columns] for row in table.rows], form)


def _written(lines: Iterable[Sequence[Any]], form: str) -> str:
    written = _Lines()
    # With \r\n as line end the csv module also quotes text that holds a \r; _Lines makes it \n.
    csv.writer(written, delimiter=_DELIMITERS[form], lineterminator="\r\n").writerows(lines)
    return "".join(written)


def _cell(value: Any) -> Any:
    """Keep a spreadsheet from running a text as a formula; numbers stay as they are, exact ones with all digits."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return value if value is None or isinstance(value, int | float) else f"{value:f}"


class _Lines(list[str]):
    """The file that a csv writer writes to, a line a call."""

    def write(self, line: str) -> int:
        self.append(line.removesuffix("\r\n") + "\n")
        return len(line)
