"""Each number of a report, read back from every format, is the number that JSON has."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from support.documents import Table, markdown, page, sheets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from support.program import Run

SCOPES: dict[str, tuple[str, ...]] = {
    "usage": ("org", "acme", "--demo"),
    "reports": ("org", "acme", "--demo", "--source", "reports"),
    "user-reports": ("org", "acme", "--demo", "--source", "user-reports", "--since", "3d"),
    "team": ("team", "acme/core", "--demo", "--since", "7d"),
    "filtered": ("org", "acme", "--demo", "--language", "go"),
}
# What people read above a column, in tables that are written for them, and its name for machines.
LABELS = {
    "active users": "total_active_users",
    "suggestions": "suggestions_count",
    "acceptances": "acceptances_count",
    "acceptance rate": "acceptance_rate",
    "lines suggested": "lines_suggested",
    "lines accepted": "lines_accepted",
    "lines rate": "lines_acceptance_rate",
    "lines acceptance rate": "lines_acceptance_rate",
    "chat users": "total_active_chat_users",
    "chat turns": "total_chat_turns",
    "chat acceptances": "total_chat_acceptances",
    "users at least": "active_users_at_least",
    "distinct users": "distinct_users",
}
SUMMARY = {
    "active_users_mean": "{} people a day used Copilot",
    "active_users_peak": "{} on the busiest day",
    "active_users_at_least": "at least {} people",
    "acceptance_rate": "accepted {} of ",
    "lines_acceptance_rate": "and {} of ",
    "active_chat_users_mean": "{} people a day used chat",
}
HEADLINE = {
    "active users a day": "active_users_mean",
    "active users at least": "active_users_at_least",
    "distinct users": "distinct_users",
    "suggestions": "suggestions_count",
    "acceptance rate": "acceptance_rate",
    "lines acceptance rate": "lines_acceptance_rate",
    "chat users a day": "active_chat_users_mean",
}


def value_of(row: dict[str, Any], name: str) -> Any:
    return row[name] if name in row else row.get(f"total_{name}")


def written(value: Any, name: str) -> str:
    """Write a number as people read it, by this test's own rule."""
    if value is None:
        return "-"
    if name.endswith("_rate"):
        return f"{value:.1%}"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def bare(cell: str) -> str:
    """Take what a cell says of how much is known, such as ` (27 d)`, off its number."""
    return re.sub(r" \(.*\)$", "", cell)


def check_table(table: Table, rows: Sequence[dict[str, Any]], key: str, at_most: int | None = None) -> int:
    """Compare a table for people with the rows of JSON; return how many numbers were compared."""
    compared = 0
    by_name = {str(row[key]): row for row in rows}
    shown = [row for row in table.rows if row[0].split(" ")[0] in by_name or row[0] in by_name]
    assert len(shown) == len(rows if at_most is None else rows[:at_most])
    for row in shown:
        expected = by_name.get(row[0]) or by_name[row[0].split(" ")[0]]
        for label, cell in zip(table.headers, row, strict=True):
            if label in LABELS:
                assert bare(cell) == written(value_of(expected, LABELS[label]), LABELS[label]), (row[0], label)
                compared += 1
    return compared


@pytest.fixture
def answers(call: Run) -> Any:
    def ask(scope: str, *by: str) -> list[dict[str, Any]]:
        done = call(*SCOPES[scope], "-q", "--json", *(["--by", ",".join(by)] if by else []))
        assert done.code == 0
        found: list[dict[str, Any]] = json.loads(done.out)
        if by == ("day",) and scope == "filtered":  # JSON has the rows of a day, which are to be added up
            return [row | sums(row["breakdown"]) for row in found]
        return found

    return ask


