"""Renderers: pure functions from a report to text, one file per format, each imported when it is asked for."""

from dataclasses import dataclass

from copilot_usage_cli.report import Report
from copilot_usage_cli.words import Format


@dataclass(frozen=True, slots=True)
class Screen:
    """What a table is drawn for: `width` in columns, or None for a pipe or file; `styled` where Rich may style."""

    width: int | None = None
    styled: bool = False


def render(report: Report, form: Format, screen: Screen) -> str:
    """Render a report as text that ends with a newline."""
    if form in {"csv", "tsv"}:
        from copilot_usage_cli.render.csv import render_csv, render_tsv

        return render_csv(report) if form == "csv" else render_tsv(report)
    if form in {"json", "ndjson"}:
        from copilot_usage_cli.render.json import render_json, render_ndjson

        return render_json(report) if form == "json" else render_ndjson(report)
    from copilot_usage_cli.render.table import render_table

    return render_table(report, screen)
