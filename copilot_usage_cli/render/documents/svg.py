"""Charts as SVG: values in, markup out. Without script, in light and dark, and legible where styles are blocked.

Colours are presentation attributes, which the page's style sheet overrides by class. Each slot has a text that says its
numbers, which the style sheet shows where the pointer is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from html import escape
from typing import NamedTuple

from copilot_usage_cli.render.axis import dated, short_day, ticks, writer
from copilot_usage_cli.render.columns import number, percent
from copilot_usage_cli.render.documents.document import Picture
from copilot_usage_cli.report.chart import Break, Chart, Series, Slot

_STEPS = 4
_CHARACTER = 7.4  # units that a character of 12 takes
_DATE = 46  # units that a date takes
_NARROWEST_SIGN = 4.5  # units of a gap that a sign fits into
_NARROW = 9  # units of a slot
_HALO, _NARROW_HALO = 3, 1.5
_WIDEST_BAR = 56
_LINE = 14  # units between the labels of lines
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


_MISSING, _PENDING, _UNKNOWN = "\u2013", "\u2026", "?"


class Size(NamedTuple):
    """The size of a drawing, in units that are pixels where it is drawn at its own size."""

    width: int
    height: int
    steps: int = _STEPS


WIDE, NARROW, SMALL = Size(720, 210), Size(344, 190), Size(228, 96, 3)

PATTERN = (
    '<svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path class="hatching" d="M0 0V6" stroke="#767676" stroke-width="1.5"/></pattern></defs></svg>'
)


class _Frame(NamedTuple):
    """Where things are: the plot's edges, and how values and slots become places."""

    left: float
    right: float
    top: float
    bottom: float
    step: float
    most: float

    def x(self, place: float) -> float:
        return self.left + place * self.step

    def y(self, value: float) -> float:
        return self.bottom - value / self.most * (self.bottom - self.top)


Letters = Mapping[tuple[date, str], str]
"""The letter of each break of the series, by its day and what changed."""


def draw(picture: Picture, size: Size, label: str, letters: Letters) -> str:
    """Draw a picture; `label` says what it is to those who can't see it."""
    chart = picture.chart
    series = [chart.series[name] for name in picture.labels]
    values = [value for each in series for value in (*each.values, *each.before)]
    is_whole = not picture.percent and all(value is None or value == int(value) for value in values)
    scale = ticks(values, size.steps, whole=is_whole)
    write = writer(scale, percent=picture.percent)
    margin = max(len(write(each)) for each in scale) * _CHARACTER + 10
    labelled = picture.kind == "lines" and len(series) > 1
    ends = max(len(each) for each in picture.labels.values()) * _CHARACTER + 8 if labelled else 4
    plot = (margin, size.width - ends, 34.0 if chart.breaks else 22.0, size.height - 22.0)
    frame = _Frame(*plot, (plot[1] - plot[0]) / len(chart.slots), scale[-1])
    start = (
        f'<svg class="chart" viewBox="0 0 {size.width} {size.height}" width="{size.width}" height="{size.height}" '
        f'role="img" aria-label="{escape(label)}" font-size="12" font-family="system-ui, sans-serif">'
    )
    parts = [
        start,
        *_weekends(chart, frame),
        *_grid(scale, write, frame),
        *_gaps(chart, series, frame),
    ]
    if picture.kind == "lines":
        for n, each in enumerate(series):
            parts += _line(chart, each, frame, n)
        for n, each in enumerate(series):
            parts += _before(each, frame, _NARROW_HALO, dashed=n > 0)
        parts += _ends(picture, series, frame) if labelled else ()
    else:
        for n, each in enumerate(series):
            parts += _bars(chart, each, frame, "inner" if n else "bar")
        parts += _before(series[0], frame, _HALO if size.height > SMALL.height else _NARROW_HALO)
    parts += _breaks(chart.breaks, letters, frame)
    parts += _dates(chart.slots, frame)
    parts += _values(picture, series, frame, short=size.width < WIDE.width)
    return "".join([*parts, "</svg>"])


def bar(part: float | None) -> str:
    """Draw a fraction as a bar of its own, for a cell."""
    length = 0 if part is None else max(round(part * 100, 1), 0.5 if part else 0)
    return (
        '<svg class="share" viewBox="0 0 100 10" width="100" height="10" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="bar" d="M0 0h{length:g}v10H0z" fill="#1f4e9e"/></svg>'
    )


def _weekends(chart: Chart, frame: _Frame) -> Iterator[str]:
    places = [n for n, slot in enumerate(chart.slots) if slot.is_weekend]
    bands = [_box(frame.x(n), frame.top, frame.step, frame.bottom) for n in places]
    if bands:
        yield f'<path class="weekend" d="{"".join(bands)}" fill="#f0f0ec"/>'