def sums(rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = ("suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted")
    added = {name: sum(row[name] for row in rows) for name in names}
    return {**added, "active_users_at_least": max(row["active_users"] for row in rows)}


def tables_of(call: Run, scope: str, form: str) -> list[Table]:
    done = call(*SCOPES[scope], "-f", form)
    assert done.code == 0
    return markdown(done.out)[1] if form == "markdown" else page(done.out).tables


@pytest.mark.parametrize("form", ["markdown", "html"])
@pytest.mark.parametrize("scope", ["usage", "reports", "filtered"])
def test_tables_for_people(scope: str, form: str, call: Run, answers: Any) -> None:
    tables = tables_of(call, scope, form)
    by_key = {table.headers[0]: table for table in tables if table.headers[0]}
    compared = check_table(by_key["day"], answers(scope, "day"), "day")
    compared += check_table(by_key["language"], answers(scope, "language"), "language", 10)
    if "editor" in by_key:
        compared += check_table(by_key["editor"], answers(scope, "editor"), "editor")
    assert compared > 100


@pytest.mark.parametrize("scope", ["usage", "reports", "filtered"])
def test_the_headline_of_markdown(scope: str, call: Run, answers: Any) -> None:
    (whole,) = answers(scope, "total")
    headline = tables_of(call, scope, "markdown")[0]
    assert {row[0] for row in headline.rows} <= set(HEADLINE)
    for label, cell, *_ in headline.rows:
        assert bare(cell) == written(value_of(whole, HEADLINE[label]), HEADLINE[label]), label
    assert len(headline.rows) >= 4


@pytest.mark.parametrize("scope", SCOPES)
def test_the_cards_and_charts_of_html(scope: str, call: Run, answers: Any) -> None:
    (whole,) = answers(scope, "total")
    found = page(call(*SCOPES[scope], "-f", "html").out)
    cards = dict(zip(found.texts("p", "label"), found.texts("p", "value"), strict=True))
    assert len(cards) >= 3
    for label, text in cards.items():
        value = value_of(whole, HEADLINE[label])
        assert bare(text) == ("not known" if value is None else written(value, HEADLINE[label]))
    days = {date.fromisoformat(row["day"]): row for row in answers(scope, "day")}
    said = dict(values_of_charts(found))
    for day, row in days.items():
        text = said[f"{day:%a} {day.day} {day:%b}"]
        for word, name in (("active users", "total_active_users"), ("by count", "acceptance_rate")):
            if row.get(name) is not None:
                assert f"{word} {written(row[name], name)}" in text
        suggestions = value_of(row, "suggestions_count")
        assert suggestions is None or f"suggestions {suggestions:,}" in text


def values_of_charts(found: Any) -> Iterator[tuple[str, str]]:
    """Join what the wide charts say of each day."""
    said: dict[str, list[str]] = {}
    for part in found.tree.iter("div"):
        if part.get("class") == "wide":
            for text in (each for each in part.iter() if str(each.tag).endswith("}text")):
                day, colon, words = (text.text or "").partition(": ")
                if colon:
                    said.setdefault(day, []).append(words)
    yield from ((day, "; ".join(words)) for day, words in said.items())


@pytest.mark.parametrize("scope", SCOPES)
def test_the_numbers_of_a_workbook(scope: str, call: Run, answers: Any, tmp_path: Path) -> None:
    target = tmp_path / "report.xlsx"
    assert call(*SCOPES[scope], "-o", str(target)).code == 0
    book = sheets(target)
    assert list(book)[:2] == ["Summary", "Days"]
    assert [name for name in book if name in {"Languages", "Editors", "Data", "Notes"}] == [
        "Languages", "Editors", "Data", "Notes",
    ]  # fmt: skip
    names = ("day", "language") if scope == "reports" else ("day", "language", "editor")
    check_sheet(book["Data"], answers(scope, *names))
    check_sheet(book["Languages"], answers(scope, "language"), labelled=True)
    if len(book["Editors"]) > 1:
        check_sheet(book["Editors"], answers(scope, "editor"), labelled=True)
    header, *rows = book["Days"]
    place = header.index("day")
    by_day = {row["day"]: row for row in answers(scope, "day")}
    state = header.index("state")
    with_data = [row for row in rows if row[state] not in {"no data", "not available yet"}]
    assert [str(row[place]) for row in with_data] == list(by_day)
    for row in rows:
        expected = by_day.get(str(row[place]), {})
        for label, value in zip(header, row, strict=True):
            if label in LABELS:
                assert same(value, value_of(expected, LABELS[label])), (row[place], label)
    (whole,) = answers(scope, "total")
    numbers = {row[0]: row[1] for row in book["Summary"][4:] if row[0] in HEADLINE}
    assert len(numbers) >= 4
    for label, value in numbers.items():
        assert same(value, value_of(whole, HEADLINE[label])), label


def check_sheet(found: list[list[Any]], expected: list[dict[str, Any]], *, labelled: bool = False) -> None:
    header, *rows = found
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        for label, value in zip(header, row, strict=True):
            name = LABELS.get(label, label) if labelled else label
            if name in wanted or f"total_{name}" in wanted:
                assert same(value, value_of(wanted, name)), (row, label)


def same(found: Any, expected: Any) -> bool:
    """Compare a cell with JSON's value: a workbook has 16 digits, and nothing for what is unknown."""
    if isinstance(found, date):
        return bool(str(found) == expected)
    if isinstance(expected, float):
        return bool(found == pytest.approx(expected, rel=1e-14))
    return bool((found if found != "" else None) == expected)


@pytest.mark.parametrize("scope", ["usage", "user-reports", "filtered"])
def test_the_numbers_of_a_summary(scope: str, call: Run, answers: Any) -> None:
    (whole,) = answers(scope, "total")
    text = call(*SCOPES[scope], "-f", "summary").out
    for name, words in SUMMARY.items():
        if whole.get(name) is not None:
            assert words.format(written(whole[name], name)) in text
    languages = answers(scope, "language")
    counted = sum(row["suggestions_count"] for row in languages)
    if len(languages) > 1:
        assert text.count(". ") == 2
        first = languages[0]
        assert f"{first['language']} ({first['suggestions_count'] / counted:.1%} of suggestions)" in text


@pytest.mark.parametrize("command", ["seats", "credits", "active", "adoption", "prs"])
def test_the_numbers_of_other_commands(command: str, call: Run, tmp_path: Path) -> None:
    """The data sheet has what JSON has; the tables for people have what the terminal's table has."""
    rows = json.loads(call(command, "org", "acme", "--demo", "-q", "--json").out)
    target = tmp_path / "report.xlsx"
    assert call(command, "org", "acme", "--demo", "-o", str(target)).code == 0
    header, *cells = sheets(target)["Data"]
    assert len(cells) == len(rows)
    for row, expected in zip(cells, rows, strict=True):
        for name, value in zip(header, row, strict=True):
            wanted = expected[name]
            number = float(wanted) if isinstance(wanted, int | float) else wanted
            assert same(float(value) if isinstance(value, int | float) else value, number), name
    shown = call(command, "org", "acme", "--demo", "--width", "1000").out
    parts = [part for line in shown.splitlines() for part in re.split(r"  +", line)]
    numbers = {part for part in parts if re.fullmatch(r"[\d,.]+%?", part)}
    assert len(numbers) > 3
    for read in (
        markdown(call(command, "org", "acme", "--demo", "-f", "markdown").out)[1],
        page(call(command, "org", "acme", "--demo", "-f", "html").out).tables,
    ):
        found = {cell for table in read for row in table.rows for cell in row}
        assert numbers - found == set()


COMPARED = (*SCOPES["usage"], "--since", "7d", "--compare", "previous")
CHANGED = {"active users, mean": "active_users_mean", "suggestions": "total_suggestions_count",
           "acceptance rate": "acceptance_rate", "chat turns": "total_chat_turns"}  # fmt: skip


def test_what_was_before_in_each_format(call: Run, tmp_path: Path) -> None:
    (whole,) = json.loads(call(*COMPARED, "--by", "total", "--json", "-q").out)
    languages = {row["language"]: row for row in json.loads(call(*COMPARED, "--by", "language", "--json", "-q").out)}
    target = tmp_path / "report.xlsx"
    assert call(*COMPARED, "-o", str(target)).code == 0
    for tables in (
        markdown(call(*COMPARED, "-f", "markdown").out)[1],
        page(call(*COMPARED, "-f", "html").out).tables,
    ):
        by_language = next(table for table in tables if table.headers[0] == "language")
        assert len(by_language.rows) == 11
        for row in by_language.rows[:10]:
            at = by_language.headers.index("suggestions")
            now, before = (languages[row[0]][f"{prefix}suggestions_count"] for prefix in ("", "previous_"))
            assert row[at : at + 3] == [f"{now:,}", f"{before:,}", changed(now / before - 1, "%")]
    headline = markdown(call(*COMPARED, "-f", "markdown").out)[1][0]
    rows = {row[0]: row[1:] for row in headline.rows}
    lines = {row[0]: row[1:] for row in sheets(target)["Summary"] if row[0]}
    for label, name in CHANGED.items():
        now, before = whole[name], whole[f"previous_{name}"]
        is_rate = name.endswith("_rate")
        moved = now - before if is_rate else now / before - 1
        assert rows[label] == [written(now, name), written(before, name), changed(moved, " pp" if is_rate else "%")]
        of_book = lines[label.replace("active users, mean", "active users a day")]
        assert [float(each) for each in of_book[:3]] == pytest.approx([now, before, moved], rel=1e-9)


def changed(part: float, unit: str) -> str:
    rounded = round(part * 100, 1)
    return f"= 0.0{unit}" if not rounded else f"{'▲' if rounded > 0 else '▼'} {abs(rounded):.1f}{unit}"


def test_several_scopes_in_each_format(call: Run) -> None:
    many = ("org", "acme", "globex", "--demo", "--since", "7d")
    wholes = {row["scope"]: row for row in json.loads(call(*many, "--by", "total", "--json", "-q").out)}
    for tables in (
        markdown(call(*many, "-f", "markdown").out)[1],
        page(call(*many, "-f", "html").out).tables,
    ):
        (table,) = tables
        for row in table.rows:
            whole = wholes[row[0]]
            cells = dict(zip(table.headers, row, strict=True))
            assert cells["active users mean a day"] == f"{whole['active_users_mean']:,.1f}"
            assert cells["suggestions"] == f"{whole['total_suggestions_count']:,}"
            assert cells["acceptance rate"] == f"{whole['acceptance_rate']:.1%}"
        assert len(table.rows) == 2
