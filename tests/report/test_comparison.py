"""Comparing two periods: the real program on saved files, and properties of the join.

Expected reports are files in tests/expected; UPDATE_EXPECTED=1 writes them.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.expected import check
from support.strategies import built

from copilot_usage_cli.model.dates import FORMS, NARROWED
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period, days_between
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render.headline import change_cell
from copilot_usage_cli.report.build import Report, build
from copilot_usage_cli.report.change import change
from copilot_usage_cli.report.comparison import PREFIX, Comparison

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.github import GitHub
    from support.program import Run, RunInTerminal

SGR = re.compile(r"\x1b\[[0-9;]*m")
TODAY = date(2026, 11, 20)
PERIODS = ("--since", "2024-06-10", "--until", "2024-06-16", "--compare", "previous")


def layout(shown: str) -> str:
    return re.sub(r" +$", "", SGR.sub("", shown), flags=re.MULTILINE)


def cell(language: str | None, editor: str | None, suggestions: int | None, acceptances: int | None) -> dict[str, Any]:
    return {
        "language": language,
        "editor": editor,
        "suggestions_count": suggestions,
        "acceptances_count": acceptances,
        "lines_suggested": None if suggestions is None else suggestions * 2,
        "lines_accepted": acceptances,
        "active_users": 3,
    }


@pytest.fixture
def two_weeks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: Callable[..., dict[str, Any]]) -> list[Any]:
    """Save two weeks: the second has a new language, the first one that vanished and a day missing."""
    monkeypatch.chdir(tmp_path)
    days: list[Any] = []
    for n, day in enumerate(days_between(date(2024, 6, 3), date(2024, 6, 16))):
        if n == 2:
            continue
        second = n >= 7
        python = cell("python", "vscode", 100 + 10 * n, 30 + n)
        other = cell("[red]", "JetBrains", 40, 10) if second else cell("cobol", "vscode", 7, 0)
        days.append(
            record(
                day,
                total_suggestions_count=python["suggestions_count"] + other["suggestions_count"],
                total_acceptances_count=python["acceptances_count"] + other["acceptances_count"],
                total_lines_suggested=python["lines_suggested"] + other["lines_suggested"],
                total_lines_accepted=python["lines_accepted"] + other["lines_accepted"],
                total_active_users=7 + n,
                total_chat_turns=9 if second else 0,
                total_active_chat_users=None if second else 3,
                breakdown=[python, other],
            )
        )
    Path("usage.json").write_text(json.dumps(days), "utf-8")
    return days


@pytest.mark.parametrize(
    ("name", "by"),
    {
        "default": (),
        "by-week": ("--by", "week"),
        "by-month": ("--by", "month"),
        "by-total": ("--by", "total"),
        "by-day": ("--by", "day"),
        "by-language-top-1": ("--by", "language", "--top", "1"),
        "by-week-editor": ("--by", "week,editor"),
        "by-editor-only-python": ("--by", "editor", "--language", "python"),
    }.items(),
)
def test_tables_in_a_pipe_and_in_terminals(
    two_weeks: list[Any], call: Run, run_in_terminal: RunInTerminal, name: str, by: tuple[str, ...]
) -> None:
    done = call("org", "acme", "--input", "usage.json", *PERIODS, *by)
    assert (done.code, done.err) == (0, "")
    check(f"compare-{name}", done.out)
    for columns in (80, 160) if name in {"default", "by-week-editor"} else ():
        shown = run_in_terminal(columns, "org", "acme", "--input", "usage.json", *PERIODS, *by)
        assert shown.code == 0
        assert max(map(len, layout(shown.out).splitlines())) <= columns
        check(f"compare-{name}-{columns}", layout(shown.out))


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "ndjson"])
def test_machine_formats_have_previous_columns(two_weeks: list[Any], call: Run, form: str) -> None:
    by = ("--by", "week,language", "-f", form)
    done = call("org", "acme", "--input", "usage.json", *PERIODS, *by)
    assert done.code == 0
    check(f"compare-by-week-language-{form}", done.out)
    assert done.err == (
        "copilot-usage: note: the periods have 7 and 6 days with data, so compare means per day, not sums\n"
        "copilot-usage: note: weekend days: 2 of 7 now, 2 of 6 before, which by itself changes the numbers\n"
        "copilot-usage: note: previous period: no data for 1 day: 2024-06-05\n"
    )


def test_previous_columns_are_exactly_those_of_the_previous_report(two_weeks: list[Any], call: Run) -> None:
    for by in ("day", "week", "month", "total", "language", "editor", "language,editor", "week,language", "day,editor"):
        args = ("org", "acme", "--input", "usage.json", "--by", by, "--json", "-q")
        joined = json.loads(call(*args, *PERIODS).out)
        now = json.loads(call(*args, "--since", "2024-06-10", "--until", "2024-06-16").out)
        before = json.loads(call(*args, "--since", "2024-06-03", "--until", "2024-06-09").out)
        if by == "day":
            for record in (*now, *before):
                del record["breakdown"]
        names = [each for each in by.split(",") if each in {"language", "editor"}]
        assert ours(joined, "", now) == now
        shown_before = ours(joined, PREFIX, before, names)
        assert sorted(shown_before, key=repr) == sorted(before, key=repr)


def ours(
    joined: list[dict[str, Any]], prefix: str, plain: list[dict[str, Any]], names: list[str] | None = None
) -> list[dict[str, Any]]:
    """Take one side's rows out of joined ones, with the columns of the plain report."""
    same = {"scope", *(names or ())}
    there = [row for row in joined if row[f"{prefix}source"] is not None]
    return [
        {key: row[key if key in same else prefix + key] for key in plain[0] if key in same or prefix + key in row}
        for row in there
    ]


