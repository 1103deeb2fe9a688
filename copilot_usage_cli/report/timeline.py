"""The rows of a report in order of time, with one for each stretch of days that have no data. No I/O."""

from datetime import date
from itertools import groupby
from typing import NamedTuple

from copilot_usage_cli.report.build import Report, Table
from copilot_usage_cli.report.grouping import Row, time_key


class Absence(NamedTuple):
    """Days, weeks or months in a row without data: the keys of the first and the last, and how many days that is.

    `pending` if GitHub hasn't finished them yet, `keys` how many days, weeks or months they are.
    """

    first: str
    last: str
    days: int
    pending: bool
    keys: int = 1


def timeline(report: Report, table: Table) -> list[Row | Absence]:
    """List the rows of a table that is grouped by a dimension of time alone, and what is absent between them."""
    unit = table.grouping.time or "total"
    rows = {str(row[unit]): row for row in table.rows}
    absent: dict[str, list[date]] = {}
    for day in (*report.missing, *report.pending):
        key = time_key(day, unit, report.span)
        if key not in rows:
            absent.setdefault(key, []).append(day)
    waits = {key: set(days) <= set(report.pending) for key, days in absent.items()}
    entries: list[Row | Absence] = []
    for kind, run in groupby(sorted({*rows, *absent}), waits.get):
        keys = list(run)
        if kind is None:
            entries += [rows[key] for key in keys]
        else:
            entries.append(Absence(keys[0], keys[-1], sum(len(absent[key]) for key in keys), kind, len(keys)))
    return entries