def _grid(scale: Sequence[float], write: Callable[[float], str], frame: _Frame) -> Iterator[str]:
    path = "".join(f"M{_n(frame.left)} {_n(frame.y(each))}H{_n(frame.right)}" for each in scale[1:])
    yield f'<path class="grid" d="{path}" stroke="#d4d4d4" fill="none"/>'
    yield f'<path class="axis" d="M{_n(frame.left)} {_n(frame.bottom)}H{_n(frame.right)}" stroke="#666" fill="none"/>'
    for each in scale:
        yield _text("tick", frame.left - 6, frame.y(each) + 4, write(each), anchor="end")


def _gaps(chart: Chart, series: Sequence[Series], frame: _Frame) -> Iterator[str]:
    """Hatch where nothing is known: days without data, with a dash, and days with data but without this number."""
    signs = [_sign(slot, [each.values[place] for each in series]) for place, slot in enumerate(chart.slots)]
    start = 0
    while start < len(signs):
        end = start
        while end < len(signs) and signs[end] == signs[start]:
            end += 1
        if signs[start]:
            x, width = frame.x(start), frame.step * (end - start)
            yield f'<path class="gap" d="{_box(x, frame.top, width, frame.bottom)}" fill="url(#hatch)"/>'
            if width >= _NARROWEST_SIGN:
                middle, size = x + width / 2, min(12.0, width * 1.4)
                disc = f'cx="{_n(middle)}" cy="{_n(frame.bottom - 12)}" r="{_n(min(8.0, width / 2))}"'
                yield f'<circle class="ground" {disc} fill="#fff"/>'
                text = _text("sign", middle, frame.bottom - 12 + size / 3, signs[start], anchor="middle")
                yield text.replace("<text ", f'<text font-size="{_n(size)}" ')
        start = end


def _sign(slot: Slot, values: Sequence[float | None]) -> str:
    if slot.state != "known":
        return _MISSING if slot.state == "missing" else _PENDING
    return "" if any(value is not None for value in values) else _UNKNOWN


def _bars(chart: Chart, series: Series, frame: _Frame, name: str) -> Iterator[str]:
    """Draw a bar a slot; those inside others are narrower and have an outline, those that may change a dashed one."""
    gap = max(frame.step * 0.18, frame.step - _WIDEST_BAR) + (min(frame.step * 0.18, 8) if name == "inner" else 0)
    boxes: dict[str, str] = {}
    for place, value in enumerate(series.values):
        if value is not None:
            kind = f"{name} changing" if chart.slots[place].changing else name
            top = min(frame.y(value), frame.bottom - (1 if value else 0))
            boxes[kind] = boxes.get(kind, "") + _box(frame.x(place) + gap / 2, top, frame.step - gap, frame.bottom)
    for kind, path in boxes.items():
        yield f'<path class="{kind}" d="{path}" {_LOOKS[kind]}/>'


_LOOKS = {
    "bar": 'fill="#1f4e9e"',
    "inner": 'fill="#e8953a" stroke="#fff" stroke-width="1.5"',
    "bar changing": 'fill="#1f4e9e" fill-opacity=".12" stroke="#1f4e9e" stroke-width="1.5" stroke-dasharray="4 2"',
    "inner changing": 'fill="#e8953a" fill-opacity=".4" stroke="#111" stroke-width="1.5" stroke-dasharray="4 2"',
}
_LINES = (("first", "#1f4e9e"), ("second", "#a8460b"))


def _line(chart: Chart, series: Series, frame: _Frame, number_: int) -> Iterator[str]:
    """Draw a line that breaks where nothing is known, and its points; the second is dashed."""
    name, colour = _LINES[number_]
    dash = ' stroke-dasharray="6 4"' if number_ else ""
    line = dots = ""
    open_dots = []
    was_known = False
    for place, value in enumerate(series.values):
        if value is not None:
            at = f"{_n(frame.x(place + 0.5))} {_n(frame.y(value))}"
            line += ("L" if was_known else "M") + at
            if chart.slots[place].changing:
                open_dots.append(at.split())
            else:
                dots += f"M{at}h0"  # its round ends are a dot
        was_known = value is not None
    yield f'<path class="{name} line" d="{line}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
    width = 5 if frame.step > _NARROW else 2.5
    round_ = f'stroke="{colour}" stroke-width="{width}" stroke-linecap="round"'
    yield f'<path class="{name} line" d="{dots}" fill="none" {round_}/>'
    for x, y in open_dots:
        look = f'fill="#fff" stroke="{colour}" stroke-width="1.5" stroke-dasharray="2 1"'
        yield f'<circle class="{name} line ground" cx="{x}" cy="{y}" r="4" {look}/>'


def _ends(picture: Picture, series: Sequence[Series], frame: _Frame) -> Iterator[str]:
    """Write the label of each line at its end, apart from each other."""
    ends = []
    for n, each in enumerate(series):
        last = next((value for value in reversed(each.values) if value is not None), None)
        if last is not None:
            ends.append((frame.y(last) + 4, n))
    ends.sort()
    lowest = 0.0
    for y, n in ends:
        lowest = max(y, lowest + _LINE)
        name, colour = _LINES[n]
        yield _text(f"end {name}", frame.right + 5, lowest, list(picture.labels.values())[n], fill=colour)


