from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from datetime import date, timedelta
from itertools import permutations
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.expected import DATA

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.model.activity import ACTIVITY_COUNTS
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import COUNTABLE_TOTALS, DailyRecord, UserDayCounts
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import MULTIPLE
from copilot_usage_cli.report.build import build
from copilot_usage_cli.sources.payload import InvalidPayload
from copilot_usage_cli.sources.reports.user_lines import WholePeriodLine
from copilot_usage_cli.sources.reports.users import UserDays

ORG = Scope("org", "acme")
TEAM = Scope("org", "acme", "core")
TODAY = date(2026, 11, 16)
SECOND, THIRD = date(2026, 11, 2), date(2026, 11, 3)


def counts(suggestions: int) -> dict[str, int]:
    return {
        "code_generation_activity_count": suggestions,
        "code_acceptance_activity_count": suggestions // 2,
        "loc_suggested_to_add_sum": suggestions * 2,
        "loc_added_sum": suggestions,
    }


def line(user: Any, day: date | str = SECOND, suggestions: int = 10, **fields: Any) -> dict[str, Any]:
    return {
        "user_id": user,
        "user_login": f"user-{user}",
        "day": str(day),
        "organization_id": "4711",
        "totals_by_ide": [{"ide": "vscode"}],
        "totals_by_feature": [{"feature": "code_completion", **counts(suggestions)}],
        "totals_by_language_feature": [{"language": "go", "feature": "code_completion", **counts(suggestions)}],
        "used_chat": False,
        **fields,
    }


def located(parse: Callable[..., Any], *args: Any) -> Any:
    """Call what reads a payload, and locate what it finds wrong as the record loop does."""
    try:
        return parse(*args)
    except InvalidPayload as error:
        raise error.located("it") from None


def add(*lines: Any, scope: Scope = ORG, listed: Any = None) -> UserDays:
    sums = UserDays(scope, listed)
    for each in lines:
        located(sums.add, each)
    return sums


def suggestions(sums: UserDays) -> dict[str, int | None]:
    return {str(record.day): record.total_suggestions_count for record in sums.records()}


def test_days_come_in_order_whatever_the_order_of_lines() -> None:
    sums = add(line(1, THIRD, 3), line(1, SECOND, 2), line(2, THIRD, 4))
    assert suggestions(sums) == {"2026-11-02": 2, "2026-11-03": 7}
    assert [record.source for record in sums.records()] == ["user-reports"] * 2


def test_an_identical_line_counts_once_and_a_conflicting_one_is_known() -> None:
    again = line(1, user_login="renamed", etl_id="blue")
    sums = add(line(1), again, line(2), line(1))
    assert suggestions(sums) == {"2026-11-02": 20}
    assert sums.conflicts == []
    sums.add(line(1, suggestions=99))
    sums.add(line(2, used_chat=True))
    assert suggestions(sums) == {"2026-11-02": 109}
    assert sums.conflicts == [SECOND]
    assert sums.records()[0].total_active_chat_users == 1


@pytest.mark.parametrize(
    "other",
    [
        {"suggestions": 11},
        {"totals_by_ide": [{"ide": "zed"}]},
        {"used_chat": True},
        {"totals_by_language_feature": []},
        {"totals_by_language_feature": None},
        {"totals_by_feature": None},
        {"totals_by_feature": [*line(1)["totals_by_feature"], {"feature": "chat_inline"}]},
    ],
)
def test_whatever_counts_makes_a_conflict(other: dict[str, Any]) -> None:
    assert add(line(1), line(1, **other)).conflicts == [SECOND]
    assert add(line(1), line(2, **other), line(1, THIRD, **other)).conflicts == []


@pytest.mark.parametrize(
    ("ides", "editor"),
    [
        (["vscode"], "vscode"),
        (["others"], "others"),
        (["An IDE of tomorrow"], "An IDE of tomorrow"),
        (["vscode", "intellij"], MULTIPLE),
        (["vscode", "vscode"], "vscode"),
        ([], MULTIPLE),
        ([None], MULTIPLE),
        (None, MULTIPLE),
        ([{"ide": "vscode", **counts(4)}, {"ide": "zed", **counts(0)}], "vscode"),
        ([{"ide": "vscode", **counts(0)}, {"ide": "zed", "loc_added_sum": 1}], "zed"),
        ([{"ide": "vscode", **counts(4)}, {"ide": "zed"}], "vscode"),
        ([{"ide": "vscode", **counts(4)}, {"ide": "zed", **counts(1)}], MULTIPLE),
        ([{"ide": "vscode", **counts(0)}, {"ide": "zed", **counts(0)}], MULTIPLE),
        ([{"ide": "vscode", **counts(0)}], "vscode"),
    ],
)
def test_exactly_one_ide_is_the_editor_and_all_else_is_multiple(ides: list[Any] | None, editor: str) -> None:
    rows = None if ides is None else [ide if isinstance(ide, dict) else {"ide": ide} for ide in ides]
    (record,) = add(line(1, totals_by_ide=rows)).records()
    assert [cell.editor for cell in record.breakdown or ()] == [editor]


