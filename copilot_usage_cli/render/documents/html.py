"""One HTML file: no script, no network, in light and dark, for a phone and for paper."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from string import ascii_uppercase
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from copilot_usage_cli.render.columns import UNKNOWN
from copilot_usage_cli.render.documents import svg
from copilot_usage_cli.render.documents.document import Card, Document, Part, Picture
from copilot_usage_cli.render.grid import Bar, Cell, Grid, text_of
from copilot_usage_cli.render.headline import change_cell
from copilot_usage_cli.render.lines import Span
from copilot_usage_cli.report.chart import Chart
from copilot_usage_cli.text import visible

_HERE = Path(__file__).parent


class _Cell(NamedTuple):
    """A table's cell: its text or its bar, its class, whether it is a name from data, and how many columns it spans."""

    text: str | Markup
    kind: str = ""
    is_name: bool = False
    is_head: bool = False
    span: int = 1


class _Table(NamedTuple):
    """A table as the template writes it; `label` is its name for those who can't see the title."""

    title: str
    label: str
    words: str
    headers: list[_Cell]
    rows: list[list[_Cell]]
    footer: list[_Cell] | None


class _Drawn(NamedTuple):
    """A chart, drawn for a wide screen and for a phone."""

    title: str
    wide: Markup
    narrow_title: str = ""
    narrow: Markup = Markup()


def render_html(document: Document) -> str:
    """Render a document as one HTML page."""
    css = (_HERE / "page.css").read_text("utf-8")
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    panels = [picture for _, picture in document.panels]
    letters = _letters([*document.pictures, *panels])
    before = document.cards[0].before if document.cards else ""
    small = [picture._replace(chart=picture.small) for picture in document.pictures]
    page = environment.get_template("page.html.jinja").render(
        css=Markup(css),  # noqa: S704 - our own file
        hash=b64encode(sha256(css.encode()).digest()).decode(),
        pattern=Markup(svg.PATTERN),  # noqa: S704 - our own
        title=[visible(part) for part in document.title],
        source=visible(document.source),
        about=document.about,
        cards=[_card(card) for card in document.cards],
        charts=[_drawn(picture, letters) for picture in document.pictures],
        key=_key(document.pictures, before, letters),
        small_key=_key(small, before, letters),
        parts=_unlike([_table(part, document) for part in document.parts]),
        panels=[_panel(name, picture, letters) for name, picture in document.panels],
        panels_key=_key(panels, before, letters),
        panels_title=_panels_title(document),
        notes=[visible(note) for note in document.notes],
        daily=None if document.daily is None else _table(document.daily, document),
    )
    return "\n".join(line for line in page.split("\n") if line) + "\n"


def _letters(pictures: Sequence[Picture]) -> dict[tuple[date, str], str]:
    """Give each break of any chart a letter of its own."""
    breaks = sorted({(each.day, each.words) for picture in pictures for each in picture.chart.breaks})
    return dict(zip(breaks, ascii_uppercase, strict=False))


def _card(card: Card) -> dict[str, str]:
    moved = change_cell(card.change, points=card.points)
    points = moved.text.replace(" pp", " percentage points")
    words = {"rising": "up", "falling": "down"}.get(moved.style, "unchanged")
    is_known = card.value != UNKNOWN
    change = "change not known" if card.change is None else f"{points} {words}"
    return {
        **card._asdict(),
        "value": card.value if is_known else "not known",
        "size": "value" if is_known else "value unknown",
        "style": moved.style,
        "moved": f"{change}, {card.before}" if card.before and is_known else "",
    }


def _drawn(picture: Picture, letters: svg.Letters) -> _Drawn:
    # Names from elsewhere are in no chart, and svg escapes what it writes all the same.
    small = picture._replace(chart=picture.small)
    wide = Markup(svg.draw(picture, svg.WIDE, _label(picture), letters))  # noqa: S704
    narrow = Markup(svg.draw(small, svg.NARROW, _label(small), letters))  # noqa: S704
    return _Drawn(_title(picture), wide, _title(small), narrow)


def _title(picture: Picture) -> str:
    """Title a chart; where its slots are weeks, say what is drawn of them."""
    if picture.chart.size == 1:
        return picture.title
    return f"{picture.title}: {'each' if picture.percent else 'the mean a day of each'} {picture.chart.unit}"


