"""Every format stays what it is, whatever the data say."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from support.documents import HOSTILE, hostile_days, inline_types, markdown, page, sheets

from copilot_usage_cli.text import shorten, visible

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.program import Run


FORMS = ("markdown", "html", "summary", "xlsx")
UNKNOWN = {"breakdown": None} | {
    f"total_{name}": None
    for name in (
        *("suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted", "active_users"),
        *("chat_acceptances", "active_chat_users"),
    )
}
INPUTS: dict[str, list[dict[str, Any]]] = {
    "hostile": hostile_days(),
    "nameless": hostile_days([None], 2),
    "many": hostile_days([f"language {n}" for n in range(200)]),
    "one-day": hostile_days(["go"], 1),
    "nothing": [],
    "unknown": [{"day": f"2026-11-{n:02}", **UNKNOWN, "total_chat_turns": 0} for n in range(9, 12)],
    "huge": [day | {"total_suggestions_count": 10**15, "total_active_users": 10**15} for day in hostile_days(["go"])],
    "zero": [
        day | {"total_suggestions_count": 0, "total_acceptances_count": 0, "total_active_users": 0, "breakdown": []}
        for day in hostile_days(["go"])
    ],
}
LOOKS = {
    "default": (),
    "by language": ("--by", "language"),
    "by day and both": ("--by", "day,language,editor"),
    "filtered": ("--language", "go"),
    "compared": ("--compare", "2026-11-01..2026-11-03"),
    "compared by": ("--compare", "2026-11-10", "--by", "week,language"),
}

every = pytest.mark.parametrize(
    ("name", "look"),
    [
        pytest.param(name, look, marks=() if name == "hostile" or look == "default" else pytest.mark.slow)
        for name in INPUTS
        for look in LOOKS
    ],
)


@pytest.fixture
def write(call: Run, tmp_path: Path) -> Callable[..., Path]:
    """Write a document of days to a file, and return its path."""

    def write(days: list[dict[str, Any]], form: str, *options: str) -> Path:
        saved = tmp_path / "saved.json"
        saved.write_text(json.dumps(days))
        target = tmp_path / f"report.{form}"
        done = call("org", "acme", "--input", str(saved), "-f", form, "-o", str(target), *options)
        if not days and "--compare" in options:
            pytest.skip("there is no period to compare")
        assert (done.code, done.out) == (0, ""), done.err
        return target

    return write


@every
def test_markdown(name: str, look: str, write: Callable[..., Path]) -> None:
    text = write(INPUTS[name], "markdown", *LOOKS[look]).read_text("utf-8")
    assert len(text.encode()) <= 60_000
    tokens, tables = markdown(text)
    assert inline_types(tokens) <= {"text", "code_inline", "html_inline"}
    assert {child.content for token in tokens for child in token.children or () if child.type == "html_inline"} <= {
        *("<sub>", "</sub>"),
    }
    blocks = {token.content.strip() for token in tokens if token.type == "html_block"}
    assert blocks <= {"<details><summary>By day</summary>", "</details>"}
    assert all(len(row) == len(table.headers) for table in tables for row in table.rows)
    assert all(fence.info == "mermaid" for fence in tokens if fence.type == "fence")
    assert all(character == "\n" or character.isprintable() for character in text)


@every
def test_html(name: str, look: str, write: Callable[..., Path]) -> None:
    text = write(INPUTS[name], "html", *LOOKS[look]).read_text("utf-8")
    found = page(text)
    assert not found.names() & {"script", "img", "b", "iframe", "link", "a", "base", "form", "object"}
    for each in found.tree.iter():
        assert "style" not in each.attrib
        assert not any(attribute.startswith("on") for attribute in each.attrib)
        assert not any("url(" in value and value != "url(#hatch)" for value in each.attrib.values())
    assert all(len(row) == len(table.headers) for table in found.tables for row in table.rows)
    assert all(character == "\n" or character.isprintable() for character in text)
    assert "49" not in found.texts("title")[0]


@every
def test_workbook(name: str, look: str, write: Callable[..., Path]) -> None:
    path = write(INPUTS[name], "xlsx", *LOOKS[look])
    book = openpyxl.load_workbook(path)
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type in {"f", "e"}]
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    with zipfile.ZipFile(path) as inside:
        for part in inside.namelist():
            if part.endswith(".xml"):
                ET.fromstring(inside.read(part))


@every
def test_summary(name: str, look: str, call: Run, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(json.dumps(INPUTS[name]))
    done = call("org", "acme", "--input", str(saved), "-f", "summary", *LOOKS[look])
    if "--by" in LOOKS[look] or (not INPUTS[name] and "--compare" in LOOKS[look]):
        assert done.code == 2
        return
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(".\n")
    assert done.out.count("\n") == 1
    assert all(character == "\n" or character.isprintable() for character in done.out)


def shown(name: str) -> str:
    return shorten(visible(name))


def test_each_name_comes_back_from_each_format(write: Callable[..., Path]) -> None:
    """Names are as they came, but for what no format may have: controls, direction marks and lone surrogates."""
    names = {shown(name) for name in HOSTILE}
    _, tables = markdown(write(INPUTS["hostile"], "markdown", "--by", "language").read_text("utf-8"))
    # Markdown has no code span of nothing, and none that is a blank at both ends alone.
    assert {*tables[0].column("language")} == names - {""} | {""}
    found = page(write(INPUTS["hostile"], "html", "--by", "language").read_text("utf-8"))
    assert {*found.tables[0].column("language")} == names
    rows = sheets(write(INPUTS["hostile"], "xlsx", "--by", "language"))["Rows"]
    place = rows[0].index("language")
    assert {row[place] or "" for row in rows[1:]} == {visible(name) for name in HOSTILE}


def test_200_languages_are_ten_and_the_others_with_their_sums(write: Callable[..., Path]) -> None:
    days = INPUTS["many"]
    total = sum(day["total_suggestions_count"] for day in days)
    for tables in (
        markdown(write(days, "markdown").read_text("utf-8"))[1],
        page(write(days, "html").read_text("utf-8")).tables,
    ):
        table = next(each for each in tables if each.headers[0] == "language")
        assert len(table.rows) == 11
        assert table.rows[-1][0] == "(190 more)"
        assert sum(int(each.replace(",", "")) for each in table.column("suggestions")) == total
    assert len(sheets(write(days, "xlsx"))["Languages"]) == 201
    wide = markdown(write(days, "markdown", "--top", "150").read_text("utf-8"))[1]
    assert len(next(each for each in wide if each.headers[0] == "language").rows) == 151


def test_markdown_that_is_too_long_leaves_out_the_daily_table_first_and_says_so(write: Callable[..., Path]) -> None:
    days = hostile_days([f"{n} {'long name ' * 5}" for n in range(700)])
    text = write(days, "markdown", "--top", "600").read_text("utf-8")
    assert 30_000 < len(text.encode()) <= 60_000
    assert "<details>" not in text
    assert "left out to stay under 60 KB: the daily table" in text
    folded = next(table for table in markdown(text)[1] if table.headers[0] == "language")
    total = sum(day["total_suggestions_count"] for day in days)
    assert sum(int(each.replace(",", "")) for each in folded.column("suggestions")) == total

    by_day = write(days, "markdown", "--by", "day,language").read_text("utf-8")
    assert len(by_day.encode()) <= 60_000
    rows = markdown(by_day)[1][0].rows
    assert rows[-1][1].endswith(" more rows")
    assert len(rows) - 1 + int(rows[-1][1].split()[0].replace(",", "")) == 2100