def _before(series: Series, frame: _Frame, halo: float, *, dashed: bool = False) -> Iterator[str]:
    """Mark what was before: a short line in each slot, with a halo that sets it off from what is below it."""
    half = min(frame.step * 0.36, 9)
    path = "".join(
        f"M{_n(frame.x(place + 0.5) - half)} {_n(frame.y(value))}h{_n(half * 2)}"
        for place, value in enumerate(series.before)
        if value is not None
    )
    if path:
        dash = ' stroke-dasharray="3 2"' if dashed else ""
        yield f'<path class="halo" d="{path}" fill="none" stroke="#fff" stroke-width="{2 + 2 * halo:g}"/>'
        yield f'<path class="before" d="{path}" fill="none" stroke="#111" stroke-width="2"{dash}/>'


def _breaks(breaks: Sequence[Break], letters: Letters, frame: _Frame) -> Iterator[str]:
    """Draw a dotted line where the series becomes another, with its letter; those of one slot share it."""
    drawn: dict[int, str] = {}
    for each in breaks:
        drawn[each.place] = drawn.get(each.place, "") + letters.get((each.day, each.words), "")
    right = 0.0
    for place, sign in drawn.items():
        x = frame.x(place)
        path = f"M{_n(x)} {_n(frame.top - 6)}V{_n(frame.bottom)}"
        yield f'<path class="break" d="{path}" stroke="#444" stroke-width="1.5" stroke-dasharray="1.5 3"/>'
        start = max(x - len(sign) * _CHARACTER / 2, right)
        right = start + len(sign) * (_CHARACTER + 2)
        if right <= frame.right + _CHARACTER:
            yield _text("letter", start, frame.top - 9, sign)


def _dates(slots: Sequence[Slot], frame: _Frame) -> Iterator[str]:
    apart = max(int(_DATE / frame.step) + 1, 1)
    for place in dated(slots, apart):
        x = frame.x(place + 0.5)
        text = short_day(slots[place].first)
        half = len(text) * _CHARACTER / 2
        x = min(max(x, half), frame.right - half + 4)
        yield _text("date", x, frame.bottom + 16, text, anchor="middle")


def _values(picture: Picture, series: Sequence[Series], frame: _Frame, *, short: bool) -> Iterator[str]:
    """Write each slot's numbers, to be shown where the pointer is; in `short` without their labels."""
    write = percent if picture.percent else number
    yield '<g class="slots" fill="#111" fill-opacity="0" pointer-events="all">'
    for place, slot in enumerate(picture.chart.slots):
        words = f"{_days(slot)}: {_said(picture, series, place, write, short=short)}"
        box = _box(frame.x(place), 0, frame.step, frame.bottom)
        yield f'<g><path d="{box}"/><text x="{_n(frame.left)}" y="12">{escape(words)}</text></g>'
    yield "</g>"


def _days(slot: Slot) -> str:
    if slot.first == slot.last:
        return f"{_WEEKDAYS[slot.first.weekday()]} {short_day(slot.first)}"
    return f"{short_day(slot.first)} to {short_day(slot.last)}"


def _said(picture: Picture, series: Sequence[Series], place: int, write: Callable[..., str], *, short: bool) -> str:
    slot = picture.chart.slots[place]
    if slot.state != "known":
        return "no data" if slot.state == "missing" else "not available yet"
    values = [(each.values[place], each.before[place]) for each in series]
    if short:
        return " / ".join("?" if value is None else write(_whole(value)) for value, _ in values)
    words = []
    for label, (value, was) in zip(picture.labels.values(), values, strict=True):
        said = f"{label} {'not known' if value is None else write(_whole(value))}".strip()
        words.append(said if was is None else f"{said} (before {write(_whole(was))})")
    days = (slot.last - slot.first).days + 1
    least = min((each.known[place] for each in series if each.known), default=slot.days)
    parts = [f"{least} of {days} days"] if least != days else []
    return ", ".join([*words, *parts, *(["may still change"] if slot.changing else [])])


def _whole(value: float) -> float:
    return int(value) if value == int(value) and value > 1 else value


def _box(x: float, top: float, width: float, bottom: float) -> str:
    """Write a rectangle as a part of a path."""
    return f"M{_n(x)} {_n(top)}h{_n(width)}V{_n(bottom)}h{_n(-width)}z"


def _text(name: str, x: float, y: float, words: str, *, anchor: str = "", fill: str = "#333") -> str:  # noqa: PLR0913 - a text
    anchored = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text class="{name}" x="{_n(x)}" y="{_n(y)}"{anchored} fill="{fill}">{escape(words)}</text>'


def _n(value: float) -> str:
    """Write a coordinate: a tenth of a unit is finer than the eye."""
    return f"{value:.1f}".removesuffix(".0")
