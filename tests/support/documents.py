"""Documents read back by libraries that know nothing of how they were written."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import html5lib
import openpyxl
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from markdown_it.token import Token

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</style></svg></script><b>",
    "]]>",
    "<!--",
    "&lt;b&gt; &amp;",
    "a|b",
    "\\|",
    "`",
    "``a`b``",
    " `x` ",
    "**bold** _it_ ~~no~~",
    "[link](https://example.com)",
    "www.example.com",
    "a@example.com",
    "@acme/core #1 GH-1",
    "<!here> <!channel>",
    ":smile:",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "{{ 7*7 }} {% raw %}",
    "\u202egnp.exe",
    "\x1b[31mred\x07\x00",
    "\ud800",
    "日本語 é 😀",
    "a\nb\r\tc",
    "x" * 10_000,
    "",
    " ",
    "\"quoted\" 'single'",
    "%s %d {0}",
)

ESCAPES = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\n|\\r|\\t")


class Table(NamedTuple):
    """A table as it was read: its headers, and its rows of texts."""

    headers: list[str]
    rows: list[list[str]]

    def column(self, header: str) -> list[str]:
        return [row[self.headers.index(header)] for row in self.rows]


def hostile_days(names: Sequence[str | None] = HOSTILE, days: int = 3) -> list[dict[str, Any]]:
    """Make classic days with a row for each name, as language and as editor."""
    found = []
    for n in range(days):
        rows: list[dict[str, Any]] = [
            {
                "language": name,
                "editor": name,
                "suggestions_count": 1000 - place + n,
                "acceptances_count": max(100 - place, 0),
                "lines_suggested": 2000,
                "lines_accepted": 300,
                "active_users": 3,
            }
            for place, name in enumerate(names)
        ]
        totals = {
            f"total_{name}": sum(row[name] for row in rows)
            for name in ("suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted")
        }
        day = str(date(2026, 11, 9) + timedelta(days=n))
        chat = {"total_chat_acceptances": 1, "total_chat_turns": 12, "total_active_chat_users": 2}
        found.append({"day": day, **totals, "total_active_users": 7 + n, **chat, "breakdown": rows})
    return found


def markdown(text: str) -> tuple[list[Token], list[Table]]:
    """Parse Markdown as GitHub does, links that nobody marked up among it; return its tokens and its tables."""
    parser = MarkdownIt("gfm-like", {"html": True})
    tokens = parser.parse(text)
    tables: list[Table] = []
    row: list[str] = []
    for n, token in enumerate(tokens):
        if token.type == "table_open":
            tables.append(Table([], []))
        elif token.type == "tr_open":
            row = []
        elif token.type in {"th_open", "td_open"}:
            row.append(_plain(tokens[n + 1]))
        elif token.type == "tr_close":
            if tables[-1].headers:
                tables[-1].rows.append(row)
            else:
                tables[-1].headers.extend(row)
    return tokens, tables


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def inline_types(tokens: Sequence[Token]) -> set[str]:
    """Name the kinds of inline markup that there are."""
    return {child.type for token in tokens for child in token.children or ()}


class Page(NamedTuple):
    """An HTML page as it was read."""

    tree: Element
    tables: list[Table]

    def texts(self, name: str, css: str = "") -> list[str]:
        """Return the texts of all elements of a name, with a class."""
        return [
            "".join(each.itertext()).strip()
            for each in self.tree.iter(name)
            if not css or css in each.get("class", "").split()
        ]

    def names(self) -> set[str]:
        """Name all elements that there are."""
        return {each.tag for each in self.tree.iter()}


def page(text: str) -> Page:
    """Parse an HTML page strictly: any parse error is raised."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(text)
    tables = []
    for found in tree.iter("table"):
        headers = ["".join(each.itertext()) for each in found.find("thead").iter() if each.tag in {"th", "td"}]
        rows = [
            list(_cells(row)) for part in ("tbody", "tfoot") for each in found.findall(part) for row in each.iter("tr")
        ]
        tables.append(Table(headers, rows))
    return Page(tree, tables)


def _cells(row: Element) -> Iterator[str]:
    for each in row:
        yield "".join(each.itertext())
        yield from [""] * (int(each.get("colspan", "1")) - 1)


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    """Read the cells of each sheet of a workbook; days are dates."""
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: [
            [value.date() if isinstance(value, datetime) else value for value in row]
            for row in sheet.iter_rows(values_only=True)
        ]
        for sheet in book.worksheets
    }
