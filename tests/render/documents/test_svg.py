"""Charts as SVG: values in, places out."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import copilot_usage_cli.render.documents
from copilot_usage_cli.render.documents import svg
from copilot_usage_cli.render.documents.document import Picture
from copilot_usage_cli.report.chart import Break, Chart, Series, Slot

MONDAY = date(2026, 11, 9)
CSS = (Path(copilot_usage_cli.render.documents.__file__).parent / "page.css").read_text("utf-8")


def slot(n: int, state: str = "known", *, changing: bool = False) -> Slot:
    day = MONDAY + timedelta(days=n)
    return Slot(day, day, int(state == "known"), state, changing)  # type: ignore[arg-type]


def picture(values: list[float | None], before: list[float | None] | None = None, kind: str = "bars") -> Picture:
    states = ["missing" if value is None else "known" for value in values]
    slots = tuple(slot(n, state) for n, state in enumerate(states))
    series = {"users": Series("users", tuple(values), tuple(before or [None] * len(values)))}
    chart = Chart(1, slots, series)
    return Picture("Users", kind, chart, chart, {"users": "users"})  # type: ignore[arg-type]


def parsed(drawn: str) -> ET.Element:
    return ET.fromstring(drawn)


def path_of(drawn: str, name: str) -> str:
    found = [each.get("d", "") for each in parsed(drawn).iter("path") if each.get("class") == name]
    return found[0] if found else ""


def boxes(path: str) -> list[tuple[float, float, float, float]]:
    """Return the left, top, width and bottom of each rectangle of a path."""
    found = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)V([\d.]+)h-[\d.]+z", path)
    return [(float(x), float(top), float(width), float(bottom)) for x, top, width, bottom in found]


def test_a_bar_is_as_high_as_its_value_and_what_is_unknown_has_none() -> None:
    drawn = svg.draw(picture([50, None, 100, 0]), svg.WIDE, "users", {})
    bars = boxes(path_of(drawn, "bar"))
    assert len(bars) == 3
    heights = [bottom - top for _, top, _, bottom in bars]
    assert heights[0] == pytest.approx(heights[1] / 2, abs=0.1)
    assert heights[2] == 0
    (gap,) = boxes(path_of(drawn, "gap"))
    assert bars[0][0] + bars[0][2] < gap[0] < gap[0] + gap[2] < bars[1][0]
    assert [each.text for each in parsed(drawn).iter("text") if each.get("class") == "sign"] == ["\u2013"]


def test_a_line_breaks_where_a_value_is_unknown() -> None:
    drawn = svg.draw(picture([1, 2, None, 3, None, 4], kind="lines"), svg.WIDE, "users", {})
    line = path_of(drawn, "first line")
    assert re.sub(r"[\d. ]", "", line) == "MLMM"


def test_gaps_in_a_row_are_one_and_each_kind_has_its_sign() -> None:
    chart = picture([1, None, None, None, None, 1])
    slots = (slot(0), slot(1, "missing"), slot(2, "missing"), slot(3), slot(4, "pending"), slot(5))
    drawn = svg.draw(chart._replace(chart=chart.chart._replace(slots=slots)), svg.WIDE, "users", {})
    signs = [each.text for each in parsed(drawn).iter("text") if each.get("class") == "sign"]
    assert signs == ["\u2013", "?", "\u2026"]
    gaps = [boxes(each.get("d", ""))[0] for each in parsed(drawn).iter("path") if each.get("class") == "gap"]
    assert [round(width / gaps[1][2]) for _, _, width, _ in gaps] == [2, 1, 1]


def test_what_was_before_is_marked_in_its_own_slot_at_its_own_height() -> None:
    drawn = svg.draw(picture([100, 50], [None, 100]), svg.WIDE, "users", {})
    full, _ = boxes(path_of(drawn, "bar"))
    (mark,) = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)", path_of(drawn, "before"))
    assert float(mark[1]) == pytest.approx(full[1], abs=0.1)
    assert float(mark[0]) > full[0] + full[2]
    assert path_of(drawn, "halo") == path_of(drawn, "before")


def test_days_that_may_change_weekends_and_breaks_are_told_apart() -> None:
    slots = tuple(slot(n, changing=n == 6) for n in range(7))
    series = {"users": Series("users", (5, 6, 7, 8, 9, 2, 1), (None,) * 7)}
    chart = Chart(1, slots, series, (Break(2, slots[2].first, "x"), Break(2, slots[2].first, "y")))
    letters = {(slots[2].first, "x"): "C", (slots[2].first, "y"): "D"}
    drawn = svg.draw(Picture("Users", "bars", chart, chart, {"users": "users"}), svg.NARROW, "users", letters)
    assert len(boxes(path_of(drawn, "bar"))) == 6
    assert len(boxes(path_of(drawn, "bar changing"))) == 1
    assert len(boxes(path_of(drawn, "weekend"))) == 2
    assert [each.text for each in parsed(drawn).iter("text") if each.get("class") == "letter"] == ["CD"]
    said = [text.text for group in parsed(drawn).iter("g") for text in group.findall("text")]
    assert said[-1] == "Sun 15 Nov: 1"
    wide = svg.draw(Picture("Users", "bars", chart, chart, {"users": "users"}), svg.WIDE, "users", {})
    assert "Sun 15 Nov: users 1, may still change" in wide


@pytest.mark.parametrize("size", [svg.WIDE, svg.NARROW, svg.SMALL])
@pytest.mark.parametrize("kind", ["bars", "lines"])
@pytest.mark.parametrize("most", [1, 7, 1234, 10**15, 0.004])
def test_nothing_is_drawn_outside(size: svg.Size, kind: str, most: float) -> None:
    drawn = svg.draw(picture([most, None, most / 3] * 20, [most * 1.2] * 60, kind), size, '<users> & "more"', {})
    root = parsed(drawn)
    assert root.get("aria-label") == '<users> & "more"'
    for path in root.iter("path"):
        xs = [float(x) for x in re.findall(r"[ML](-?[\d.]+)", path.get("d", ""))]
        ys = [float(y) for y in re.findall(r"[ML]-?[\d.]+ (-?[\d.]+)", path.get("d", ""))]
        assert all(0 <= x <= size.width for x in xs)
        assert all(0 <= y <= size.height for y in ys)
    for text in (each for each in root.iter("text") if each.get("class") == "tick"):
        assert float(text.get("x", "0")) - len(text.text or "") * 6.2 >= 0


def test_a_share_is_a_part_of_a_hundred() -> None:
    lengths = {part: re.findall(r"h([\d.]+)v10", svg.bar(part))[0] for part in (0, 0.001, 0.5, 1)}
    assert lengths == {0: "0", 0.001: "0.5", 0.5: "50", 1: "100"}
    assert "h0v10" in svg.bar(None)


# Colours


def luminance(colour: str) -> float:
    digits = "".join(each * 2 for each in colour) if len(colour) == 3 else colour
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def themes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    light, dark, paper = (dict(re.findall(r"--([\w-]+): #([0-9a-f]+)", block)) for block in blocks)
    return {"light": light, "dark": dark, "paper": paper}


def mixed(over: str, under: str, opacity: float) -> str:
    """Lay a colour over another, as far as it covers it."""
    pairs = [(int(over[n : n + 2], 16), int(under[n : n + 2], 16)) for n in (0, 2, 4)]
    return "".join(f"{round(a * opacity + b * (1 - opacity)):02x}" for a, b in pairs)


def whole(colour: str) -> str:
    return "".join(each * 2 for each in colour) if len(colour) == 3 else colour


MARKS = {
    "bar": ("ground", "weekend", "card"),
    "first": ("ground", "weekend"),
    "second": ("ground", "weekend"),
    "inner": ("bar",),
    "mark": ("ground", "weekend"),
    "hatching": ("ground", "weekend"),
}
TEXTS = {
    "ink": ("ground", "card", "weekend"),
    "soft": ("ground", "card", "weekend"),
    "up": ("ground", "card"),
    "down": ("ground", "card"),
    "first": ("ground",),
    "second": ("ground",),
}


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_every_mark_stands_out_and_every_text_can_be_read(theme: str) -> None:
    colours = themes()[theme]
    assert len(colours) >= 13
    for least, pairs in ((3, MARKS), (4.5, TEXTS)):
        for name, grounds in pairs.items():
            for ground in grounds:
                found = contrast(colours[name], colours[ground])
                assert found >= least, f"{theme}: {name} on {ground} is {found:.2f}:1"


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_what_may_change_stands_out_from_its_own_ground(theme: str) -> None:
    colours = {name: whole(colour) for name, colour in themes()[theme].items()}
    for ground in ("ground", "weekend"):
        bar = mixed(colours["bar"], colours[ground], 0.12)
        assert contrast(colours["bar"], bar) >= 3
        inner = mixed(colours["inner"], bar, 0.4)
        assert contrast(colours["ink"], inner) >= 3


def test_where_styles_are_blocked_the_marks_have_the_colours_of_the_light_theme() -> None:
    light = themes()["light"]
    values: list[float | None] = [10, 4]
    nested = picture(values)
    series = {**nested.chart.series, "in": Series("in", (3, 2), (None, None))}
    chart = nested.chart._replace(series=series)
    drawn = svg.draw(Picture("", "nested", chart, chart, {"users": "users", "in": "in"}), svg.WIDE, "", {})
    fills = {each.get("class"): each.get("fill") for each in parsed(drawn).iter("path")}
    assert fills["bar"] == f"#{light['bar']}"
    assert fills["inner"] == f"#{light['inner']}"
