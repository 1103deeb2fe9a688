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
    from copilot_usage_cli.render.chunks import body, head, joined

    return "".join(joined(form, head(shown, form), [body(shown, form)]))


def _render_for_people(shown: "Report | Comparison", screen: Screen) -> str:
    from copilot_usage_cli.render.paint import paint

    if isinstance(shown, Report):
        from copilot_usage_cli.render.table import draw_report

        return paint(draw_report(shown, screen), screen)
    from copilot_usage_cli.render.comparison import draw_comparison

    return paint(draw_comparison(shown, screen), screen)
