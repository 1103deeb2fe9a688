import json
from datetime import date
from typing import Any

import pytest

from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Filter, Query
from copilot_usage_cli.model.records import COUNTS, BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render import render
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.build import Report, build

TODAY = date(2026, 11, 16)
ORG = Scope("org", "acme")
ASKED = Query(ORG, Period(), TODAY, answerer="files")
CELLS = (BreakdownRow("go", "vim", 8, 2, 3, 1, 4), BreakdownRow("go", "vim", 1), BreakdownRow(None, "", None, 7))
DAY = DailyRecord(ORG, "usage", date(2026, 11, 2), 3, 1, 7, None, 4, 0, 12, None, CELLS)


def report(*records: DailyRecord, **asked: Any) -> Report:
    return build(ASKED._replace(**asked), FetchResult(records))


def test_by_day_is_githubs_shape_whole() -> None:
    assert render(report(DAY), "json", Screen()) == (
        """[
  {
    "scope": "org:acme",
    "source": "usage",
    "day": "2026-11-02",
    "total_suggestions_count": 3,
    "total_acceptances_count": 1,
    "total_lines_suggested": 7,
    "total_lines_accepted": null,
    "total_active_users": 4,
    "total_chat_acceptances": 0,
    "total_chat_turns": 12,
    "total_active_chat_users": null,
    "breakdown": [
      {"language": "go", "editor": "vim",\
 "suggestions_count": 8, "acceptances_count": 2, "lines_suggested": 3, "lines_accepted": 1, "active_users": 4},
      {"language": "go", "editor": "vim",\
 "suggestions_count": 1, "acceptances_count": null, "lines_suggested": null, \
"lines_accepted": null, "active_users": null},
      {"language": null, "editor": "",\
 "suggestions_count": null, "acceptances_count": 7, "lines_suggested": null, \
"lines_accepted": null, "active_users": null}
    ],
    "acceptance_rate": 0.3333333333333333,
    "lines_acceptance_rate": null
  }
]
"""
    )


def test_by_day_said_or_not_is_the_same() -> None:
    assert render(report(DAY, by=("day",)), "json", Screen()) == render(report(DAY), "json", Screen())


@pytest.mark.parametrize("breakdown", [None, ()])
def test_an_unknown_breakdown_is_null_and_an_empty_one_is_empty(breakdown: tuple[()] | None) -> None:
    (day,) = json.loads(render(report(DAY._replace(breakdown=breakdown)), "json", Screen()))
    assert day["breakdown"] == (None if breakdown is None else [])


def test_a_filtered_day_has_its_rows_and_no_totals() -> None:
    (day,) = json.loads(render(report(DAY, filter=Filter(("GO",))), "json", Screen()))
    assert list(day) == ["scope", "source", "day", "breakdown", "acceptance_rate", "lines_acceptance_rate"]
    assert [row["suggestions_count"] for row in day["breakdown"]] == [8, 1]


@pytest.mark.parametrize(
    ("by", "top"),
    [
        (("week",), None),
        (("total",), None),
        (("day", "language", "editor"), None),
        (("editor",), 1),
        (("language", "month"), 2),
    ],
)
def test_by_anything_else_is_flat_objects_whose_keys_are_the_columns(by: tuple[str, ...], top: int | None) -> None:
    found = report(DAY, DAY._replace(day=date(2026, 11, 9)), by=by, top=top)
    rows = json.loads(render(found, "json", Screen()))
    assert rows == [{name: row[name] for name in found.table.columns} for row in found.table.rows]
    assert {tuple(row) for row in rows} == {found.table.columns}


def test_filtered_weeks_are_flat() -> None:
    found = report(DAY, by=("week",), filter=Filter((), ("VIM",)))
    assert json.loads(render(found, "json", Screen())) == [
        {
            "scope": "org:acme",
            "source": "usage",
            "week": "2026-W45",
            "suggestions_count": 9,
            "acceptances_count": 2,
            "lines_suggested": 3,
            "lines_accepted": 1,
            "active_users_at_least": 4,
            "acceptance_rate": 0.25,
            "lines_acceptance_rate": 1 / 3,
            **{f"{name}_days": int(name == "suggestions_count") for name in COUNTS},  # a row leaves the others open
        }
    ]


def test_ndjson_is_the_same_one_object_a_line() -> None:
    for by in (None, ("week", "language")):
        found = report(DAY, DAY._replace(day=date(2026, 11, 9)), by=by)
        lines = render(found, "ndjson", Screen()).splitlines()
        assert [json.loads(line) for line in lines] == json.loads(render(found, "json", Screen()))


def test_nothing_is_an_empty_array_and_no_line() -> None:
    for by in (None, ("total",), ("language",)):
        assert render(report(by=by), "json", Screen()) == "[]\n"
        assert render(report(by=by), "ndjson", Screen()) == ""


def test_full_precision_and_no_nan() -> None:
    found = report(DAY._replace(total_suggestions_count=2**53, total_acceptances_count=1), by=("total",))
    (row,) = json.loads(render(found, "json", Screen()), parse_constant=pytest.fail)
    assert row["total_suggestions_count"] == 2**53
    assert row["acceptance_rate"] == 2**-53
    assert row["lines_acceptance_rate"] is None


def test_the_text_is_ascii_without_control_characters() -> None:
    names = [chr(code) for code in range(0x20)] + ["\x7f", "\x9b31m", "\ud800", "日本", "\u202e"]
    cells = tuple(BreakdownRow(name, "vim", 1) for name in names)
    for by in (None, ("language",)):
        for form in ("json", "ndjson"):
            text = render(report(DAY._replace(breakdown=cells), by=by), form, Screen())
            assert text.isascii()
            assert text.replace("\n", "").isprintable()
    rows = json.loads(render(report(DAY._replace(breakdown=cells), by=("language",)), "json", Screen()))
    assert {row["language"] for row in rows} == set(names)