def test_csv_and_json_have_the_same_columns(two_weeks: list[Any], call: Run) -> None:
    args = ("org", "acme", "--input", "usage.json", *PERIODS, "-q", "--by", "week")
    rows = list(csv.DictReader(io.StringIO(call(*args, "-f", "csv").out)))
    documents = json.loads(call(*args, "--json").out)
    assert [list(row) for row in rows] == [list(document) for document in documents]
    assert list(documents[0])[:12] == [
        "scope",
        "source",
        "week",
        "previous_source",
        "previous_week",
        "days",
        "previous_days",
        "total_suggestions_count",
        "previous_total_suggestions_count",
        "total_acceptances_count",
        "previous_total_acceptances_count",
        "total_lines_suggested",
    ]


def test_rows_of_one_side_only_keep_the_other_unknown(two_weeks: list[Any], call: Run) -> None:
    args = ("org", "acme", "--input", "usage.json", *PERIODS, "-q", "--by", "language", "--json")
    rows = {row["language"]: row for row in json.loads(call(*args).out)}
    assert set(rows) == {"python", "[red]", "cobol"}
    assert (rows["[red]"]["suggestions_count"], rows["[red]"]["previous_suggestions_count"]) == (280, None)
    assert (rows["cobol"]["suggestions_count"], rows["cobol"]["previous_suggestions_count"]) == (None, 42)
    assert {(row["days"], row["previous_days"]) for row in rows.values()} == {(7, 6)}


@pytest.mark.parametrize("top", ["1", "2", "3"])
def test_vanished_names_take_the_room_that_top_leaves(two_weeks: list[Any], call: Run, top: str) -> None:
    args = ("org", "acme", "--input", "usage.json", *PERIODS, "-q", "--by", "language", "--top", top, "--json")
    rows = json.loads(call(*args).out)
    names = [(row["language"], row["folded"]) for row in rows]
    assert (
        names
        == {
            "1": [("python", 0), ("", 1)],
            "2": [("python", 0), ("[red]", 0), ("", 1)],
            "3": [("python", 0), ("[red]", 0), ("cobol", 0)],
        }[top]
    )