def test_lines_without_arrays_leave_unknown_what_they_do_not_say() -> None:
    bare = {"user_id": 1, "day": "2026-11-02"}
    (record,) = add(bare).records()
    assert [getattr(record, name) for name in COUNTABLE_TOTALS] == [None] * 6
    assert (record.total_active_users, record.total_active_chat_users) == (None, None)
    assert (record.breakdown, record.user_bits) == (None, None)
    (record,) = add(bare, line(2)).records()
    assert (record.total_active_users, record.total_active_chat_users, record.total_suggestions_count) == (1, 0, 10)


def test_who_was_shown_nothing_known_is_an_unknown_number_of_users() -> None:
    unknown = [{"language": "go", "feature": "code_completion", "loc_added_sum": 3}]
    sums = add(line(1, totals_by_feature=unknown, totals_by_language_feature=unknown))
    (record,) = sums.records()
    assert (record.total_suggestions_count, record.total_active_users, record.total_lines_accepted) == (None, None, 3)
    assert [(cell.active_users, cell.user_bits) for cell in record.breakdown or ()] == [(None, None)]


def test_a_user_id_may_be_a_string_of_the_same_number() -> None:
    sums = add(line(7), line("7"), line(8.0), line(7, THIRD))
    assert suggestions(sums) == {"2026-11-02": 20, "2026-11-03": 10}
    listed = {SECOND: {7: "4711"}}
    assert suggestions(add(line("7"), line("8"), scope=TEAM, listed=listed)) == {"2026-11-02": 10}


@pytest.mark.parametrize("user", [None, "", "x7", "٣", 7.5, True, [7], "-7", "9" * 5000])
def test_a_line_without_the_number_of_a_user_is_refused(user: Any) -> None:
    with pytest.raises(NotUnderstood, match=r"^it is not a line of a users report: user_id is not a number$"):
        add(line(user))


@pytest.mark.parametrize("payload", [5, "text", None, [line(1)]])
def test_what_is_no_object_is_refused(payload: Any) -> None:
    with pytest.raises(NotUnderstood):
        add(payload)


