import csv
import io
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Filter, Query
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import Format
from copilot_usage_cli.render import render
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report.build import Report, build
from copilot_usage_cli.report.grouping import Value

TODAY = date(2026, 11, 16)
ORG = Scope("org", "acme")
ASKED = Query(ORG, Period(), TODAY, answerer="files")
DAY = DailyRecord(ORG, "usage", date(2026, 11, 2), 3, 1, 7, None, 4, 0, 12, None)


def named(*names: str | None, by: tuple[str, ...] = ("language",), top: int | None = None) -> Report:
    cells = tuple(BreakdownRow(name, "vim", 9 - n, 1) for n, name in enumerate(names))
    return build(ASKED._replace(by=by, top=top), FetchResult([DAY._replace(breakdown=cells)]))


def test_by_day_whole() -> None:
    report = build(ASKED, FetchResult([DAY, DAY._replace(day=date(2026, 11, 3))]))
    assert render(report, "csv", Screen()) == (
        "scope,source,day,total_suggestions_count,total_acceptances_count,total_lines_suggested,total_lines_accepted,"
        "total_active_users,total_chat_acceptances,total_chat_turns,total_active_chat_users,acceptance_rate,"
        "lines_acceptance_rate\n"
        "org:acme,usage,2026-11-02,3,1,7,,4,0,12,,0.3333333333333333,\n"
        "org:acme,usage,2026-11-03,3,1,7,,4,0,12,,0.3333333333333333,\n"
    )


def test_an_empty_report_is_its_header() -> None:
    report = build(ASKED._replace(by=("editor",)), FetchResult([]))
    header = "scope source editor suggestions_count acceptances_count lines_suggested lines_accepted"
    rates = "active_users_at_least acceptance_rate lines_acceptance_rate"
    known = "suggestions_count_days acceptances_count_days lines_suggested_days lines_accepted_days"
    assert render(report, "tsv", Screen()) == f"{header} {rates} {known}\n".replace(" ", "\t")


def test_tsv_is_csv_with_tabs() -> None:
    report = named("a,b", 'say "so"', "tab\there", by=("day", "language"), top=2)
    assert render(report, "tsv", Screen()) == (
        "scope\tsource\tday\tlanguage\tsuggestions_count\tacceptances_count\tlines_suggested\tlines_accepted\t"
        "active_users_at_least\tacceptance_rate\tlines_acceptance_rate\tfolded\t"
        "suggestions_count_days\tacceptances_count_days\tlines_suggested_days\tlines_accepted_days\n"
        "org:acme\tusage\t2026-11-02\ta,b\t9\t1\t\t\t\t0.1111111111111111\t\t0\t1\t1\t0\t0\n"
        'org:acme\tusage\t2026-11-02\t"say ""so"""\t8\t1\t\t\t\t0.125\t\t0\t1\t1\t0\t0\n'
        "org:acme\tusage\t2026-11-02\t\t7\t1\t\t\t\t0.14285714285714285\t\t1\t1\t1\t0\t0\n"
    )
    assert render(report, "csv", Screen()).splitlines()[1].startswith('org:acme,usage,2026-11-02,"a,b",9,1,')


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\ttab", "\rreturn", "=", "-"])
def test_a_text_that_a_spreadsheet_would_run_is_guarded(name: str) -> None:
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        text = render(named(name), form, Screen())  # type: ignore[arg-type]
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
        assert rows[0]["language"] == f"'{name}"


@pytest.mark.parametrize("name", ["c#", "'quoted", " =1", "a=1", "1-1", "[red]", ":smile:", "日本語"])
def test_other_texts_stay_as_they_are(name: str) -> None:
    assert f",{name}," in render(named(name), "csv", Screen())


def test_numbers_are_never_guarded_nor_rounded() -> None:
    report = build(ASKED._replace(by=("total",)), FetchResult([DAY._replace(total_suggestions_count=2**53)]))
    row = next(csv.DictReader(io.StringIO(render(report, "csv", Screen()))))
    assert row["total_suggestions_count"] == "9007199254740992"
    assert float(row["acceptance_rate"]) == 1 / 2**53
    assert "'" not in render(report, "csv", Screen())


def test_lines_end_with_a_bare_line_feed() -> None:
    text = render(named("a", "b\r\nc"), "csv", Screen())
    assert text.count("\r") == text.count('"b\r\nc"') == 1
    assert text.endswith("\n")


NAMES = st.none() | st.text(max_size=8) | st.sampled_from(["=1", "\r", "\n", '"', "a\r\n", ",", "\t", "'", "\x00", " "])


@given(
    st.lists(NAMES, max_size=6),
    st.sampled_from([("language",), ("week", "language", "editor"), ("language", "total")]),
    st.none() | st.integers(1, 3),
    st.sampled_from(["csv", "tsv"]),
)
@example([], ("language",), None, "csv")
def test_what_is_written_is_what_a_reader_reads(
    names: list[str | None], by: tuple[str, ...], top: int | None, form: Format
) -> None:
    report = named(*names, by=by, top=top)
    text = render(report, form, Screen())
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter="," if form == "csv" else "\t"))
    assert tuple(read[0]) == report.table.columns
    assert [tuple(row) for row in read[1:]] == [
        tuple(written(row[name]) for name in report.table.columns) for row in report.table.rows
    ]


def written(value: Value) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in {"=", "+", "-", "@", "\t", "\r"} and text else text


def test_a_filtered_report_has_no_totals() -> None:
    report = build(ASKED._replace(filter=Filter(("go",))), FetchResult([DAY._replace(breakdown=())]))
    assert render(report, "csv", Screen()) == (
        "scope,source,day,suggestions_count,acceptances_count,lines_suggested,lines_accepted,active_users_at_least,"
        "acceptance_rate,lines_acceptance_rate,suggestions_count_days,acceptances_count_days,lines_suggested_days,"
        "lines_accepted_days\n"
        "org:acme,usage,2026-11-02,,,,,,,,1,1,1,1\n"
    )