def test_explicit_period(two_weeks: list[Any], call: Run) -> None:
    args = ("org", "acme", "--input", "usage.json", "--by", "total", "--json", "-q")
    by_dates = call(*args, "--since", "2024-06-10", "--until", "2024-06-16", "--compare", "2024-06-03..2024-06-09")
    assert by_dates.out == call(*args, *PERIODS).out
    assert json.loads(by_dates.out)[0]["previous_total"] == "2024-06-03..2024-06-09"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ("--since", "2024-06-10", "--until", "2024-06-16", "--compare", "2024-06-08..2024-06-01"),
            (
                "the period ends before it begins: since 2024-06-08T00:00:00Z, until 2024-06-01T23:59:59Z\n"
                "hint: both ends are inclusive; days are UTC\n"
            ),
        ),
        (
            ("--compare", "never"),
            (
                "invalid value for '--compare': 'never' is neither previous, last-month, last-year nor a period, such "
                "as 2024-06 or DATE..DATE\n"
                "hint: see `copilot-usage org --help`\n"
            ),
        ),
        (
            ("--compare", "2024-06-01..soon"),
            (
                f"invalid value for '--compare': 'soon' is not a date; write {FORMS}\n"
                "hint: see `copilot-usage org --help`\n"
            ),
        ),
    ],
)
def test_refused(two_weeks: list[Any], call: Run, args: tuple[str, ...], message: str) -> None:
    done = call("org", "acme", "--input", "usage.json", *args)
    assert (done.code, done.out, done.err) == (2, "", f"copilot-usage: error: {message}")


def test_periods_of_any_length_compare_by_means_per_day(two_weeks: list[Any], call: Run) -> None:
    args = ("org", "acme", "--input", "usage.json", "--period", "2024-06-10..2024-06-12")
    done = call(*args, "--compare", "2024-W23", "--by", "total")
    now = [day["total_suggestions_count"] for day in two_weeks if "2024-06-10" <= day["day"] <= "2024-06-12"]
    before = [day["total_suggestions_count"] for day in two_weeks if day["day"] <= "2024-06-09"]
    means = sum(now) / len(now), sum(before) / len(before)
    assert "suggestions\na day" in re.sub(r" +", " ", done.out) or "suggestions" in done.out
    assert f"{means[0]:,.1f}" in done.out
    assert f"{means[1]:,.1f}" in done.out
    assert change_cell(change(*means), points=False).text in done.out
    notes = [line for line in done.out.splitlines() if line.startswith("note: ")]
    assert notes[0] == "note: the periods have 3 and 6 days with data, so compare means per day, not sums"
    assert notes[1] == "note: weekend days: 0 of 3 now, 2 of 6 before, which by itself changes the numbers"


def test_the_share_of_weekend_days_is_one_of_the_days_with_data(two_weeks: list[Any], call: Run) -> None:
    """Of the first week a Wednesday is missing: as many weekend days, of fewer days."""
    whole = call("org", "acme", "--input", "usage.json", *PERIODS).out
    assert "note: weekend days: 2 of 7 now, 2 of 6 before, which by itself changes the numbers\n" in whole


@pytest.mark.parametrize(
    ("compared", "said"),
    [
        ("2024-06-03..2024-06-07", ""),
        ("2024-06-09..2024-06-12", "the periods overlap: they have 3 days in common"),
        ("2024-06-11..2024-06-11", "the periods overlap: they have 1 day in common"),
        ("2024-06-13..2024-06-14", "the period compared with is later"),
    ],
)
def test_a_period_that_is_not_all_before_is_noted(two_weeks: list[Any], call: Run, compared: str, said: str) -> None:
    out = call("org", "acme", "--input", "usage.json", "--period", "2024-06-10..2024-06-12", "--compare", compared).out
    assert re.findall("the period(?:s overlap| compared).*", out) == ([said] if said else [])