def test_a_line_without_day_is_of_a_period() -> None:
    for period in ({**line(1), "day": None}, {key: value for key, value in line(1).items() if key != "day"}):
        with pytest.raises(WholePeriodLine):
            add(period)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"day": "yesterday"}, 'it, field day: "yesterday" is not a date'),
        ({"used_chat": "yes"}, "it, field used_chat: it is neither true nor false"),
        ({"totals_by_ide": [{"ide": 1}]}, "it, totals_by_ide, field ide: 1 is not a name"),
        ({"totals_by_ide": {}}, "it, field totals_by_ide: it is not a list of rows"),
        (
            {"totals_by_feature": [{"feature": "code_completion", "loc_added_sum": "3"}]},
            "it, totals_by_feature, field loc",
        ),
    ],
)
def test_wrong_types_are_named(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        add(line(1, **fields))
    assert caught.value.message.startswith(named)


def test_a_team_has_the_members_of_that_same_day_only() -> None:
    listed = {SECOND: {1: "4711", 2: "4711"}, THIRD: {2: "4711", 3: "4711"}}
    lines = [line(user, day, 10**user) for user in (1, 2, 3, 4) for day in (SECOND, THIRD)]
    assert suggestions(add(*lines, scope=TEAM, listed=listed)) == {"2026-11-02": 110, "2026-11-03": 1100}


@pytest.mark.parametrize(
    ("listed", "said", "counts"),
    [
        ("4711", "4711", True),
        ("4711", 4711, True),
        ("4711", "99", False),
        ("4711", None, True),
        ("", "99", True),
    ],
)
def test_members_are_joined_on_the_organization_too_compared_as_text(listed: str, said: Any, *, counts: bool) -> None:
    sums = add(line(1, organization_id=said), scope=TEAM, listed={SECOND: {1: listed}})
    assert suggestions(sums) == {"2026-11-02": 10 if counts else 0}


def test_an_enterprises_team_is_joined_on_the_enterprise() -> None:
    scope = Scope("enterprise", "mega", "ent:core")
    ours, theirs = line(1, enterprise_id="12", organization_id="5"), line(1, enterprise_id="13", organization_id="4711")
    for each, expected in ((ours, 10), (theirs, 0)):
        assert suggestions(add(each, scope=scope, listed={SECOND: {1: "12"}})) == {"2026-11-02": expected}


def test_an_idle_day_of_a_team_is_zero_and_a_day_without_a_report_is_no_day() -> None:
    listed = {SECOND: {1: "4711"}, THIRD: {1: "4711"}, date(2026, 11, 4): {2: "4711"}}
    records = add(line(1), line(9, date(2026, 11, 4)), scope=TEAM, listed=listed).records()
    assert [(record.day.day, record.total_active_users) for record in records] == [(2, 1), (4, 0)]
    assert [getattr(records[1], name) for name in COUNTABLE_TOTALS] == [0] * 6
    assert (records[1].total_active_chat_users, records[1].breakdown) == (0, ())


CREATED: Any = {"created_at": "2026-11-16T03:00:00Z"}
ENDED: Any = {"report_start_day": "2026-10-17", "report_end_day": "2026-11-13"}
NEXT: Any = {"report_start_day": "2026-10-18", "report_end_day": "2026-11-14"}


@pytest.mark.parametrize(("older", "newer"), [(ENDED, NEXT), (NEXT, CREATED), (ENDED, CREATED), ({}, ENDED)])
def test_of_two_statements_about_a_day_the_later_counts_whole(older: Any, newer: Any) -> None:
    old = [line(1, **older), line(2, **older), line(1, THIRD, **older)]
    new = [line(1, suggestions=3, **newer), line(3, suggestions=4, **newer)]
    for lines in permutations([*old, *new]):
        sums = add(*lines)
        assert suggestions(sums) == {"2026-11-02": 7, "2026-11-03": 10}
        assert sums.conflicts == []
        assert [record.total_active_users for record in sums.records()] == [2, 1]


def test_a_conflict_in_what_no_longer_counts_is_none() -> None:
    assert add(line(1, **ENDED), line(1, suggestions=3, **ENDED), line(1, **NEXT)).conflicts == []
    assert add(line(1, **ENDED), line(1, **NEXT), line(1, suggestions=3, **NEXT)).conflicts == [SECOND]


def test_a_line_without_details_takes_no_place() -> None:
    short = {"user_id": 1, "day": "2026-11-02", "used_chat": None}
    for lines in permutations([line(1), short]):
        assert suggestions(add(*lines)) == {"2026-11-02": 10}
        assert add(*lines).conflicts == []


def test_how_many_user_days_there_are_and_know_each_count() -> None:
    short = {"user_id": 2, "day": "2026-11-02", "used_agent": None}
    lines = {**counts(5), "loc_added_sum": None, "feature": "code_completion"}
    (record,) = add(line(1), short, line(3, totals_by_feature=[lines]), line(1)).records()
    assert record.user_days == UserDayCounts(3, 1, (2, 2, 2, 1, 2, 2, *[2] * 4, *[0] * 7), (2, 1, 2, 2), (0,) * 4)
    assert record.user_days.detailed == 2
    (idle,) = add(line(9), scope=TEAM, listed={SECOND: {1: "4711"}}).records()
    assert idle.user_days == UserDayCounts(0, 0, (0,) * 17, (0,) * 4, (0,) * 4)


def test_activity_by_ide_is_added_up() -> None:
    rows = [
        {"ide": "vscode", "loc_added_sum": 3, "code_generation_activity_count": 1},
        {"ide": "zed", "loc_added_sum": 4},
    ]
    (record,) = add(line(1, totals_by_ide=rows), line(2, totals_by_ide=rows[:1]), line(3, totals_by_ide=None)).records()
    assert [
        (row.names[0], row.loc_added_sum, row.code_generation_activity_count) for row in record.totals_by_ide or ()
    ] == [
        ("vscode", 6, 2),
        ("zed", 4, None),
    ]
    assert record.user_days is not None
    known = {name: record.user_days.of(name) for name in ACTIVITY_COUNTS}
    assert {name for name, count in known.items() if count} == {"loc_added_sum", "code_generation_activity_count"}
    assert (known["loc_added_sum"], known["code_generation_activity_count"]) == (2, 1)
    (record,) = add(line(1, totals_by_ide=None)).records()
    assert record.totals_by_ide is None


def test_threads_lose_nothing() -> None:
    sums = UserDays(ORG)

    def work(first: int) -> None:
        for user in range(first, 400, 4):
            sums.add(line(user, suggestions=1))

    threads = [Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (record,) = sums.records()
    assert (record.total_suggestions_count, record.total_active_users) == (400, 400)


def test_no_user_is_in_what_comes_out() -> None:
    text = repr(add(line(918273, user_login="octocat")).records())
    assert "918273" not in text
    assert "octocat" not in text


USER_DAYS = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.integers(0, 20).map(lambda n: SECOND - timedelta(days=n)),
        st.sampled_from(["vscode", "zed"]),
        st.sampled_from(["go", "c"]),
        st.integers(0, 2),
    ),
    min_size=1,
    unique_by=lambda each: each[:2],
)


