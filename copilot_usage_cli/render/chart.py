"""One column of a report over its period, in blocks or ASCII, with an axis, and the period before as a second line."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from copilot_usage_cli.render.axis import dated, short_day, ticks, writer
from copilot_usage_cli.render.lines import Line, Span, line
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.render.sections import Page
from copilot_usage_cli.render.title import days_of, title_of
from copilot_usage_cli.render.trend import BLOCKS
from copilot_usage_cli.report.build import Report
from copilot_usage_cli.report.change import is_rate
from copilot_usage_cli.report.chart import Chart, Series, Slot, chart_of
from copilot_usage_cli.report.comparison import Comparison
from copilot_usage_cli.text import plural

_WIDTH = 80  # columns of a pipe
_HEIGHT = 10  # lines above the axis, at most
_STEPS = 4
_WIDEST = 6  # columns a slot
_EIGHTHS = 8
_PARTED = 3  # columns a slot, from which on a blank parts bars
_DATE = len("26 Nov ")
_IN_EIGHTHS = "█"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MISSING, _PENDING, _UNKNOWN = "-", "~", "?"


class _Marks(NamedTuple):
    """What a chart is drawn with."""

    full: str
    changing: str
    before: str
    upright: str
    corner: str
    workday: str
    weekend: str
    broken: str


_IN_BLOCKS = _Marks("█", "▒", "•", "│", "└", "─", "═", "┊")
_IN_ASCII = _Marks("#", ":", "o", "|", "+", "-", "=", "!")


def draw_chart(shown: Report | Comparison, screen: Screen) -> list[Line]:
    """Draw the chart that a report asks for; where there is nothing to draw, why."""
    page = Page(screen)
    report = shown if isinstance(shown, Report) else shown.current
    before = f"before: {days_of(shown.previous)}" if isinstance(shown, Comparison) else ""
    page.title(title_of(report, before))
    page.lines.append(line())
    name = report.query.chart
    width = _WIDTH if screen.width is None else screen.width
    chart, scale = _fitted(shown, name, width)
    series = chart.series.get(name)
    if series is None or not series.is_known:
        why = [*([] if report.is_empty else [f"{name} is not known on any day"]), *shown.notes]
        page.reasons(why)
        return page.lines
    marks = _IN_BLOCKS if screen.blocks else _IN_ASCII
    mean = "" if is_rate(name) or chart.size == 1 else ", the mean a day"
    page.text(f"{name} by {chart.unit}{mean}", "heading")
    page.add(_drawn(chart, series, scale, width, marks))
    if key := _key(shown, chart, series, marks):
        page.text(key, "dim")
    if chart.breaks:  # what changed is in the notes
        by_place: dict[int, list[str]] = {}
        for each in chart.breaks:
            by_place.setdefault(each.place, []).append(str(each.day))
        breaks = ", ".join(
            f"{letter} {' and '.join(days)}" for letter, days in zip(_LETTERS, by_place.values(), strict=False)
        )
        page.text(f"{marks.broken} the series changes: {breaks}", "dim", "  ")
    page.notes(shown.notes)
    return page.lines


class _Scale(NamedTuple):
    """The numbers beside a chart: those of some lines, counted from the axis, the largest, and how many lines."""

    labels: dict[int, str]
    top: float
    height: int

    @property
    def width(self) -> int:
        return max(map(len, self.labels.values()))


def _fitted(shown: Report | Comparison, name: str, width: int) -> tuple[Chart, _Scale]:
    """Compute a chart with as many slots as have room beside the scale, which they change."""
    room = width - 2
    while True:
        chart = chart_of(shown, [name], max(room, 1))
        scale = _scale(chart.series.get(name, Series(name, (), ())))
        if len(chart.slots) + scale.width + 2 <= width or room <= 1:
            return chart, scale
        room = min(room - 1, width - 2 - scale.width)


def _scale(series: Series) -> _Scale:
    is_count = not is_rate(series.name) and all(value is None or value == int(value) for value in series.values)
    found = ticks([*series.values, *series.before], _STEPS, whole=is_count)
    write = writer(found, percent=is_rate(series.name))
    lines = max(_HEIGHT // (len(found) - 1), 1)
    labels = {n * lines: write(each) for n, each in enumerate(found)}
    return _Scale(labels, found[-1], lines * (len(found) - 1))


def _drawn(chart: Chart, series: Series, scale: _Scale, width: int, marks: _Marks) -> Iterator[Line]:
    count = len(chart.slots)
    stretch = max(min((width - scale.width - 2) // count, _WIDEST), 1)
    plot = [[Span(" ")] * (count * stretch) for _ in range(scale.height)]
    broken = {each.place for each in chart.breaks}
    for place in range(count):
        start = place * stretch
        if place in broken:
            for row in plot:
                row[start] = Span(marks.broken, "dim")
        one = _Slot(chart.slots[place], series.values[place], series.before[place])
        _draw_slot(plot, (start, stretch), one, scale, marks)
    for height in range(scale.height, 0, -1):
        yield _line(scale.labels.get(height, ""), scale, marks.upright, plot[height - 1])
    below = "".join((marks.weekend if slot.is_weekend else marks.workday) * stretch for slot in chart.slots)
    yield _line(scale.labels[0], scale, marks.corner, [Span(below, "dim")])
    if broken:
        letters = dict(zip(dict.fromkeys(each.place for each in chart.breaks), _LETTERS, strict=False))
        written = "".join(letters.get(n, "").ljust(stretch) for n in range(count))
        yield _line("", scale, " ", [Span(written, "dim")])
    yield _line("", scale, " ", [Span(_dates(chart, stretch), "dim")])


class _Slot(NamedTuple):
    """What is drawn of a slot."""

    slot: Slot
    value: float | None
    before: float | None


def _draw_slot(plot: list[list[Span]], at: tuple[int, int], one: _Slot, scale: _Scale, marks: _Marks) -> None:
    """Draw a slot's bar, why there is none, and what was before; `at` its first column and how many it has."""
    start, stretch = at
    wide = stretch - 1 if stretch >= _PARTED else stretch
    for row, sign in enumerate(_bar(one, scale, marks)):
        if sign:
            plot[row][start : start + wide] = [Span(sign)] * wide
    middle = start + (wide - 1) // 2
    if one.value is None:
        sign = {"known": _UNKNOWN, "missing": _MISSING, "pending": _PENDING}[one.slot.state]
        plot[0][middle] = Span(sign, "dim")
    if one.before is not None:
        height = min(int(one.before / scale.top * scale.height), scale.height - 1)
        plot[height][middle] = Span(marks.before, "note")


