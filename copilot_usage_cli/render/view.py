"""The view of a command for people: its title, each sheet as a table, and its notes."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from copilot_usage_cli.render.columns import UNKNOWN, number, percent
from copilot_usage_cli.render.grid import Cell, Column, Grid, cell, fit
from copilot_usage_cli.render.headline import change_cell
from copilot_usage_cli.render.lines import Line, line
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.render.sections import BAR, Page
from copilot_usage_cli.report.change import change
from copilot_usage_cli.report.view import DAYS, PREFIX, Field, Row, Sheet, Value, View
from copilot_usage_cli.text import shorten, visible

_TEXTS = ("name", "text")
_NARROW = 60  # columns; a narrower screen shows each number and its change, and not what was before


def draw_view(view: View, screen: Screen) -> list[Line]:
    """Draw a view for a screen."""
    page = Page(screen)
    page.title(visible(BAR.join(filter(None, view.title))))
    if not view.shown:
        page.lines.append(line())
        page.reasons(view.notes)
        return page.lines
    title = ""
    for sheet in view.shown:
        page.section("" if sheet.title == title else sheet.title, sheet_grid(sheet, screen))
        title = sheet.title
    page.left_out()
    page.notes(view.notes)
    return page.lines


def sheet_grid(sheet: Sheet, screen: Screen) -> Grid:
    """Lay out a row a line; a number a line where that is asked for, or where a single row has no room."""
    grid = _grid(sheet, screen)
    is_named = any(field.kind == "name" and field.header for field in sheet.fields)
    has_no_room = len(sheet.rows) == 1 and not is_named and bool(fit(grid, screen.width).dropped)
    is_upright = sheet.upright or has_no_room
    return _upright(sheet, screen) if is_upright else grid


def written(value: Value, field: Field) -> str:
    """Write a value of a field for people."""
    if value is None:
        return UNKNOWN
    if field.kind in _TEXTS:
        return shorten(visible(field.words.get(str(value), str(value))))
    if field.kind == "rate":
        return percent(value if isinstance(value, int | float) else None)
    if isinstance(value, Decimal):
        return f"{value:,.2f}" if field.kind == "money" else f"{value:,.1f}"
    return number(value)


def _grid(sheet: Sheet, screen: Screen) -> Grid:
    """Lay out a row a line; fields of which nothing is known are left out and named."""
    shown: list[tuple[Column, Callable[[Row], Cell]]] = []
    unknown = []
    fields = [field for field in sheet.fields if field.header]
    known = [field for field in fields if field.kind == "name" or _is_known(sheet, field)]
    if all(field.kind == "name" for field in known):
        known = fields  # one is left to say that nothing is known
    for field in fields:
        is_before = field.name.startswith(PREFIX)
        if field not in known:
            unknown += [] if is_before else [field.header.replace("\n", " ")]
        elif field.kind in _TEXTS:
            priority = None if field.kind == "name" else field.priority
            shown.append((Column(field.header, priority, right=False, folds=field.kind == "name"), _cell(field)))
        elif not is_before:
            shown.append((Column(field.header, field.priority, set=_set(sheet, field)), _cell(field)))
        else:
            shown += _before(sheet, field, narrow=_is_narrow(screen))
    rows = [tuple(make(row) for _, make in shown) for row in sheet.rows]
    footer = None if sheet.footer is None else tuple(make(sheet.footer) for _, make in shown)
    return Grid(tuple(column for column, _ in shown), rows, footer, unknown=tuple(unknown))


def _is_known(sheet: Sheet, field: Field) -> bool:
    return any(row[field.name] is not None for row in sheet.rows)


def _before(sheet: Sheet, field: Field, *, narrow: bool) -> Iterator[tuple[Column, Callable[[Row], Cell]]]:
    """Lay out what a number was before, and its change."""
    now = next(each for each in sheet.fields if PREFIX + each.name == field.name)
    group = _set(sheet, now)
    if not narrow:
        yield Column("before", now.priority, set=group), _cell(field)
    yield Column("change", now.priority, set=group), lambda row: _changed(row, now)


def _set(sheet: Sheet, field: Field) -> str:
    """Name the columns that leave together: a number's, what it was before, and its change."""
    return field.header.replace("\n", " ") if PREFIX + field.name in sheet.columns else ""


def _cell(field: Field) -> Callable[[Row], Cell]:
    return lambda row: cell(_written_in(row, field))


def _written_in(row: Row, field: Field) -> str:
    """Write a field of a row, and over how many days it is known if not over all: ` (2 d)`."""
    value = row.get(field.name)
    prefix = PREFIX if field.name.startswith(PREFIX) else ""
    known, days = row.get(prefix + field.known), row.get(prefix + DAYS)
    partly = f" ({known} d)" if field.known and value is not None and known != days and days is not None else ""
    return written(value, field) + partly


def _changed(row: Row, field: Field) -> Cell:
    points = field.kind == "rate"
    now, before = (_plain(row[name]) for name in (field.name, PREFIX + field.name))
    if field.name == DAYS:
        return cell("")
    if field.adds:
        known = field.known or DAYS
        now, before = _a_day(now, row.get(known)), _a_day(before, row.get(PREFIX + known))
    return change_cell(change(now, before, points=points), points=points)


def _a_day(value: float | None, days: Value) -> int | float | None:
    """Return the mean of a sum over days; the sum itself where nothing tells over how many it is."""
    return value / days if value is not None and isinstance(days, int) and days else value


def _plain(value: Value) -> int | float | None:
    """Return a number for a percentage, which needs no exact one."""
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, int | float) else None


def _upright(sheet: Sheet, screen: Screen) -> Grid:
    """Lay out a number a line, each with what it was before and its change where these are known."""
    names = [field for field in sheet.fields if field.header and field.kind == "name"]
    numbers = [field for field in sheet.fields if field.header and field.kind != "name"]
    numbers = [field for field in numbers if not field.name.startswith(PREFIX)]
    is_compared = any(PREFIX + field.name in sheet.columns for field in numbers)
    narrow = _is_narrow(screen)
    rows: list[tuple[Cell, ...]] = []
    unknown: dict[str, None] = {}
    for row in sheet.rows:
        whose = ", ".join(written(row[field.name], field) for field in names) if len(sheet.rows) > 1 else ""
        for field in numbers:
            label = field.header.replace("\n", " ")
            before = PREFIX + field.name
            if row[field.name] is None and row.get(before) is None:
                unknown[label] = None
                continue
            made: list[Cell] = [cell(f"{whose}: {label}" if whose else label), cell(_written_in(row, field))]
            if is_compared:
                made += [] if narrow else [cell(_written_in(row, field._replace(name=before)))]
                made.append(_changed({before: None, **row}, field))
            rows.append(tuple(made))
    headers = (["", "now", "change"] if narrow else ["", "now", "before", "change"]) if is_compared else ["", ""]
    columns = [Column(headers[0], right=False, folds=narrow)]
    columns += [Column(header, 100 - n) for n, header in enumerate(headers[1:])]
    return Grid(tuple(columns), rows, ruled=is_compared, unknown=tuple(unknown), low=True)


def _is_narrow(screen: Screen) -> bool:
    return screen.width is not None and screen.width < _NARROW
