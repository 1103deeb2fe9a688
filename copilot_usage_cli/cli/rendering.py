"""From what is shown to the text, or the bytes, of the format that was asked for."""

from datetime import datetime
from typing import TYPE_CHECKING

from copilot_usage_cli.cli.invocation import Invocation
from copilot_usage_cli.cli.screens import screen_of
from copilot_usage_cli.cli.table_options import OutputOptions
from copilot_usage_cli.model.vocabulary import DOCUMENTS, Format
from copilot_usage_cli.render import render
from copilot_usage_cli.report.build import Report

if TYPE_CHECKING:
    from copilot_usage_cli.render.documents.document import About
    from copilot_usage_cli.report.comparison import Comparison
    from copilot_usage_cli.report.view import View


def rendered(  # noqa: PLR0913 - what, how, and for a document whence
    shown: "Report | Comparison | View",
    form: Format,
    options: OutputOptions,
    *,
    quiet: bool,
    invocation: Invocation,
    moment: datetime,
) -> str | bytes:
    """Render what is shown; documents say how the program was called, and on which day, in UTC."""
    about = about_if_told(form, invocation, moment)
    if about is None:
        return render(shown, form, screen_of(options, quiet=quiet))
    from copilot_usage_cli.cli.spool import temporary_files
    from copilot_usage_cli.render.documents import render_document

    with temporary_files():  # which a workbook takes
        return render_document(shown, form, about)


def about_if_told(form: Format, invocation: Invocation, moment: datetime) -> "About | None":
    """Tell where a document comes from; other formats don't say it."""
    if form not in DOCUMENTS:
        return None
    from copilot_usage_cli.cli.provenance import about_of

    return about_of(invocation, moment.date())