def test_a_named_week_is_compared_with_the_week_before_it(two_weeks: list[Any], call: Run) -> None:
    args = ("org", "acme", "--input", "usage.json", "--compare", "previous", "--by", "week", "-f", "csv")
    week = call(*args, "--period", "2024-w24")
    assert (week.code, week.out) == (0, call(*args, "--since", "2024-06-10", "--until", "2024-06-16").out)
    assert "2024-W23" in week.out


def test_a_month_is_compared_with_the_calendar_month_before_it(two_weeks: list[Any], call: Run) -> None:
    out = call("org", "acme", "--input", "usage.json", "--period", "2024-06", "--compare", "last-month").out
    assert out.splitlines()[0].startswith("org:acme | 2024-06-01 to 2024-06-30, 13 of 30 days | before: 2024-05-01 to")
    assert "there is nothing to compare: 2024-05-01 to 2024-05-31 has no data; choose other days with " in out


def test_a_narrowed_period_says_so_also_where_there_is_nothing_to_compare(call: Run) -> None:
    args = ("org", "acme", "--demo", "--since", "2000-01-01", "--compare", "previous")
    assert "there is nothing to compare" in (out := " ".join(call(*args).out.split()))
    assert f"note: {NARROWED}" in out
    assert "has no data (" in out
    assert f"note: {NARROWED}" in call(*args, "--json").err


def test_no_period_to_compare(tmp_path: Path, call: Run) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("[]", "utf-8")
    done = call("org", "acme", "--input", str(empty), "--compare", "previous")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "copilot-usage: error: there is no period to compare\nhint: say which with --since and --until, or --period\n"
    )


@pytest.mark.parametrize(
    ("options", "asked", "title"),
    [
        (("--compare", "this-week"), 1, "2026-10-19 to 2026-11-15, 27 of 28 days | before: no days | source: usage"),
        (("--period", "this-week", "--compare", "this-week"), 0, "no days | before: no days"),
        (("--period", "this-week", "--compare", "last-year"), 0, "no days | before: no days"),
        (
            ("--period", "this-week", "--compare", "previous"),
            1,
            "no days | before: 2026-11-09 to 2026-11-15, 7 of 7 days",
        ),
    ],
)
def test_a_week_that_began_today_is_not_asked_for(options: tuple[str, ...], asked: int, title: str, call: Run) -> None:
    done = call("org", "acme", "--demo", "-v", *options)
    assert (done.code, len(done.err.splitlines())) == (0, asked)
    first, *rest = done.out.splitlines()
    assert first == f"org:acme | {title} | demo"
    why = "no day of this week is over yet: it began today, in UTC"
    said = f"the period has no data ({why}); choose other days with --compare or --period"
    assert next(line for line in rest if line) == f"note: there is nothing to compare: {said}"
    machine = call("org", "acme", "--demo", "-q", "-f", "csv", "--by", "total", *options)
    assert (machine.code, machine.err) == (0, "")
    assert machine.out.startswith("scope,source,total,previous_source,previous_total,days,previous_days,")


def test_both_periods_are_asked_of_github(github: GitHub, record: Callable[..., dict[str, Any]]) -> None:
    github.serve([record(f"2024-06-{day:02}", total_suggestions_count=day) for day in range(1, 31)])
    done = github.run(
        "org",
        "acme",
        "--since",
        "2024-06-11",
        "--until",
        "2024-06-20",
        "--compare",
        "previous",
        "--by",
        "total",
        "--json",
    )
    assert done.code == 0
    (row,) = json.loads(done.out)
    assert (row["total_suggestions_count"], row["previous_total_suggestions_count"]) == (155, 55)
    assert [request.args["since"][:10] for request in github.arrivals] == ["2024-06-11", "2024-06-01"]


def test_fail_on_missing_judges_the_current_period(two_weeks: list[Any], call: Run) -> None:
    args = ("org", "acme", "--input", "usage.json", "--fail-on-missing", "-q", "-f", "csv", "--by", "total")
    assert call(*args, *PERIODS).code == 0
    assert call(*args, "--since", "2024-06-03", "--until", "2024-06-09", "--compare", "previous").code == 3


