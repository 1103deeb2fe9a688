"""The document of another command's view: its tables and its notes."""

from copilot_usage_cli.render.documents.document import About, Document, Part
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.render.view import sheet_grid
from copilot_usage_cli.report.view import View


def document_of_view(view: View, about: About) -> Document:
    """Return the document of a view; where nothing is shown its notes say why."""
    parts = tuple(Part(sheet.title, sheet_grid(sheet, Screen())) for sheet in view.shown)
    return Document(tuple(filter(None, view.title)), about, parts=parts, notes=view.notes)