def _label(picture: Picture) -> str:
    return f"{_title(picture)}; the table by day has the numbers"


def _panel(name: str, picture: Picture, letters: svg.Letters) -> _Drawn:
    label = f"{_what(picture)} of {visible(name)}"
    return _Drawn(visible(name), Markup(svg.draw(picture, svg.SMALL, label, letters)))  # noqa: S704 - as above


def _panels_title(document: Document) -> str:
    if not document.panels:
        return ""
    _, picture = document.panels[0]
    a_day = "" if picture.chart.size == 1 else ", the mean a day,"
    return f"{_what(picture)}{a_day} by {picture.chart.unit}, each to its own scale"


def _what(picture: Picture) -> str:
    return "Active users" if "total_active_users" in picture.chart.series else "Suggestions"


def _key(pictures: Sequence[Picture], before: str, letters: svg.Letters) -> list[str]:
    """Say in words what the marks mean that are there."""
    charts = [picture.chart for picture in pictures]
    slots = [slot for chart in charts for slot in chart.slots]
    series = [picture.chart.series[name] for picture in pictures for name in picture.labels]
    is_weekly = any(chart.size > 1 for chart in charts)
    unknown = "not known, or on fewer than half of its days" if is_weekly else "not known"
    there = {(each.day, each.words) for chart in charts for each in chart.breaks}
    found = {
        "pale band: a weekend": any(slot.is_weekend for slot in slots),
        "hatched with a dash: no data": any(slot.state == "missing" for slot in slots),
        "hatched with dots: not available yet": any(slot.state == "pending" for slot in slots),
        f"hatched with a question mark: {unknown}": any(map(_has_unknown, pictures)),
        "dashed outline: may still change": any(slot.changing for slot in slots),
        f"short line: {_when(charts, before)}": any(each.has_before for each in series),
        **{
            f"dotted line {letter}: {day}, {words}": True
            for (day, words), letter in letters.items()
            if (day, words) in there
        },
    }
    return [words for words, is_there in found.items() if is_there]


def _when(charts: Sequence[Chart], before: str) -> str:
    day = "weekday" if charts and charts[0].size == 1 else "week"
    return f"the same {day} in {before.removeprefix('vs ') or 'the period before'}"


def _has_unknown(picture: Picture) -> bool:
    chart = picture.chart
    values = [chart.series[name].values for name in picture.labels]
    return any(
        slot.state == "known" and all(each[place] is None for each in values) for place, slot in enumerate(chart.slots)
    )


def _table(part: Part, document: Document) -> _Table:
    grid = part.grid
    places = [n for n, _ in enumerate(grid.columns) if not grid.has_trend(n)]
    headers = [_Cell(grid.columns[n].label, "number" if grid.columns[n].right else "") for n in places]
    rows = [list(_row(grid, row, places)) for row in grid.rows]
    footer = None if grid.footer is None else list(_row(grid, grid.footer, places))
    label = part.title or ", ".join(visible(each) for each in document.title[:1])
    return _Table(part.title, label, part.words, headers, rows, footer)


def _unlike(tables: Sequence[_Table]) -> list[_Table]:
    """Tell tables of one label apart by numbers: each region of a page has a name of its own."""
    seen: dict[str, int] = {}
    found = []
    for table in tables:
        seen[table.label] = seen.get(table.label, 0) + 1
        number = f" ({seen[table.label]})" if seen[table.label] > 1 else ""
        found.append(table._replace(label=table.label + number))
    return found


def _row(grid: Grid, row: Sequence[Cell], places: Sequence[int]) -> Iterator[_Cell]:
    if len(row) < len(grid.columns):
        *cells, last = row
        for n, each in enumerate(cells):
            yield _Cell(text_of(each), is_head=n == 0)
        yield _Cell(text_of(last), "absent", span=len(places) - len(cells))
        return
    for at, n in enumerate(places):
        column, each = grid.columns[n], row[n]
        if isinstance(each, Bar):
            yield _Cell(Markup(svg.bar(each.part)))  # noqa: S704 - a number alone
            continue
        style = each.style if isinstance(each, Span) and each.style in {"rising", "falling"} else ""
        kind = " ".join(filter(None, ["number" if column.right else "", style]))
        is_name = column.folds or column.cuts
        text = text_of(each)
        yield _Cell(text, kind, is_name, is_head=at == 0 and not column.right and bool(text.strip()))
