"""The tables of a workbook: numbers as they are, not as they are written for people."""

import marshal
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from copilot_usage_cli.model.records import RATED
from copilot_usage_cli.model.vocabulary import FEATURE, IDE, MODEL, SCOPE, TIMES
from copilot_usage_cli.render.columns import METRICS
from copilot_usage_cli.render.headline import label_of
from copilot_usage_cli.report.build import Report, Table
from copilot_usage_cli.report.change import change, is_alike, is_countable, is_rate, mean_a_day
from copilot_usage_cli.report.comparison import PREFIX, Comparison
from copilot_usage_cli.report.grouping import DAYS as DAYS_KNOWN
from copilot_usage_cli.report.grouping import Row
from copilot_usage_cli.report.headline import headline
from copilot_usage_cli.report.rows import cells_of
from copilot_usage_cli.report.timeline import Absence, timeline
from copilot_usage_cli.report.view import Field, Sheet

Kind = Literal["text", "day", "count", "mean", "rate", "amount", "money"]
Value = str | int | float | Decimal | None
Cells = tuple[Value, ...]
_TEXTS = frozenset({*TIMES, SCOPE, "source", "language", "editor", IDE, FEATURE, MODEL})
_LABELS = {name: header.replace("\n", " ") for name, header, _ in METRICS}
_WORDS = {
    "lines_acceptance_rate": "lines acceptance rate",
    "active_users_mean": "active users a day",
    "active_chat_users_mean": "chat users a day",
}
DAYS = "Days"
"""The tab that charts are of."""

_ACTIVITY = (
    ("IDEs", IDE, "totals_by_ide"),
    ("Features", FEATURE, "totals_by_feature"),
    ("Models", MODEL, "totals_by_model_feature"),
)


class Heading(NamedTuple):
    """The header of a column, and what its numbers are."""

    label: str
    kind: Kind


class Tab(NamedTuple):
    """A sheet of a workbook: its name, its columns, and its rows."""

    name: str
    headings: tuple[Heading, ...]
    rows: Iterable[Cells]


class Line(NamedTuple):
    """A number of the summary: its label, what it is now and was before, its change as a fraction, and its kind.

    `days` are those on which it is known.
    """

    label: str
    kind: Kind
    now: Value
    before: Value = None
    change: float | None = None
    days: Value = None


def kind_of(name: str) -> Kind:
    """Tell what a column of a report holds."""
    name = name.removeprefix(PREFIX)
    if name in {"day", "since", "until"}:
        return "day"
    if name in _TEXTS:
        return "text"
    if is_rate(name):
        return "rate"
    return "mean" if name.endswith("_mean") else "count"


def label_of_column(name: str) -> str:
    """Return the header of a report's column for people."""
    if name.startswith(PREFIX):
        return f"{label_of_column(name.removeprefix(PREFIX))}, before"
    if name.endswith(DAYS_KNOWN):
        return f"days known: {label_of_column(name.removesuffix(DAYS_KNOWN))}"
    label = _WORDS.get(name) or _LABELS.get(name) or _LABELS.get(f"total_{name}") or name.replace("_", " ")
    return label.removesuffix(" (days)")


def tabs_of(shown: Report | Comparison) -> list[Tab]:
    """Lay out the tables of a report or of two; which tabs there are follows from the options, and what is known."""
    report = shown if isinstance(shown, Report) else shown.current
    both = shown if isinstance(shown, Comparison) else None
    if report.query.by is not None:
        return [_tab("Rows", report.table if both is None else both.table())]
    top = report.query.top

    def by(*names: str) -> Table:
        return report.grouped(*names, top=top) if both is None else both.table(*names, top=top)

    tabs = [_days(report), _tab("Languages", by("language")), _tab("Editors", by("editor"))]
    if not any(cell.editor is not None for cell in cells_of(report.records)):
        tabs[-1] = tabs[-1]._replace(rows=[])  # a row without a name would say nothing
    if not report.filtered:
        tabs += [
            _tab(name, by(of))
            for name, of, table in _ACTIVITY
            if any(record.table(table) is not None for record in report.records)
        ]
    return [*tabs, _tab("Data", report.grouped("day", "language", "editor"), plain=True)]


def packed_tabs(tabs: Sequence[Tab]) -> bytes:
    """Pack tabs, of which there may be thousands, for merged_tabs()."""
    return marshal.dumps([(tab.name, [tuple(each) for each in tab.headings], [*tab.rows]) for tab in tabs])


def merged_tabs(packed: Sequence[Callable[[], bytes]]) -> list[Tab]:
    """Join the tabs of many scopes by their names; their rows are unpacked as they are written."""
    headings: dict[str, tuple[Heading, ...]] = {}
    for each in packed:
        for name, found, _ in marshal.loads(each()):  # noqa: S302 - what packed_tabs() made
            headings.setdefault(name, tuple(Heading(*heading) for heading in found))

    def rows(wanted: str) -> Iterator[Cells]:
        for each in packed:
            for name, _, inside in marshal.loads(each()):  # noqa: S302 - as above
                if name == wanted:
                    yield from inside

    return [Tab(name, found, rows(name)) for name, found in headings.items()]