@given(USER_DAYS)
def test_distinct_users_are_exact_over_days_and_rows(user_days: list[Any]) -> None:
    sums = UserDays(ORG)
    for user, day, editor, language, shown in user_days:
        rows = [{"language": language, "feature": "code_completion", **counts(shown)}]
        sums.add(line(user, day, shown, totals_by_ide=[{"ide": editor}], totals_by_language_feature=rows))
    for by, key in (
        ("week", lambda each: f"{each[1].isocalendar().year}-W{each[1].isocalendar().week:02}"),
        ("month", lambda each: str(each[1])[:7]),
        ("language", lambda each: each[3]),
        ("editor", lambda each: each[2]),
    ):
        table = build(Query(ORG, Period(), TODAY, by=(by,), source="user-reports"), FetchResult(sums.records())).table
        expected: dict[str, set[int]] = {key(each): set() for each in user_days}
        for each in user_days:
            expected[key(each)] |= {each[0]} if each[4] else set()
        found = {row[by]: row["distinct_users"] for row in table.rows}
        assert found == {name: len(users) for name, users in expected.items()}
    (whole,) = build(
        Query(ORG, Period(), TODAY, by=("total",), source="user-reports"), FetchResult(sums.records())
    ).table.rows
    assert whole["distinct_users"] == len({each[0] for each in user_days if each[4]})


def test_distinct_users_are_a_column_of_this_source_only_and_empty_for_days_from_elsewhere() -> None:
    records = add(line(1), line(2, THIRD)).records()
    elsewhere = DailyRecord(ORG, "usage", date(2026, 11, 9), 5, total_active_users=3)
    for by in (("week",), ("month",), ("total",)):
        for source in ("auto", "usage", "reports"):
            assert (
                "distinct_users"
                not in build(Query(ORG, Period(), TODAY, by=by, source=source), FetchResult(records)).table.columns
            )
        table = build(
            Query(ORG, Period(), TODAY, by=by, source="user-reports"), FetchResult([*records, elsewhere])
        ).table
        assert "distinct_users" in table.columns
        assert [row["distinct_users"] for row in table.rows] == ([2, None] if by == ("week",) else [None])
    assert (
        "distinct_users"
        not in build(
            Query(ORG, Period(), TODAY, by=("day",), source="user-reports"), FetchResult(records)
        ).table.columns
    )


def test_the_traps_of_whole_files() -> None:
    sums = UserDays(ORG)
    for name in ("reports-users-1.ndjson", "reports-users-2.ndjson"):
        for each in (DATA / name).read_text("utf-8").splitlines():
            sums.add(json.loads(each))
    days = {str(record.day): record for record in sums.records()}
    third = days["2026-11-03"]
    # By hand: users 101, 102 and 104, the first of them in both shards; chat by used_chat, or by prompts (104).
    assert (third.total_suggestions_count, third.total_acceptances_count, third.total_active_users) == (82, 24, 3)
    assert (third.total_chat_turns, third.total_active_chat_users) == (11, 2)
    cells = {(cell.language, cell.editor): cell.suggestions_count for cell in third.breakdown or ()}
    assert (cells["go", "vscode"], cells["go", MULTIPLE], cells["go", "intellij"]) == (10, 12, 8)
    assert cells["others", "intellij"] == 4
    assert days["2026-11-02"].total_chat_turns == 3
    assert sums.conflicts == [date(2026, 11, 4)]
    assert days["2026-11-04"].total_suggestions_count == 12


def test_the_peak_of_memory_hardly_grows_with_the_lines() -> None:
    def peak(days: int) -> int:
        tracemalloc.start()
        try:
            sums = UserDays(ORG)
            for n in range(days):
                for user in range(300):
                    sums.add(line(user, TODAY - timedelta(days=n)))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is made once
    # A line is 3 KB as objects; 100 to 200 bytes of it are kept, to know it again.
    assert peak(10) - peak(2) < 8 * 300 * 400
