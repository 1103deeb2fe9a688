"""CSV and TSV: a header always, raw numbers, ISO dates; safe to open in a spreadsheet."""

import csv

from copilot_usage_cli.report.build import Table
from copilot_usage_cli.report.rows import Value

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render_csv(table: Table) -> str:
    """Render a table as CSV, with bare line feeds."""
    return _render(table, ",")


def render_tsv(table: Table) -> str:
    """Render a table as tab-separated values, quoted as CSV is."""
    return _render(table, "\t")


def _render(table: Table, delimiter: str) -> str:
    lines = _Lines()
    # With \r\n as line end the csv module also quotes text that holds a \r; _Lines makes it \n.
    writer = csv.writer(lines, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([_cell(row[name]) for name in table.columns] for row in table.rows)
    return "".join(lines)


def _cell(value: Value) -> Value:
    """Keep a spreadsheet from running a text as a formula; numbers stay as they are."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


class _Lines(list[str]):
    """The file that a csv writer writes to, a line a call."""

    def write(self, line: str) -> int:
        self.append(line.removesuffix("\r\n") + "\n")
        return len(line)
