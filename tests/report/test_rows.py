from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import built

from copilot_usage_cli.model.query import Filter
from copilot_usage_cli.model.records import (
    COUNTABLE_TOTALS,
    COUNTS,
    TOTALS,
    BreakdownRow,
    DailyRecord,
    UserDayCounts,
)
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import NAMES, TIMES
from copilot_usage_cli.report.grouping import Grouping, Row, columns
from copilot_usage_cli.report.rows import group

ORG = Scope("org", "acme")
SPAN = "2026-11-01..2026-11-30"

BY_DAY = [
    "scope", "source", "day", "total_suggestions_count", "total_acceptances_count", "total_lines_suggested",
    "total_lines_accepted", "total_active_users", "total_chat_acceptances", "total_chat_turns",
    "total_active_chat_users", "acceptance_rate", "lines_acceptance_rate",
]  # fmt: skip
AFTER_LONGER_TIMES = [
    "days", "total_suggestions_count", "total_acceptances_count", "total_lines_suggested", "total_lines_accepted",
    "total_chat_acceptances", "total_chat_turns", "active_users_mean", "active_users_peak", "active_users_days",
    "active_chat_users_mean", "active_chat_users_peak", "active_chat_users_days", "acceptance_rate",
    "lines_acceptance_rate",
]  # fmt: skip
AFTER_NAMES = [
    "suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted", "active_users_at_least",
    "acceptance_rate", "lines_acceptance_rate",
]  # fmt: skip
KNOWN_TOTALS = [f"{name}_days" for name in COUNTABLE_TOTALS]
KNOWN_CELLS = [f"{name}_days" for name in COUNTS]
EVERY_BY = [
    by for size in (1, 2, 3) for by in permutations(TIMES + NAMES, size) if len([n for n in by if n in TIMES]) <= 1
]

COUNT = st.none() | st.integers(0, 1000)
CELLS = built(
    BreakdownRow,
    language=st.sampled_from(["python", "c#", "csharp", "go", "", None]),
    editor=st.sampled_from(["vscode", "JetBrains", "jetbrains", None]),
    active_users=COUNT,
    **dict.fromkeys(COUNTS, COUNT),
)
RECORDS = st.lists(
    built(
        DailyRecord,
        scope=st.just(ORG),
        source=st.sampled_from(["usage", "reports"]),
        day=st.dates(date(2025, 12, 15), date(2026, 2, 10)),
        breakdown=st.none() | st.lists(CELLS, max_size=6).map(tuple),
        **dict.fromkeys(TOTALS, COUNT),
    ),
    max_size=12,
    unique_by=lambda record: record.day,
).map(lambda records: sorted(records, key=lambda record: record.day))


def cell(language: str | None, suggestions: int | None, editor: str | None = "vscode") -> BreakdownRow:
    return BreakdownRow(language, editor, suggestions)


def day(number: int, *cells: BreakdownRow, month: int = 11, source: str = "usage", **totals: int | None) -> DailyRecord:
    return DailyRecord(ORG, source, date(2026, month, number), breakdown=cells, **totals)  # type: ignore[arg-type]