@pytest.mark.parametrize(
    ("now", "before", "points", "shown"),
    [
        (110, 100, False, "▲ 10.0%"),
        (0, 100, False, "▼ 100.0%"),
        (5, 0, False, "-"),
        (0, 0, False, "-"),
        (None, 5, False, "-"),
        (5, None, False, "-"),
        (100, 100, False, "= 0.0%"),
        (99.99999, 100.0, False, "= 0.0%"),
        (0.25, 0.2, True, "▲ 5.0 pp"),
        (0.2, 0.25, True, "▼ 5.0 pp"),
        (0.1, 0.0, True, "▲ 10.0 pp"),
        (0.19999, 0.2, True, "= 0.0 pp"),
        (None, 0.2, True, "-"),
    ],
)
def test_change(now: float | None, before: float | None, points: bool, shown: str) -> None:
    assert change_cell(change(now, before, points=points), points=points).text == shown


def a_report(
    first: date, last: date, by: tuple[str, ...], days: dict[date, list[BreakdownRow]], top: int | None = None
) -> Report:
    scope = Scope("org", "acme")
    records = [
        DailyRecord(
            scope,
            "usage",
            day,
            total_suggestions_count=sum(cell.suggestions_count or 0 for cell in cells),
            total_active_users=len(cells),
            breakdown=tuple(cells),
        )
        for day, cells in days.items()
    ]
    return build(Query(scope, Period(first, last), last, by=by, top=top, answerer="files"), FetchResult(records))


def plain_days(first: date, last: date) -> dict[date, list[BreakdownRow]]:
    return {day: [BreakdownRow("python", "vscode", 10, 5, 20, 5, 1)] for day in days_between(first, last)}


def months(first: str, last: str, *, by: str = "month") -> list[tuple[Any, ...]]:
    since, until = date.fromisoformat(first), date.fromisoformat(last)
    length = until - since + timedelta(days=1)
    before = (since - length, until - length)
    joined = Comparison(
        a_report(since, until, (by,), plain_days(since, until)), a_report(*before, (by,), plain_days(*before))
    ).table()
    return [(row[by], row[f"previous_{by}"], row["days"], row["previous_days"]) for row in joined.rows]


def test_months_pair_with_the_month_that_most_of_their_days_pair_with() -> None:
    assert months("2026-03-01", "2026-03-31") == [("2026-03", "2026-02", 31, 28), (None, "2026-01", 0, 3)]
    assert months("2026-01-30", "2026-03-01") == [
        ("2026-01", "2025-12", 2, 2),
        ("2026-02", "2026-01", 28, 29),
        ("2026-03", None, 1, 0),
    ]
    assert months("2026-02-15", "2026-03-14") == [("2026-02", "2026-01", 14, 14), ("2026-03", "2026-02", 14, 14)]
    assert months("2026-11-05", "2026-11-14", by="week") == [
        ("2026-W45", "2026-W44", 4, 7),
        ("2026-W46", "2026-W45", 6, 3),
    ]


def test_months_of_unlike_length_are_compared_per_day(tmp_path: Path, call: Run, record: Callable[..., Any]) -> None:
    saved = tmp_path / "usage.json"
    saved.write_text(json.dumps([record(day) for day in plain_days(date(2026, 1, 1), date(2026, 3, 31))]), "utf-8")
    args = ("--since", "2026-03-01", "--until", "2026-03-31", "--compare", "previous", "--by", "month")
    done = call("org", "acme", "--input", str(saved), *args)
    assert "a day" in done.out
    line = next(line for line in done.out.splitlines() if line.startswith("2026-03"))
    assert re.sub(" +", " ", line).count("100.0 100.0 = 0.0%") == 1  # suggestions a day, not 3,100 against 2,800