def tab_of_rows(name: str, columns: Sequence[str], rows: Iterable[Row]) -> Tab:
    """Lay out rows of a report's columns."""
    headings = tuple(Heading(label_of_column(each), kind_of(each)) for each in columns)
    return Tab(name, headings, [_cells(row, columns) for row in rows])


def summary_of(shown: Report | Comparison) -> list[Line]:
    """List the numbers of the whole period; of two that are compared, of both."""
    report = shown if isinstance(shown, Report) else shown.current
    if report.is_empty:
        return []
    if isinstance(shown, Comparison) and not shown.is_empty:
        return list(_compared(shown))
    return [
        Line(
            label_of(figure.name, report.days),
            kind_of(figure.name),
            figure.value,
            change=figure.change,
            days=_days_known(figure.row, figure.name),
        )
        for figure in headline(report)
    ]


def _days_known(row: Row, name: str) -> Value:
    """Return on how many days a number of a whole period is known: of a rate, what is below the line."""
    if is_rate(name):
        name = RATED[name][1]
        name = name if name in row else f"total_{name}"
    return row.get(f"{name.removesuffix('_mean').removesuffix('_peak')}{DAYS_KNOWN}")


def summary_of_sheets(sheets: Sequence[Sheet]) -> list[Line]:
    """List the total of the first sheet, or its only row, a number a line, with what it was before."""
    sheet = sheets[0] if sheets else None
    if sheet is None or (sheet.footer is None and len(sheet.rows) != 1):
        return []
    row = sheet.footer or sheet.rows[0]
    lines = []
    for field in sheet.fields:
        is_number = _kind_of_field(field) not in {"text", "day"}
        if is_number and field.header and not field.name.startswith(PREFIX):
            lines.append(Line(_label(field), _kind_of_field(field), row.get(field.name), row.get(PREFIX + field.name)))
    return lines


def tab_of_sheet(name: str, sheet: Sheet, *, plain: bool = False) -> Tab:
    """Lay out a sheet of a view: what people are shown, or with `plain` all columns by their own names."""
    fields = [field for field in sheet.fields if plain or field.header]
    headings = tuple(Heading(field.name if plain else _label(field), _kind_of_field(field)) for field in fields)
    return Tab(
        name,
        headings,
        [tuple(_worded(row.get(field.name), field, plain=plain) for field in fields) for row in sheet.rows],
    )


def _label(field: Field) -> str:
    label = field.header.replace("\n", " ")
    return f"{label}, before" if field.name.startswith(PREFIX) else label


def _kind_of_field(field: Field) -> Kind:
    if field.kind in {"name", "text"}:
        return "day" if field.name in {"day", f"{PREFIX}day"} else "text"
    return field.kind  # type: ignore[return-value]


def _worded(value: Value, field: Field, *, plain: bool) -> Value:
    return field.words.get(value, value) if isinstance(value, str) and not plain else value


def _tab(name: str, table: Table, *, plain: bool = False) -> Tab:
    headings = tuple(Heading(each if plain else label_of_column(each), kind_of(each)) for each in table.columns)
    return Tab(name, headings, [_cells(row, table.columns) for row in table.rows])


def _cells(row: Row, names: Sequence[str]) -> Cells:
    cells = tuple(row.get(name) for name in names)
    if row.get("folded"):
        return tuple(
            f"({row['folded']:,} more)" if value is None and kind_of(name) == "text" else value
            for name, value in zip(names, cells, strict=True)
        )
    return cells


def _days(report: Report) -> Tab:
    """Lay out each day of the period, also those without data, and what must be known of it."""
    names = report.table.columns
    headings = (*(Heading(label_of_column(name), kind_of(name)) for name in names), Heading("state", "text"))
    rows = []
    changing = {str(day) for day in report.changing}
    for entry in timeline(report, report.table):
        if isinstance(entry, Absence):
            rows += list(_absent(report, entry, names))
        else:
            rows.append((*_cells(entry, names), "may still change" if entry["day"] in changing else ""))
    return Tab(DAYS, headings, rows)


def _absent(report: Report, absence: Absence, names: Sequence[str]) -> Iterator[Cells]:
    days = report.pending if absence.pending else report.missing
    for day in days:
        if absence.first <= str(day) <= absence.last:
            start = {SCOPE: str(report.query.scope), "day": str(day)}
            state = "not available yet" if absence.pending else "no data"
            yield (*(start.get(name) for name in names), state)


def _compared(shown: Comparison) -> Iterator[Line]:
    now, then = shown.current.whole(), shown.previous.whole()
    numbers = (name for name in shown.current.grouped("total").columns if kind_of(name) not in {"text", "day"})
    for name in (name for name in numbers if not name.endswith("days")):
        mean = shown.per_day and is_countable(name)
        value, was = (mean_a_day(row, name) if mean else row.get(name) for row in (now, then))
        moved = change(value, was, points=is_rate(name)) if is_alike(now, then, name) else None
        label = f"{label_of_column(name)} a day" if mean else label_of_column(name)
        yield Line(label, "mean" if mean else kind_of(name), value, was, moved, _days_known(now, name))
