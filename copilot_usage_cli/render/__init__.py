"""Renderers: pure functions from a report to text, one file per format, each imported when it is asked for."""

from typing import TYPE_CHECKING

from copilot_usage_cli.model.vocabulary import Format
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.build import Report

if TYPE_CHECKING:
    from copilot_usage_cli.report.comparison import Comparison


def render(shown: "Report | Comparison", form: Format, screen: Screen) -> str:
    """Render a report, or two compared, as text that ends with a newline."""
    if form == "table":
        return _render_for_people(shown, screen)
    table = shown.table if isinstance(shown, Report) else shown.table()
    if form in {"csv", "tsv"}:
        from copilot_usage_cli.render.csv import render_csv, render_tsv

        return render_csv(table) if form == "csv" else render_tsv(table)
    from copilot_usage_cli.render.json import documents, only_columns, render_json, render_ndjson

    found = documents(shown) if isinstance(shown, Report) else only_columns(table)
    return render_json(found) if form == "json" else render_ndjson(found)


def _render_for_people(shown: "Report | Comparison", screen: Screen) -> str:
    from copilot_usage_cli.render.paint import paint

    if isinstance(shown, Report):
        from copilot_usage_cli.render.table import draw_report

        return paint(draw_report(shown, screen), screen)
    from copilot_usage_cli.render.comparison import draw_comparison

    return paint(draw_comparison(shown, screen), screen)
