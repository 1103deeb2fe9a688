"""Renderers: pure functions from a report or a view to text, one file per format, imported when it is asked for."""

from typing import TYPE_CHECKING

from copilot_usage_cli.model.vocabulary import Format
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.build import Report

if TYPE_CHECKING:
    from copilot_usage_cli.render.lines import Line
    from copilot_usage_cli.report.comparison import Comparison
    from copilot_usage_cli.report.view import View


def render(shown: "Report | Comparison | View", form: Format, screen: Screen) -> str:
    """Render a report, two compared, or another command's view, as text that ends with a newline.

    For a terminal or for machines; documents are made by render_document().
    """
    if form == "table":
        return _render_for_people(shown, screen)
    from copilot_usage_cli.render.chunks import body, head, joined

    return "".join(joined(form, head(shown, form), [body(shown, form)]))


def _render_for_people(shown: "Report | Comparison | View", screen: Screen) -> str:
    from copilot_usage_cli.render.paint import paint

    return paint(_drawn(shown, screen), screen)


def _drawn(shown: "Report | Comparison | View", screen: Screen) -> "list[Line]":
    if isinstance(shown, Report) and not shown.query.chart:
        from copilot_usage_cli.render.table import draw_report

        return draw_report(shown, screen)
    from copilot_usage_cli.report.comparison import Comparison

    if isinstance(shown, Report) or (isinstance(shown, Comparison) and shown.current.query.chart):
        from copilot_usage_cli.render.chart import draw_chart

        return draw_chart(shown, screen)
    if isinstance(shown, Comparison):
        from copilot_usage_cli.render.comparison import draw_comparison

        return draw_comparison(shown, screen)
    from copilot_usage_cli.render.view import draw_view

    return draw_view(shown, screen)
