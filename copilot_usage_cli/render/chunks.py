"""Machine formats in chunks: a head, a body for each report, and an end, so that many never have to be held at once."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from copilot_usage_cli.model.vocabulary import Format
from copilot_usage_cli.report.build import Report, Table

if TYPE_CHECKING:
    from copilot_usage_cli.report.comparison import Comparison
    from copilot_usage_cli.report.view import Sheet, View


def head(shown: "Report | Comparison | View", form: Format) -> str:
    """Return what stands before all bodies: the header of CSV, which is the same for all reports of a run."""
    if form in {"csv", "tsv"}:
        from copilot_usage_cli.render.csv import header

        return header(_table(shown), form)
    return ""


def body(shown: "Report | Comparison | View", form: Format) -> str:
    """Render the rows of a report alone; empty if there are none."""
    if form in {"csv", "tsv"}:
        from copilot_usage_cli.render.csv import rows

        return rows(_table(shown), form)
    from copilot_usage_cli.render.json import documents, json_items, ndjson_items, only_columns

    found = documents(shown) if isinstance(shown, Report) else only_columns(_table(shown))
    return json_items(found) if form == "json" else ndjson_items(found)


def joined(form: Format, first: str, bodies: Iterable[str]) -> Iterator[str]:
    """Yield the parts of a whole text: its head, the bodies that aren't empty, and what stands around them."""
    yield first
    if form != "json":
        yield from bodies
        return
    is_empty = True
    for each in filter(None, bodies):
        yield "[\n" if is_empty else ",\n"
        yield each
        is_empty = False
    yield "[]\n" if is_empty else "\n]\n"


def _table(shown: "Report | Comparison | View") -> "Table | Sheet":
    if isinstance(shown, Report):
        return shown.table
    from copilot_usage_cli.report.comparison import Comparison

    return shown.table() if isinstance(shown, Comparison) else shown.data
