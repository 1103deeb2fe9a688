"""A workbook: the numbers as numbers, days as dates, what is unknown as empty cells, and all text as text."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_usage_cli.render.documents.tabs import Heading, Kind, Line, Tab, Value
from copilot_usage_cli.text import visible

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_FORMATS: dict[Kind, str] = {
    "text": "@",
    "day": "yyyy-mm-dd",
    "count": "#,##0",
    "mean": "#,##0.0",
    "rate": "0.0%",
    "amount": "#,##0.0#####",
    "money": "#,##0.00",
}
_MOST_ROWS = 1_048_576  # of Excel, the header among them
_LONGEST = 32_767  # characters in a cell
_EXACT = 10**15  # Excel has 15 digits
_FIRST_YEAR = 1900
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LONGEST_NAME = 31
_MEASURED = 200  # rows whose texts a column's width is taken from
_WIDEST = 60  # characters
_COLOURS = ("#1F5FBF", "#B45309")
_SIZE = {"x_scale": 1.5, "y_scale": 1.1}
_CHART_ROWS = 17
_MOST_LINES = 100
_HEADER_HEIGHT = 32  # points: two lines


class Chart(NamedTuple):
    """A chart of some columns of a tab over its first column of days, or of names; `kind` is Excel's."""

    title: str
    tab: str
    categories: int
    columns: tuple[int, ...]
    kind: str = "column"
    percent: bool = False


class Book(NamedTuple):
    """All that a workbook has: a summary with charts, tabs and notes. `day` is when it is said to be made.

    `before` is what its numbers are compared with, in words, empty if with nothing; `heading` what all of them are.
    """

    title: tuple[str, ...]
    day: date
    lines: Sequence[Line] = ()
    before: str = ""
    heading: str = ""
    charts: Sequence[Chart] = ()
    tabs: Sequence[Tab] = ()
    notes: Sequence[str] = ()