def pick(rows: tuple[Row, ...], *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_columns_by_day() -> None:
    assert list(columns(Grouping(("day",)), cells=False)) == BY_DAY


@pytest.mark.parametrize("by", ["week", "month", "total"])
def test_columns_by_longer_times(by: str) -> None:
    assert list(columns(Grouping((by,)), cells=False)) == ["scope", "source", by, *AFTER_LONGER_TIMES, *KNOWN_TOTALS]
    user_days = ["user_days", *(f"{name}_user_days" for name in COUNTABLE_TOTALS)]
    asked = list(columns(Grouping((by,), distinct=True), cells=False))
    assert asked[-13:] == [*KNOWN_TOTALS, *user_days]


@pytest.mark.parametrize("by", [by for by in EVERY_BY if set(by) & set(NAMES)])
def test_columns_with_names_keep_the_order_given(by: tuple[str, ...]) -> None:
    start = ["scope", "source", *by, *AFTER_NAMES]
    assert list(columns(Grouping(by), cells=True)) == [*start, *KNOWN_CELLS]
    assert list(columns(Grouping(by, top=3), cells=True)) == [*start, "folded", *KNOWN_CELLS]


@pytest.mark.parametrize("by", TIMES)
def test_columns_of_a_filtered_report_are_the_breakdowns(by: str) -> None:
    assert list(columns(Grouping((by,)), cells=True)) == ["scope", "source", by, *AFTER_NAMES, *KNOWN_CELLS]


@given(RECORDS, st.sampled_from(EVERY_BY), st.none() | st.integers(1, 4), st.booleans())
def test_rows_have_the_columns_whatever_the_data(
    records: list[DailyRecord],
    by: tuple[str, ...],
    top: int | None,
    filtered: bool,
) -> None:
    cells = filtered or bool(set(by) & set(NAMES))
    grouping = Grouping(by, top if cells and not filtered else None)
    for row in group(records, grouping, SPAN, cells=cells):
        assert not set(columns(grouping, cells=cells)) - row.keys()


def test_by_day_is_githubs_numbers_with_two_rates() -> None:
    record = day(2, total_suggestions_count=8, total_acceptances_count=2, total_active_users=3, total_chat_turns=0)
    (row,) = group([record], Grouping(), SPAN, cells=False)
    assert {name: row[name] for name in BY_DAY} == (
        {
            "scope": "org:acme",
            "source": "usage",
            "day": "2026-11-02",
            "total_suggestions_count": 8,
            "total_acceptances_count": 2,
            "total_lines_suggested": None,
            "total_lines_accepted": None,
            "total_active_users": 3,
            "total_chat_acceptances": None,
            "total_chat_turns": 0,
            "total_active_chat_users": None,
            "acceptance_rate": 0.25,
            "lines_acceptance_rate": None,
        }
    )


def test_iso_weeks_carry_their_own_year() -> None:
    days = [date(2024, 12, 29), date(2024, 12, 30), date(2025, 1, 5), date(2026, 12, 31), date(2027, 1, 3)]
    records = [DailyRecord(ORG, "usage", each) for each in (*days, date(2027, 1, 4))]
    rows = group(records, Grouping(("week",)), SPAN, cells=False)
    assert pick(rows, "week", "days") == [("2024-W52", 1), ("2025-W01", 2), ("2026-W53", 2), ("2027-W01", 1)]


def test_years_have_four_digits_so_that_texts_sort_as_times() -> None:
    rows = group([DailyRecord(ORG, "usage", date(1, 1, 1))], Grouping(("week",)), SPAN, cells=False)
    assert pick(rows, "week") == [("0001-W01",)]


def test_months_and_the_whole_period() -> None:
    records = [day(30, month=10), day(31, month=10), day(1)]
    assert pick(group(records, Grouping(("month",)), SPAN, cells=False), "month", "days") == [
        ("2026-10", 2),
        ("2026-11", 1),
    ]
    assert pick(group(records, Grouping(("total",)), SPAN, cells=False), "total", "days") == [(SPAN, 3)]
    assert group([], Grouping(("total",)), SPAN, cells=False) == ()


def test_weeks_at_the_edge_are_not_scaled() -> None:
    records = [day(n, total_suggestions_count=10, total_active_users=n) for n in (1, 2, 3)]  # the 1st is a Sunday
    rows = group(records, Grouping(("week",)), SPAN, cells=False)
    assert pick(rows, "week", "days", "total_suggestions_count", "active_users_mean") == [
        ("2026-W44", 1, 10, 1.0),
        ("2026-W45", 2, 20, 2.5),
    ]


def test_users_over_days_are_a_mean_a_peak_and_the_days_of_both() -> None:
    records = [day(2, total_active_users=4), day(3, total_active_users=None), day(4, total_active_users=1)]
    (row,) = group(records, Grouping(("week",)), SPAN, cells=False)
    assert [row[f"active_users_{what}"] for what in ("mean", "peak", "days")] == [2.5, 4, 2]
    assert [row[f"active_chat_users_{what}"] for what in ("mean", "peak", "days")] == [None, None, 0]
    assert row["days"] == 3


def test_source_is_mixed_where_it_is() -> None:
    records = [day(2, cell("go", 1)), day(3, cell("go", 1), source="reports"), day(9, cell("go", 1), source="reports")]
    for by in (("week",), ("week", "language")):
        rows = group(records, Grouping(by), SPAN, cells="language" in by)
        assert pick(rows, "week", "source") == [("2026-W45", "mixed"), ("2026-W46", "reports")]


def test_repeated_cells_are_added_up_where_they_are_grouped() -> None:
    cells = [BreakdownRow("go", "vim", 10, 4, 20, 6, 3), BreakdownRow("go", "vim", 1, 1, 2, 2, 2)]
    (row,) = group([day(2, *cells)], Grouping(("day", "language", "editor")), SPAN, cells=True)
    assert {name: value for name, value in row.items() if not name.endswith("days")} == {
        "scope": "org:acme",
        "source": "usage",
        "day": "2026-11-02",
        "language": "go",
        "editor": "vim",
        "suggestions_count": 11,
        "acceptances_count": 5,
        "lines_suggested": 22,
        "lines_accepted": 8,
        "active_users_at_least": 3,
        "acceptance_rate": 5 / 11,
        "lines_acceptance_rate": 8 / 22,
    }


def test_order_is_time_then_suggestions_then_name() -> None:
    records = [
        day(2, cell("b", 5), cell("a", 5), cell("z", 9), cell(None, None), cell("A", 5), cell("y", 0)),
        day(3, cell("z", 1), cell("a", 2)),
    ]
    rows = group(records, Grouping(("language", "day")), SPAN, cells=True)
    assert pick(rows, "day", "language") == [
        ("2026-11-02", "z"),
        ("2026-11-02", "A"),
        ("2026-11-02", "a"),
        ("2026-11-02", "b"),
        ("2026-11-02", "y"),
        ("2026-11-02", None),
        ("2026-11-03", "a"),
        ("2026-11-03", "z"),
    ]


def test_top_keeps_the_same_names_in_every_week_and_folds_the_others_into_one_row() -> None:
    records = [
        day(2, cell("a", 10), cell("b", 1), cell("c", 9), cell("d", 3)),  # c and d lead here …
        day(9, cell("b", 20), cell("c", 1), cell("others", 2)),  # … but a and b over all
        day(16, cell("a", 1)),
    ]
    rows = group(records, Grouping(("week", "language"), top=2), SPAN, cells=True)
    assert pick(rows, "week", "language", "suggestions_count", "folded") == [
        ("2026-W45", "", 12, 2),
        ("2026-W45", "a", 10, 0),
        ("2026-W45", "b", 1, 0),
        ("2026-W46", "b", 20, 0),
        ("2026-W46", "", 3, 2),
        ("2026-W47", "a", 1, 0),
    ]


def test_top_counts_pairs_where_rows_are_pairs() -> None:
    records = [day(2, cell("a", 5, "vim"), cell("a", 4, "vscode"), cell("b", 6, "vim"), cell("b", 1, "emacs"))]
    rows = group(records, Grouping(("language", "editor"), top=2), SPAN, cells=True)
    assert pick(rows, "language", "editor", "suggestions_count", "folded") == [
        ("b", "vim", 6, 0),
        ("", "", 5, 2),
        ("a", "vim", 5, 0),
    ]


def test_top_larger_than_what_there_is_folds_nothing() -> None:
    rows = group([day(2, cell("a", 1), cell("", 2))], Grouping(("language",), top=9), SPAN, cells=True)
    assert pick(rows, "language", "folded") == [("", 0), ("a", 0)]


def test_a_name_that_is_empty_or_unknown_is_not_the_folded_row() -> None:
    rows = group([day(2, cell("", 3), cell(None, 2), cell("a", 1))], Grouping(("language",), top=2), SPAN, cells=True)
    assert pick(rows, "language", "folded") == [("", 0), (None, 0), ("", 1)]


def test_names_are_never_folded() -> None:
    records = [day(2, cell("c#", 1, "JetBrains"), cell("csharp", 1, "jetbrains"), cell("C#", 1, "jetbrains "))]
    assert pick(group(records, Grouping(("language",)), SPAN, cells=True), "language") == [
        ("C#",),
        ("c#",),
        ("csharp",),
    ]
    assert pick(group(records, Grouping(("editor",)), SPAN, cells=True), "editor") == [
        ("JetBrains",),
        ("jetbrains",),
        ("jetbrains ",),
    ]


def test_a_filter_is_or_within_an_option_and_between_them_and_ignores_case() -> None:
    cells = [cell("Go", 1, "vim"), cell("go", 1, "VSCode"), cell("rust", 1, "vim"), cell(None, 1, "vim")]

    def kept(languages: tuple[str, ...] = (), editors: tuple[str, ...] = ()) -> list[int]:
        return [n for n, each in enumerate(cells) if Filter(languages, editors).matches(each)]

    assert kept() == [0, 1, 2, 3]
    assert kept(("GO",)) == [0, 1]
    assert kept(("go", "rust")) == [0, 1, 2]
    assert kept((), ("vscode",)) == [1]
    assert kept(("go", "rust"), ("vim",)) == [0, 2]
    assert kept(("go", "rust"), ("vim", "vscode")) == [0, 1, 2]
    assert kept(("no",)) == []
    assert kept(("",)) == [3]
    assert not Filter()
    assert Filter(("go",)).apply(day(2, *cells)).breakdown == tuple(cells[:2])
    assert Filter(("go",)).apply(DailyRecord(ORG, "usage", date(2026, 11, 2))).breakdown is None


def test_a_day_of_which_no_row_matches_stays_with_nothing_known() -> None:
    (row,) = group([day(2)], Grouping(), SPAN, cells=True)
    assert [row[name] for name in AFTER_NAMES] == [None] * 7


@given(RECORDS, st.sampled_from(TIMES))
def test_grouping_by_time_conserves_counts_and_adds_no_users(records: list[DailyRecord], time: str) -> None:
    rows = group(records, Grouping((time,)), SPAN, cells=False)
    for name in COUNTABLE_TOTALS:
        assert sum(int(row[name] or 0) for row in rows) == sum(getattr(record, name) or 0 for record in records)
    if time != "day":
        assert sum(int(row["days"] or 0) for row in rows) == len(records)
        for name in ("active_users", "active_chat_users"):
            known = [count for record in records if (count := getattr(record, f"total_{name}")) is not None]
            assert sum(int(row[f"{name}_days"] or 0) for row in rows) == len(known)
            assert max((int(row[f"{name}_peak"] or 0) for row in rows), default=0) == max(known, default=0)
            for row in rows:
                assert float(row[f"{name}_mean"] or 0) <= int(row[f"{name}_peak"] or 0)


@given(RECORDS, st.sampled_from([by for by in EVERY_BY if set(by) & set(NAMES)]), st.none() | st.integers(1, 4))
def test_grouping_by_name_conserves_counts_and_adds_no_users(
    records: list[DailyRecord], by: tuple[str, ...], top: int | None
) -> None:
    rows = group(records, Grouping(by, top), SPAN, cells=True)
    cells = [each for record in records for each in record.breakdown or ()]
    for name in COUNTS:
        assert sum(int(row[name] or 0) for row in rows) == sum(getattr(each, name) or 0 for each in cells)
    largest = max((each.active_users or 0 for each in cells), default=0)
    assert max((int(row["active_users_at_least"] or 0) for row in rows), default=0) == largest
    times = [str(row[time]) for row in rows if (time := Grouping(by).time)]
    assert times == sorted(times)
    if top is not None:
        names = {tuple(row[name] for name in by if name in NAMES) for row in rows if not row["folded"]}
        assert len(names) <= top


@given(RECORDS, st.sampled_from(EVERY_BY))
def test_rates_are_sums_over_sums_within_what_is_known(records: list[DailyRecord], by: tuple[str, ...]) -> None:
    cells = bool(set(by) & set(NAMES))
    for row in group(records, Grouping(by), SPAN, cells=cells):
        assert row["acceptance_rate"] is None or float(row["acceptance_rate"]) >= 0
        if row["total_suggestions_count" if not cells else "suggestions_count"] in {0, None}:
            assert row["acceptance_rate"] is None


@given(RECORDS)
def test_weeks_are_iso_weeks(records: list[DailyRecord]) -> None:
    rows = group(records, Grouping(("week",)), SPAN, cells=False)
    mondays = {record.day - timedelta(days=record.day.weekday()) for record in records}
    assert [date.fromisoformat(f"{row['week']}-1") for row in rows] == sorted(mondays)


@given(RECORDS, st.sampled_from(["week", "month", "total"]))
def test_each_sum_says_over_how_many_days_it_is_known(records: list[DailyRecord], time: str) -> None:
    rows = group(records, Grouping((time,)), SPAN, cells=False)
    for name in COUNTABLE_TOTALS:
        known = [record.day for record in records if getattr(record, name) is not None]
        assert sum(int(row[f"{name}_days"] or 0) for row in rows) == len(known)
        assert all((row[name] is None) == (row[f"{name}_days"] == 0) for row in rows)
        assert all(int(row[f"{name}_days"] or 0) <= int(row["days"] or 0) for row in rows)


@given(RECORDS, st.sampled_from([("language",), ("editor",), ("language", "editor")]))
def test_a_names_sum_is_known_on_days_with_a_breakdown_that_doesnt_leave_it_open(
    records: list[DailyRecord], by: tuple[str, ...]
) -> None:
    for row in group(records, Grouping(by), SPAN, cells=True):
        for name in COUNTS:
            known = 0
            for record in records:
                cells = [
                    each
                    for each in record.breakdown or ()
                    if all(getattr(each, each_by) == row[each_by] for each_by in by)
                ]
                known += record.breakdown is not None and all(getattr(each, name) is not None for each in cells)
            assert row[f"{name}_days"] == known


def test_user_days_are_added_up_and_unknown_where_one_day_does_not_count_them() -> None:
    counted = [
        day(n)._replace(user_days=UserDayCounts(4, 1, (n, 3, 3, 3, 0, 0, *[3] * 11)), total_suggestions_count=1)
        for n in (2, 3)
    ]
    (row,) = group(counted, Grouping(("total",), distinct=True), SPAN, cells=False)
    assert (row["user_days"], row["total_suggestions_count_user_days"], row["total_chat_turns_user_days"]) == (6, 5, 0)
    (row,) = group([*counted, day(4)], Grouping(("total",), distinct=True), SPAN, cells=False)
    assert (row["user_days"], row["total_suggestions_count_user_days"]) == (None, None)
