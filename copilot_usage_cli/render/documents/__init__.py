"""Documents for people, a file a format: each of a report, of two compared, of several scopes, or of a view."""

from typing import TYPE_CHECKING

from copilot_usage_cli.model.vocabulary import Format
from copilot_usage_cli.render.documents.document import About, Document

if TYPE_CHECKING:
    from copilot_usage_cli.render.documents.workbook import Book
    from copilot_usage_cli.report.build import Report
    from copilot_usage_cli.report.comparison import Comparison
    from copilot_usage_cli.report.view import View


def render_document(shown: "Report | Comparison | View", form: Format, about: About) -> str | bytes:
    """Render a report, two compared, or a view as a document."""
    from copilot_usage_cli.report.view import View

    if isinstance(shown, View):
        from copilot_usage_cli.render.documents.books import book_of_view
        from copilot_usage_cli.render.documents.views import document_of_view

        return (
            render_book(book_of_view(shown, about)) if form == "xlsx" else written(document_of_view(shown, about), form)
        )
    if form == "summary":
        from copilot_usage_cli.render.documents.summary import summarize_report

        return summarize_report(shown)
    if form == "xlsx":
        from copilot_usage_cli.render.documents.books import book_of_report

        return render_book(book_of_report(shown, about))
    from copilot_usage_cli.render.documents.reports import document_of_report

    return written(document_of_report(shown, about), form)


def render_book(book: "Book") -> bytes:
    """Write a workbook."""
    from copilot_usage_cli.render.documents.workbook import render_workbook

    return render_workbook(book)


def written(document: Document, form: Format) -> str:
    """Write a document as text."""
    if form == "markdown":
        from copilot_usage_cli.render.documents.markdown import render_markdown

        return render_markdown(document)
    if form == "summary":
        from copilot_usage_cli.render.documents.summary import summarize_document

        return summarize_document(document)
    from copilot_usage_cli.render.documents.html import render_html

    return render_html(document)