def _bar(one: _Slot, scale: _Scale, marks: _Marks) -> list[str]:
    """Draw a bar from the axis up, its end in eighths of a line; one that may change, or in ASCII, in whole lines."""
    if not one.value:
        return []
    full = marks.changing if one.slot.changing else marks.full
    exact = one.value / scale.top * scale.height
    if full not in _IN_EIGHTHS:
        return [full] * max(round(exact), 1)
    whole, eighths = divmod(max(round(exact * _EIGHTHS), 1), _EIGHTHS)
    return [full] * whole + [BLOCKS[eighths - 1]] * bool(eighths)


def _line(label: str, scale: _Scale, axis: str, spans: Sequence[Span]) -> Line:
    """Put a label and the axis before a line; neighbours of one style are one span."""
    joined = [Span(f"{label:>{scale.width}} {axis}", "dim")]
    for style, same in groupby(spans, lambda span: span.style):
        joined.append(Span("".join(span.text for span in same), style))
    joined[-1] = joined[-1]._replace(text=joined[-1].text.rstrip())
    return tuple(joined)


def _dates(chart: Chart, stretch: int) -> str:
    """Write the dates below their slots, as many as have room."""
    words = {n: short_day(chart.slots[n].first) for n in dated(chart.slots, -(-_DATE // stretch))}
    written = ""
    for place, text in words.items():
        has_room = place * stretch + len(text) <= max(len(chart.slots) * stretch, len(text))
        if has_room and place * stretch >= len(written) + bool(written):
            written = written.ljust(place * stretch) + text
    return written


def _key(shown: Report | Comparison, chart: Chart, series: Series, marks: _Marks) -> str:
    """Say what the marks mean that are there."""
    values = list(zip(chart.slots, series.values, strict=True))
    found = {
        f"{marks.before} {_words_before(shown)}": series.has_before,
        f"{marks.weekend} weekend": any(slot.is_weekend for slot in chart.slots),
        f"{marks.changing} may still change": any(slot.changing for slot in chart.slots),
        f"{_MISSING} no data": any(slot.state == "missing" for slot in chart.slots),
        f"{_PENDING} not available yet": any(slot.state == "pending" for slot in chart.slots),
        f"{_UNKNOWN} not known": any(slot.state == "known" and value is None for slot, value in values),
    }
    return ", ".join(words for words, is_there in found.items() if is_there)


def _words_before(shown: Report | Comparison) -> str:
    if isinstance(shown, Comparison):
        return days_of(shown.previous).partition(",")[0]
    return "the day before" if shown.days == 1 else f"the {plural(shown.days, 'day')} before"