def test_the_same_number_of_other_days_is_compared_per_day() -> None:
    since, until = date(2026, 3, 2), date(2026, 3, 15)
    now, before = plain_days(since, until), plain_days(date(2026, 2, 16), date(2026, 3, 1))
    now.pop(date(2026, 3, 4))
    before.pop(date(2026, 2, 26))
    both = Comparison(
        a_report(since, until, ("week",), now), a_report(date(2026, 2, 16), date(2026, 3, 1), ("week",), before)
    )
    assert both.per_day
    assert both.notes[0] == (
        "the periods have 13 and 13 days with data, not the same ones, so compare means per day, not sums"
    )


NAMES = st.sampled_from([None, "", "python", "c#", "[red]", "go"])
CELLS = built(
    BreakdownRow,
    NAMES,
    st.sampled_from(["vscode", "JetBrains", None]),
    st.none() | st.integers(0, 99),
    st.none() | st.integers(0, 99),
    st.none() | st.integers(0, 99),
    st.none() | st.integers(0, 99),
    st.none() | st.integers(0, 9),
)
SINCE = date(2026, 1, 26)
WINDOWS = st.integers(1, 40)
DAYS = st.dictionaries(st.integers(0, 79), st.lists(CELLS, max_size=4), max_size=12)
BY = st.sampled_from(
    [
        ("day",),
        ("week",),
        ("month",),
        ("total",),
        ("language",),
        ("language", "editor"),
        ("week", "editor"),
        ("day", "language"),
    ]
)


@given(WINDOWS, DAYS, BY, st.none() | st.integers(1, 3))
def test_a_period_against_itself_changes_nothing(
    length: int, days: dict[int, list[BreakdownRow]], by: tuple[str, ...], top: int | None
) -> None:
    inside = {SINCE + timedelta(days=n % length): cells for n, cells in days.items()}
    one = a_report(
        SINCE, SINCE + timedelta(days=length - 1), by, inside, top if len(by) > 1 or by == ("language",) else None
    )
    both = Comparison(one, one)
    assert not both.per_day
    table = both.table()
    assert len(table.rows) == len(one.table.rows)
    for row in table.rows:
        for name in table.columns:
            if PREFIX + name in table.columns:
                assert row[name] == row[PREFIX + name]


@given(WINDOWS, DAYS, DAYS, BY, st.none() | st.integers(1, 3))
def test_each_side_of_a_comparison_is_its_own_report(
    length: int,
    now: dict[int, list[BreakdownRow]],
    old: dict[int, list[BreakdownRow]],
    by: tuple[str, ...],
    top: int | None,
) -> None:
    top = top if by[-1] in {"language", "editor"} else None
    last, shift = SINCE + timedelta(days=length - 1), timedelta(days=length)
    ours = a_report(SINCE, last, by, {SINCE + timedelta(days=n % length): cells for n, cells in now.items()}, top)
    theirs = a_report(
        SINCE - shift,
        last - shift,
        by,
        {SINCE - shift + timedelta(days=n % length): cells for n, cells in old.items()},
        top,
    )
    joined = Comparison(ours, theirs).table()
    shown = [{name: row[name] for name in ours.table.columns} for row in joined.rows if row["source"] is not None]
    assert shown == [{name: row[name] for name in ours.table.columns} for row in ours.table.rows]
    before = [row for row in joined.rows if row["previous_source"] is not None]
    if top is None:
        metrics = [name for name in theirs.table.columns if PREFIX + name in joined.columns and name != "days"]
        expected = [tuple(row[name] for name in metrics) for row in theirs.table.rows]
        assert sorted((tuple(row[PREFIX + name] for name in metrics) for row in before), key=repr) == sorted(
            expected, key=repr
        )
    else:
        shown_before = [row["previous_suggestions_count"] for row in before]
        assert sum(count for count in shown_before if isinstance(count, int)) == sum(
            cell.suggestions_count or 0 for record in theirs.records for cell in record.breakdown or ()
        )
