"""The honest rules, each by its name, and what else holds for every report."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import built

from copilot_usage_cli.model.dates import DateExpression
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period, days_between, format_ranges
from copilot_usage_cli.model.query import Filter, Query
from copilot_usage_cli.model.records import COUNTABLE_TOTALS, COUNTS, TOTALS, BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.build import Report, build
from copilot_usage_cli.report.grouping import RATES

TODAY = date(2026, 11, 16)
ORG = Scope("org", "acme")
ASKED = Query(ORG, Period(), TODAY)

COUNT = st.none() | st.integers(0, 1000)
CELLS = built(
    BreakdownRow,
    language=st.sampled_from(["python", "c#", "csharp", None]),
    editor=st.sampled_from(["vscode", "vim", None]),
    active_users=COUNT,
    **dict.fromkeys(COUNTS, COUNT),
)
RECORD = built(
    DailyRecord,
    scope=st.just(ORG),
    source=st.just("usage"),
    day=st.dates(date(2026, 10, 1), date(2026, 11, 15)),
    breakdown=st.none() | st.lists(CELLS, max_size=4).map(tuple),
    **dict.fromkeys(TOTALS, COUNT),
)
RECORDS = st.lists(RECORD, max_size=10)


def day(number: int, *cells: BreakdownRow, month: int = 11, **totals: int | None) -> DailyRecord:
    return DailyRecord(ORG, "usage", date(2026, month, number), breakdown=cells, **totals)  # type: ignore[arg-type]


def days(first: int, last: int) -> list[DailyRecord]:
    return [day(number) for number in range(first, last + 1)]


def report(*records: DailyRecord, since: str | None = None, until: str | None = None, asked: Query = ASKED) -> Report:
    ends = (DateExpression.parse(since) if since else None), (DateExpression.parse(until) if until else None)
    period = Period.between(*ends, TODAY, open_until=not asked.is_live)
    return build(asked._replace(period=period), FetchResult(records))


def test_rule_1_rates_are_sums_over_sums() -> None:
    found = report(
        day(2, total_suggestions_count=10, total_acceptances_count=9, total_lines_suggested=10, total_lines_accepted=0),
        day(3, total_suggestions_count=90, total_acceptances_count=1, total_lines_suggested=10),
        day(4, total_acceptances_count=500, total_lines_accepted=500),
        day(5, total_suggestions_count=0, total_acceptances_count=0),
    )
    whole = found.whole()
    assert (whole["acceptance_rate"], whole["lines_acceptance_rate"]) == (
        0.1,
        0.0,
    )  # the mean of daily rates would be 0.456
    assert [row["acceptance_rate"] for row in found.table.rows] == [0.9, 1 / 90, None, None]
    assert [row["lines_acceptance_rate"] for row in found.table.rows] == [0.0, None, None, None]


def test_rule_2_users_are_never_added() -> None:
    cells = [BreakdownRow("go", "vim", active_users=4), BreakdownRow("go", "vscode", active_users=5)]
    found = report(
        day(2, *cells, total_active_users=6, total_active_chat_users=8),
        day(3, *cells, total_active_users=2),
        day(4),
    )
    whole = found.whole()
    assert (whole["active_users_mean"], whole["active_users_peak"], whole["active_users_days"]) == (4.0, 6, 2)
    assert [whole[f"active_chat_users_{what}"] for what in ("mean", "peak", "days")] == [8.0, 8, 1]
    (language,) = found.grouped("language").rows
    assert language["active_users_at_least"] == 5
    assert report(day(2, *cells), asked=ASKED._replace(filter=Filter(("go",)))).whole()["active_users_at_least"] == 5


def test_rule_3_unknown_is_not_zero() -> None:
    found = report(day(2), day(3, BreakdownRow("go", "vim")))
    whole = found.whole()
    assert [whole[name] for name in (*COUNTABLE_TOTALS, *RATES, "active_users_mean", "active_users_peak")] == [
        None
    ] * 10
    assert whole["active_users_days"] == 0
    assert all(row[name] is None for row in found.table.rows for name in TOTALS)
    (cell,) = found.grouped("language").rows
    assert [cell[name] for name in COUNTS] == [None] * 4
    assert cell["active_users_at_least"] is None


def test_rule_4_headlines_come_from_the_totals_and_shares_from_the_breakdown() -> None:
    found = report(
        day(14, BreakdownRow("go", "vim", 30), BreakdownRow("c", "vim", 10), total_suggestions_count=100),
        day(15, BreakdownRow("go", "vim", 5), total_suggestions_count=5),
    )
    assert found.whole()["total_suggestions_count"] == 105
    assert [row["suggestions_count"] for row in found.grouped("language").rows] == [35, 10]
    assert found.notes == ("languages and editors don't add up to the totals on 1 of 2 days",)


def test_rule_5_missing_days_are_listed_and_every_mean_states_its_denominator() -> None:
    found = report(day(2, total_active_users=3), day(3), day(6, total_active_users=5), since="1d", until="today")
    assert found.records == ()
    found = report(
        day(2, total_active_users=3), day(3), day(6, total_active_users=5), since="2026-11-01", until="2026-11-07"
    )
    assert format_ranges(found.missing) == "2026-11-01, 2026-11-04 to 2026-11-05, 2026-11-07"
    whole = found.whole()
    assert (whole["active_users_mean"], whole["active_users_days"]) == (4.0, 2)
    assert [row["day"] for row in found.table.rows] == ["2026-11-02", "2026-11-03", "2026-11-06"]


def test_rule_6_weeks_at_the_edge_are_not_scaled_and_tell_their_days() -> None:
    found = report(*[day(number, total_suggestions_count=7) for number in range(1, 4)], since="2026-11-01")
    rows = found.grouped("week").rows
    assert [(row["week"], row["days"], row["total_suggestions_count"]) for row in rows] == [
        ("2026-W44", 1, 7),
        ("2026-W45", 2, 14),
    ]


def test_rule_7_a_repeat_counts_once_and_of_two_that_differ_the_last_read_wins() -> None:
    first, second = day(14, total_chat_turns=1), day(14, total_chat_turns=2)
    other = day(15, total_chat_turns=0)
    assert report(first, other, first).notes == ()
    found = report(first, other, second)
    assert found.whole()["total_chat_turns"] == 2
    assert found.notes == ("1 day came more than once with different numbers, the last read counts: 2026-11-14",)
    cell = BreakdownRow("go", "vim", 2)
    doubled = report(day(15, cell, cell))
    assert doubled.records[0].breakdown == (cell, cell)
    assert [row["suggestions_count"] for row in doubled.grouped("language", "editor").rows] == [4]


def test_rule_8_names_are_never_folded() -> None:
    names = ["c#", "csharp", "C#", "JetBrains", "jetbrains", "jetbrains ", "", None]
    found = report(day(15, *[BreakdownRow(name, name, 1) for name in names]))
    for by in ("language", "editor"):
        assert {row[by] for row in found.grouped(by).rows} == set(names)


def test_rule_9_nothing_is_invented_and_the_source_is_named() -> None:
    found = report(day(14), day(15)._replace(source="reports"))
    assert found.source == "mixed"
    assert [row["source"] for row in found.table.rows] == ["usage", "reports"]
    assert [row["source"] for row in found.grouped("week").rows] == ["mixed"]
    assert report(day(15)).source == "usage"
    assert report().source == ""


def test_a_filtered_report_has_the_headline_of_its_rows() -> None:
    cells = [BreakdownRow("Go", "vim", 10, 4, 20, 5, 3), BreakdownRow("c", "vim", 90, 1, 90, 1, 9)]
    found = report(day(15, *cells, total_suggestions_count=100), asked=ASKED._replace(filter=Filter(("go",))))
    assert found.filtered
    whole = found.whole()
    assert [whole[name] for name in (*COUNTS, *RATES, "active_users_at_least")] == [10, 4, 20, 5, 0.4, 0.25, 3]
    assert "active_users_mean" not in whole
    assert [row["suggestions_count"] for row in found.table.rows] == [10]


def test_without_a_period_it_is_first_to_last_day_answered() -> None:
    found = report(day(14), day(12), day(15))
    assert (found.since, found.until, found.days) == (date(2026, 11, 12), date(2026, 11, 15), 4)
    assert (found.span, found.missing) == ("2026-11-12..2026-11-15", (date(2026, 11, 13),))


def test_days_outside_the_period_are_dropped() -> None:
    found = report(*days(1, 15), since="2026-11-03", until="2026-11-05")
    assert [record.day.day for record in found.records] == [3, 4, 5]
    assert (found.span, found.days) == ("2026-11-03..2026-11-05", 3)


def test_today_and_the_future_are_never_missing() -> None:
    assert report(*days(9, 15), since="7d", until="today").missing == ()
    assert report(*days(9, 15), since="7d", until="2030-01-01").missing == ()
    assert report(*days(9, 14), since="7d", until="today").missing == (date(2026, 11, 15),)
    assert report(since="today").missing == ()
    assert report(since="2027-01-01").missing == ()


@pytest.mark.parametrize(
    ("since", "until", "missing"),
    [
        (None, None, "2026-11-15"),
        ("3d", None, "2026-11-13 to 2026-11-15"),
        (None, "2026-11-10", "2026-11-10"),
        (None, "today", "2026-11-15"),
        (None, "2030-01-01", "2026-11-15"),
        ("2026-11-01", "2026-11-02", "2026-11-01 to 2026-11-02"),
    ],
)
def test_where_nothing_came_days_are_missing(since: str | None, until: str | None, missing: str) -> None:
    assert format_ranges(report(since=since, until=until).missing) == missing


def test_a_stale_newest_day_counts_as_missing_days() -> None:
    assert report(*days(9, 13)).missing == ()
    stale = report(*days(9, 12))
    assert format_ranges(stale.missing) == "2026-11-13 to 2026-11-15"
    assert (stale.since, stale.until) == (date(2026, 11, 9), date(2026, 11, 12))


def test_a_single_page_is_not_judged() -> None:
    page = ASKED._replace(page=1)
    assert report(day(1), day(5), asked=page).missing == ()
    assert report(asked=page, since="7d").missing == ()


def test_the_period_of_files_is_theirs() -> None:
    files = ASKED._replace(answerer="files")
    old = [record._replace(day=record.day - timedelta(days=900)) for record in (*days(1, 4), *days(6, 7))]
    found = report(*old, asked=files)
    assert (found.days, format_ranges(found.missing)) == (7, "2024-05-19")
    assert report(asked=files).missing == ()
    assert report(*old, asked=files, since="2024-05-10").missing[0] == date(2024, 5, 10)
    assert (
        format_ranges(report(*old, asked=files, until="2024-05-23").missing) == "2024-05-19, 2024-05-22 to 2024-05-23"
    )


@given(RECORDS, st.data(), st.sampled_from([None, ("week",), ("total", "language"), ("editor",)]))
def test_pages_in_any_order_with_identical_repeats_give_the_same_report(
    records: list[DailyRecord], data: st.DataObject, by: tuple[str, ...] | None
) -> None:
    unique = list({record.day: record for record in records}.values())
    repeats = data.draw(st.lists(st.sampled_from(unique), max_size=5)) if unique else []
    asked = ASKED._replace(by=by)
    assert build(asked, FetchResult(data.draw(st.permutations(unique + repeats)))) == build(asked, FetchResult(unique))


@given(RECORDS, st.dates(date(2026, 10, 1), TODAY), st.integers(0, 50))
def test_each_day_of_the_period_is_there_or_missing_or_not_over(
    records: list[DailyRecord], since: date, length: int
) -> None:
    until = since + timedelta(days=length)
    found = report(*records, since=str(since), until=str(until))
    there = {record.day for record in found.records}
    assert there.isdisjoint(found.missing)
    assert list(found.missing) == sorted(found.missing)
    judged = [each for each in days_between(since, until) if each < TODAY]
    assert there | set(found.missing) == set(judged)


@given(RECORDS)
def test_the_headline_the_total_and_the_days_agree(records: list[DailyRecord]) -> None:
    found = build(ASKED, FetchResult(records))
    rows = found.table.rows
    for whole in found.grouped("total").rows:
        assert whole == found.whole()
        for name in COUNTABLE_TOTALS:
            known = [value for row in rows if isinstance(value := row[name], int)]
            assert (whole[name], whole[f"{name}_days"]) == (sum(known) if known else None, len(known))
        users = [value for row in rows if isinstance(value := row["total_active_users"], int)]
        assert whole["active_users_peak"] == max(users, default=None)
        assert whole["active_users_mean"] == (sum(users) / len(users) if users else None)


@given(RECORDS, st.sampled_from([("python",), ("PYTHON", "c#"), ("nothing",)]))
def test_filtered_reports_add_up_to_their_matching_rows(records: list[DailyRecord], languages: tuple[str, ...]) -> None:
    found = build(ASKED._replace(filter=Filter(languages)), FetchResult(records))
    whole = build(ASKED, FetchResult(records)).grouped("language").rows
    wanted = {language.lower() for language in languages}
    expected = sum(int(row["suggestions_count"] or 0) for row in whole if str(row["language"]).lower() in wanted)
    assert (found.whole().get("suggestions_count") or 0) == expected
    assert sum(int(row["suggestions_count"] or 0) for row in found.table.rows) == expected