def render_workbook(book: Book) -> bytes:
    """Write a workbook; the same book always gives the same bytes."""
    from xlsxwriter import Workbook as XlsxWorkbook

    data = BytesIO()
    workbook = XlsxWorkbook(data, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    made = datetime(book.day.year, book.day.month, book.day.day, tzinfo=UTC).replace(tzinfo=None)
    workbook.set_properties({"title": _text(" ".join(book.title)), "created": made})
    writer = _Writer(workbook)
    summary = workbook.add_worksheet("Summary")
    used = {"summary", "notes"}
    sizes: dict[str, tuple[str, int]] = {}
    cut = []
    for tab in book.tabs:
        name = _sheet_name(tab.name, used)
        written, left_out = writer.write_tab(workbook.add_worksheet(name), tab)
        sizes[tab.name] = (name, written)
        if left_out:
            cut.append(f"{name}: {left_out:,} rows more than a sheet can hold are left out; -f csv has all")
    notes = [*cut, *book.notes]
    writer.write_notes(workbook.add_worksheet("Notes"), notes)
    writer.write_summary(summary, book, sizes)
    workbook.close()
    return data.getvalue()


class _Writer:
    """Writes cells with the formats of one workbook."""

    def __init__(self, workbook: "Workbook") -> None:
        self._workbook = workbook
        self._formats: dict[Kind, Any] = {
            kind: workbook.add_format({"num_format": form} if kind != "text" else {}) for kind, form in _FORMATS.items()
        }
        self._title = workbook.add_format({"bold": True, "font_size": 14})
        self._header = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._changes = {
            points: workbook.add_format({"num_format": form})
            for points, form in ((True, '+0.0%" points";-0.0%" points"'), (False, "+0.0%;-0.0%;0.0%"))
        }
        self._wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})

    def write_tab(self, sheet: "Worksheet", tab: Tab) -> tuple[int, int]:
        """Write a table under its header; return how many rows were written, and how many had no room."""
        sheet.set_row(0, _HEADER_HEIGHT)
        self._write_header(sheet, 0, [heading.label for heading in tab.headings])
        widths = [len(heading.label) / 2 + 2 for heading in tab.headings]
        kinds = [heading.kind for heading in tab.headings]
        count = left_out = 0
        for row in tab.rows:
            if count + 1 >= _MOST_ROWS:
                left_out += 1
                continue
            count += 1
            for column, (value, kind) in enumerate(zip(row, kinds, strict=True)):
                self._write(sheet, count, column, value, kind)
                if count <= _MEASURED and isinstance(value, str):
                    widths[column] = max(widths[column], len(value) + 1)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(max(width, 11), _WIDEST))
        last = len(kinds) - 1
        sheet.freeze_panes(1, next((n for n, kind in enumerate(kinds) if kind not in {"text", "day"}), 1))
        sheet.autofilter(0, 0, count, last)
        _set_up_page(sheet, count, last)
        sheet.repeat_rows(0)
        return count, left_out

    def write_notes(self, sheet: "Worksheet", notes: Sequence[str]) -> None:
        """Write a note a row."""
        self._write_header(sheet, 0, ["note"])
        for row, note in enumerate(notes, 1):
            sheet.write_string(row, 0, _text(note), self._wrapped)
        sheet.set_column(0, 0, 100)
        _set_up_page(sheet, len(notes), 0)

    def write_summary(self, sheet: "Worksheet", book: Book, sizes: dict[str, tuple[str, int]]) -> None:
        """Write what the workbook is of, its numbers, and the charts below."""
        scope, *others = [*book.title, ""]
        sheet.write_string(0, 0, _text(f"Copilot: {scope}"), self._title)
        sheet.write_string(1, 0, _text(" | ".join(filter(None, others))))
        row = 3
        if book.lines:
            lines = book.lines[:_MOST_LINES]
            columns = [
                ("before", any(line.before is not None for line in lines)),
                ("change", any(line.change is not None for line in lines)),
                ("days known", any(line.days is not None for line in lines)),
            ]
            shown = [header for header, is_there in columns if is_there]
            self._write_header(sheet, row, [book.heading, "now", *shown])
            for line in lines:
                row += 1
                sheet.write_string(row, 0, _text(line.label))
                self._write(sheet, row, 1, line.now, line.kind)
                for column, header in enumerate(shown, 2):
                    if header == "change":
                        self._write_change(sheet, row, column, line)
                    else:
                        value, kind = (line.before, line.kind) if header == "before" else (line.days, "count")
                        self._write(sheet, row, column, value, kind)
            if "change" in shown and book.before:
                row += 1
                sheet.write_string(row, 0, _text(f"change: {book.before}; of rates in percentage points"))
            row += 2
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 4, 14)
        for chart in book.charts:
            name, count = sizes[chart.tab]
            if count > 1:
                tab = next(tab for tab in book.tabs if tab.name == chart.tab)
                sheet.insert_chart(
                    row,
                    0,
                    self._chart(chart, name, count, tab.headings),
                    {**_SIZE, "description": f"{chart.title}; the numbers are in the sheet {name}"},
                )
                row += _CHART_ROWS
        _set_up_page(sheet, max(row, 4), 8, pages=1)

    def _chart(self, chart: Chart, name: str, count: int, headings: Sequence[Heading]) -> Any:
        found = self._workbook.add_chart({"type": chart.kind})
        for column, colour in zip(chart.columns, _COLOURS, strict=False):
            style: dict[str, Any] = {"line": {"color": colour}} if chart.kind == "line" else {"fill": {"color": colour}}
            found.add_series(
                {
                    "name": headings[column].label,
                    "categories": [name, 1, chart.categories, count, chart.categories],
                    "values": [name, 1, column, count, column],
                    **style,
                }
            )
        found.show_blanks_as("gap")
        found.set_title({"name": chart.title, "name_font": {"size": 12}})
        is_dated = headings[chart.categories].kind == "day"
        found.set_x_axis({"date_axis": True, "num_format": "d mmm"} if is_dated else {})
        found.set_y_axis({"min": 0, "num_format": "0%" if chart.percent else "#,##0"})
        found.set_legend({"position": "bottom"} if len(chart.columns) > 1 else {"none": True})
        return found

    def _write_header(self, sheet: "Worksheet", row: int, labels: Iterable[str]) -> None:
        for column, label in enumerate(labels):
            sheet.write_string(row, column, _text(label), self._header)

    def _write_change(self, sheet: "Worksheet", row: int, column: int, line: Line) -> None:
        if line.change is not None:
            points = line.kind == "rate"
            sheet.write_number(row, column, line.change, self._changes[points])

    def _write(self, sheet: "Worksheet", row: int, column: int, value: Value, kind: Kind) -> None:
        """Write a value by its kind; what is unknown stays empty, what Excel can't hold exactly is text."""
        if value is None or value == "":
            return
        if kind == "day" and isinstance(value, str) and int(value[:4]) >= _FIRST_YEAR:
            sheet.write_datetime(row, column, datetime.fromisoformat(value), self._formats[kind])
        elif isinstance(value, str):
            sheet.write_string(row, column, _text(value), self._formats["text"])
        elif not -_EXACT < value < _EXACT:
            sheet.write_string(row, column, str(value), self._formats["text"])
        else:
            sheet.write_number(row, column, float(value), self._formats[kind])


def _set_up_page(sheet: "Worksheet", rows: int, columns: int, *, pages: int = 0) -> None:
    """Print all columns on a page wide, and as many `pages` high as it takes, or so many."""
    if not pages:
        sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, pages)
    sheet.print_area(0, 0, rows, columns)


def _text(value: str) -> str:
    """Make a text one that a cell can hold: no controls or lone surrogates, and no longer than Excel allows."""
    shown = visible(value)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "..."


def _sheet_name(name: str, used: set[str]) -> str:
    """Return a name that a sheet may have and none has yet."""
    plain = " ".join(visible(name).translate(_FORBIDDEN).split())[:_LONGEST_NAME].strip() or "Sheet"
    found, number = plain, 1
    while found.lower() in used:
        number += 1
        found = f"{plain[: _LONGEST_NAME - 4].rstrip()} {number}"
    used.add(found.lower())
    return found
