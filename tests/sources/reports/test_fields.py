"""The mapping from today's reports to the classic daily record: a test for each row of its table."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.expected import DATA

from copilot_usage_cli.errors import NotUnderstood
from copilot_usage_cli.model.activity import NO_ACTIVITY, ActivityRow
from copilot_usage_cli.model.arithmetic import breakdown_differs
from copilot_usage_cli.model.records import COUNTABLE_TOTALS, BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.vocabulary import MULTIPLE
from copilot_usage_cli.sources.payload import InvalidPayload
from copilot_usage_cli.sources.reports.aggregated import parse_aggregated
from copilot_usage_cli.sources.reports.fields import OTHERS, read_counters
from copilot_usage_cli.sources.reports.users import UserDays

ORG = Scope("org", "acme")
# Every counter differs, so that none can stand in for another.
TOP = {
    "user_initiated_interaction_count": 9001,
    "code_generation_activity_count": 9002,
    "code_acceptance_activity_count": 9003,
    "loc_suggested_to_add_sum": 9004,
    "loc_suggested_to_delete_sum": 9005,
    "loc_added_sum": 9006,
    "loc_deleted_sum": 9007,
}


def row(prompts: int, generations: int, acceptances: int, lines: int, added: int, **names: Any) -> dict[str, Any]:
    return {
        **names,
        "user_initiated_interaction_count": prompts,
        "code_generation_activity_count": generations,
        "code_acceptance_activity_count": acceptances,
        "loc_suggested_to_add_sum": lines,
        "loc_suggested_to_delete_sum": 70,
        "loc_added_sum": added,
        "loc_deleted_sum": 80,
    }


FEATURES = [
    row(0, 100, 30, 210, 55, feature="code_completion"),
    row(3, 400, 5, 600, 700, feature="chat_inline"),
    row(10, 401, 6, 601, 701, feature="chat_panel_ask_mode"),
    row(20, 402, 7, 602, 702, feature="chat_panel_agent_mode"),
    row(40, 403, 8, 603, 703, feature="chat_panel_a_mode_of_tomorrow"),
    row(500, 404, 900, 604, 704, feature="agent_edit"),
    row(501, 405, 901, 605, 705, feature="copilot_cli"),
    row(502, 406, 902, 606, 706, feature="copilot_app"),
    row(503, 407, 903, 607, 707, feature="others"),
    row(504, 408, 904, 608, 708, feature="chat"),
    row(505, 409, 905, 609, 709),
]
LANGUAGES = [
    row(0, 60, 20, 120, 30, language="python", feature="code_completion"),
    row(0, 900, 901, 902, 903, language="python", feature="chat_inline"),
    row(0, 40, 10, 90, 25, language="go", feature="code_completion"),
    row(0, 904, 905, 906, 907, language="others", feature="others"),
]
IDES = [row(11, 12, 13, 14, 15, ide="vscode"), row(21, 22, 23, 24, 25, ide="others")]


def located(parse: Callable[..., Any], *args: Any) -> Any:
    """Call what reads a payload, and locate what it finds wrong as the record loop does."""
    try:
        return parse(*args)
    except InvalidPayload as error:
        raise error.located("it") from None


def aggregate(**fields: Any) -> DailyRecord:
    whole = {
        "day": "2026-11-02",
        "daily_active_users": 17,
        "monthly_active_chat_users": 99,
        **TOP,
        "totals_by_feature": FEATURES,
        "totals_by_language_feature": LANGUAGES,
        "totals_by_ide": IDES,
    }
    record: DailyRecord = located(parse_aggregated, {**whole, **fields}, ORG)
    return record


def line(user: int, **fields: Any) -> dict[str, Any]:
    whole = {
        "user_id": user,
        "day": "2026-11-02",
        **TOP,
        "totals_by_feature": FEATURES,
        "totals_by_language_feature": LANGUAGES,
        "totals_by_ide": IDES[:1],
        "used_chat": True,
    }
    return {**whole, **fields}


def users(*lines: dict[str, Any]) -> DailyRecord:
    sums = UserDays(ORG)
    for each in lines:
        located(sums.add, each)
    (record,) = sums.records()
    return record


def rows(record: DailyRecord) -> list[BreakdownRow]:
    """The rows without their sets of users."""
    return [row._replace(user_bits=None) for row in record.breakdown or ()]


def no_completions(**fields: Any) -> dict[str, Any]:
    return {"totals_by_feature": FEATURES[1:], "totals_by_language_feature": [], **fields}


def both() -> list[tuple[DailyRecord, int]]:
    """An aggregated record, and one of two users with the same numbers each: with how many times the numbers."""
    return [(aggregate(), 1), (users(line(1), line(2)), 2)]


def test_day() -> None:
    for record, _ in both():
        assert record.day == date(2026, 11, 2)


def test_total_suggestions_count() -> None:
    for record, times in both():
        assert record.total_suggestions_count == 100 * times


def test_total_acceptances_count() -> None:
    for record, times in both():
        assert record.total_acceptances_count == 30 * times


def test_total_lines_suggested() -> None:
    for record, times in both():
        assert record.total_lines_suggested == 210 * times


def test_total_lines_accepted() -> None:
    for record, times in both():
        assert record.total_lines_accepted == 55 * times


def test_total_active_users() -> None:
    assert aggregate().total_active_users == 17
    shown_none = [row(5, 0, 3, 3, 3, feature="code_completion")]
    record = users(line(1), line(2), line(3, **no_completions()), line(4, totals_by_feature=shown_none))
    assert record.total_active_users == 2


def test_total_chat_acceptances() -> None:
    for record, times in both():
        assert record.total_chat_acceptances == (5 + 6 + 7 + 8) * times


def test_total_chat_turns() -> None:
    for record, times in both():
        assert record.total_chat_turns == (3 + 10 + 20 + 40) * times


def test_total_active_chat_users() -> None:
    assert aggregate().total_active_chat_users is None
    quiet = {"totals_by_feature": FEATURES[:1], "used_chat": None}
    record = users(
        line(1),
        line(2, used_chat=None),  # absent on real lines: then the prompts tell
        line(3, used_chat=False),
        line(4, **quiet),
        line(5, **{**quiet, "used_chat": True}),
    )
    assert record.total_active_chat_users == 3


def test_breakdown_language_by_editor() -> None:
    assert {cell.editor for cell in aggregate().breakdown or ()} == {None}
    record = users(line(1), line(2, totals_by_ide=IDES), line(3, totals_by_ide=[]))
    assert {(cell.language, cell.editor): cell.suggestions_count for cell in record.breakdown or ()} == {
        ("python", "vscode"): 60,
        ("go", "vscode"): 40,
        ("python", MULTIPLE): 120,
        ("go", MULTIPLE): 80,
    }


def test_by_language_suggestions_acceptances_and_lines() -> None:
    assert aggregate().breakdown == (
        BreakdownRow("python", None, 60, 20, 120, 30),
        BreakdownRow("go", None, 40, 10, 90, 25),
    )
    assert rows(users(line(1), line(2))) == [
        BreakdownRow("python", "vscode", 120, 40, 240, 60, 2),
        BreakdownRow("go", "vscode", 80, 20, 180, 50, 2),
    ]


def test_by_language_active_users() -> None:
    assert {cell.active_users for cell in aggregate().breakdown or ()} == {None}
    only_accepted = [row(0, 0, 4, 4, 4, language="go", feature="code_completion")]
    only_chat = [row(0, 9, 4, 4, 4, language="go", feature="chat_inline")]
    record = users(
        line(1),
        line(2, totals_by_language_feature=LANGUAGES[2:]),
        line(3, totals_by_language_feature=only_accepted),
        line(4, totals_by_language_feature=only_chat),
    )
    active = {cell.language: cell.active_users for cell in record.breakdown or ()}
    assert (active["python"], active["go"]) == (1, 2)


def test_by_editor_suggestions_acceptances_and_lines() -> None:
    record = users(line(1), line(2), line(3, totals_by_ide=[{"ide": "intellij"}]), line(4, totals_by_ide=IDES))
    sums: dict[str | None, Counter[str]] = defaultdict(Counter)
    for cell in record.breakdown or ():
        sums[cell.editor]["suggestions"] += cell.suggestions_count or 0
        sums[cell.editor]["lines accepted"] += cell.lines_accepted or 0
    assert sums == {
        "vscode": {"suggestions": 200, "lines accepted": 110},
        "intellij": {"suggestions": 100, "lines accepted": 55},
        MULTIPLE: {"suggestions": 100, "lines accepted": 55},
    }


def test_by_editor_active_users() -> None:
    record = users(line(1), line(2), line(3, totals_by_ide=IDES), line(4, totals_by_ide=[{"ide": None}]))
    sets: Counter[str | None] = Counter()
    for cell in record.breakdown or ():
        sets[cell.editor] |= cell.user_bits or 0
    assert {editor: members.bit_count() for editor, members in sets.items()} == {"vscode": 2, MULTIPLE: 2}


def test_totals_by_ide_are_githubs_own_rows() -> None:
    assert aggregate().totals_by_ide == (
        ActivityRow(("vscode",), 11, 12, 13, 14, 70, 15, 80),
        ActivityRow(("others",), 21, 22, 23, 24, 70, 25, 80),
    )
    assert aggregate(totals_by_ide=None).totals_by_ide is None
    assert aggregate(totals_by_ide=[]).totals_by_ide == ()
    assert aggregate(totals_by_ide=[{"ide": "zed"}]).totals_by_ide == (ActivityRow(("zed",)),)


def test_no_row_of_completions_is_zero_and_no_array_is_unknown() -> None:
    none = aggregate(totals_by_feature=FEATURES[5:], totals_by_language_feature=[])
    assert [getattr(none, name) for name in COUNTABLE_TOTALS] == [0] * 6
    assert none.breakdown == ()
    for fields in ({"totals_by_feature": None}, {"totals_by_feature": None, "totals_by_language_feature": None}):
        unknown = aggregate(**fields)
        assert [getattr(unknown, name) for name in COUNTABLE_TOTALS] == [None] * 6
        assert (unknown.breakdown is None) == ("totals_by_language_feature" in fields)


def test_an_absent_counter_is_unknown() -> None:
    record = aggregate(
        totals_by_feature=[{"feature": "code_completion", "loc_added_sum": 0}, {"feature": "chat_inline"}]
    )
    assert record.total_suggestions_count is record.total_lines_suggested is None
    assert record.total_lines_accepted == 0
    assert record.total_chat_turns is None
    empty = parse_aggregated({"day": "2026-11-02", "daily_active_users": 0}, ORG)
    assert empty == DailyRecord(ORG, "reports", date(2026, 11, 2), total_active_users=0)


def test_an_unknown_counter_hides_no_other() -> None:
    known, unknown = row(2, 9, 3, 4, 5, feature="chat_inline"), {"feature": "chat_panel_ask_mode"}
    record = aggregate(totals_by_feature=[known, unknown, *FEATURES[:1], {"feature": "code_completion"}])
    assert (record.total_chat_turns, record.total_chat_acceptances, record.total_suggestions_count) == (2, 3, 100)


def test_what_the_ten_largest_rows_leave_is_in_a_row_of_others() -> None:
    record = aggregate(totals_by_language_feature=LANGUAGES[:2])
    assert record.breakdown == (
        BreakdownRow("python", None, 60, 20, 120, 30),
        BreakdownRow(OTHERS, None, 40, 10, 90, 25),
    )
    assert not breakdown_differs(record)


def test_the_rest_is_added_to_githubs_own_others() -> None:
    own = row(0, 10, 1, 10, 1, language="others", feature="code_completion")
    record = aggregate(totals_by_language_feature=[*LANGUAGES[:2], own])
    assert (record.breakdown or ())[1:] == (BreakdownRow(OTHERS, None, 40, 10, 90, 25),)
    assert not breakdown_differs(record)


def test_no_rest_makes_no_row() -> None:
    assert OTHERS not in {cell.language for cell in aggregate().breakdown or ()}


def test_a_negative_rest_is_no_row_but_a_day_that_differs() -> None:
    more = row(0, 1, 0, 0, 40, language="rust", feature="code_completion")
    record = aggregate(totals_by_language_feature=[LANGUAGES[0], more])  # lines accepted: 55 - 30 - 40
    assert [cell.language for cell in record.breakdown or ()] == ["python", "rust"]
    assert breakdown_differs(record)


def test_the_rest_of_an_unknown_total_is_unknown() -> None:
    feature = {**FEATURES[0]}
    del feature["loc_added_sum"]
    record = aggregate(totals_by_feature=[feature], totals_by_language_feature=LANGUAGES[:1])
    assert (record.breakdown or ())[1:] == (BreakdownRow(OTHERS, None, 40, 10, 90, None),)


def test_without_totals_by_feature_nothing_is_known_to_be_left() -> None:
    record = aggregate(totals_by_feature=None, totals_by_language_feature=LANGUAGES[:1])
    assert record.breakdown == (BreakdownRow("python", None, 60, 20, 120, 30),)


def test_a_users_rest_is_booked_under_his_own_editor() -> None:
    record = users(line(1, totals_by_language_feature=LANGUAGES[:1]), line(2))
    assert rows(record)[1] == BreakdownRow(OTHERS, "vscode", 40, 10, 90, 25, 1)


def test_the_rows_of_a_language_are_added_up_and_a_null_language_is_a_row() -> None:
    rows = [LANGUAGES[0], {**LANGUAGES[2], "language": "python"}]
    assert aggregate(totals_by_language_feature=rows).breakdown == (BreakdownRow("python", None, 100, 30, 210, 55),)
    rows[1] = {**LANGUAGES[2], "language": None}
    assert [cell.language for cell in aggregate(totals_by_language_feature=rows).breakdown or ()] == ["python", None]


def test_unknown_fields_and_values_are_kept_quiet() -> None:
    assert aggregate(totals_by_something=[{"x": {}}], etl_id="green", day_partition=7) == aggregate()
    odd = row(7, 7, 7, 7, 7, feature="a_feature_of_tomorrow", extra=[{}])
    more = aggregate(totals_by_feature=[*FEATURES, odd])
    assert more._replace(activity=NO_ACTIVITY) == aggregate()._replace(activity=NO_ACTIVITY)
    assert (more.activity.totals_by_feature or ())[-1].names == ("a_feature_of_tomorrow",)
    assert users(line(1, ai_credits_used=0.5, used_agent="?", new={"a": [1]})) == users(line(1))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"daily_active_users": "17"}, 'it (2026-11-02), field daily_active_users: "17" is not a count'),
        ({"daily_active_users": -1}, "it (2026-11-02), field daily_active_users: -1 is not a count"),
        ({"daily_active_users": True}, "it (2026-11-02), field daily_active_users: true is not a count"),
        ({"totals_by_feature": {}}, "it (2026-11-02), field totals_by_feature: it is not a list of rows"),
        ({"totals_by_feature": [1]}, "it (2026-11-02), field totals_by_feature: a row of it is not an object"),
        ({"totals_by_feature": [{"feature": 5}]}, "it (2026-11-02), totals_by_feature, field feature: 5 is not a name"),
        (
            {"totals_by_feature": [{**FEATURES[0], "loc_added_sum": 1.5}]},
            "it (2026-11-02), totals_by_feature, field loc_added_sum: 1.5 is not a count",
        ),
        (
            {"totals_by_feature": [{"feature": "chat_inline", "user_initiated_interaction_count": "2"}]},
            'it (2026-11-02), totals_by_feature, field user_initiated_interaction_count: "2" is not a count',
        ),
        ({"totals_by_language_feature": "x"}, "it (2026-11-02), field totals_by_language_feature: it is not a list"),
        (
            {"totals_by_language_feature": [{**LANGUAGES[0], "language": ["c"]}]},
            "it (2026-11-02), totals_by_language_feature, field language: a list is not a name",
        ),
        (
            {"totals_by_language_feature": [{**LANGUAGES[0], "code_generation_activity_count": 2**53 + 1}]},
            "it (2026-11-02), totals_by_language_feature, field code_generation_activity_count: 9007199254740993 is no",
        ),
        ({"totals_by_ide": 3}, "it (2026-11-02), field totals_by_ide: it is not a list of rows"),
        ({"totals_by_ide": [{"ide": 3}]}, "it (2026-11-02), totals_by_ide, field ide: 3 is not a name"),
        ({"day": "2026-11-31"}, 'it, field day: "2026-11-31" is not a date'),
        ({"day": "2026-11-02T00:00:00Z"}, 'it, field day: "2026-11-02T00:00:00Z" is not a date'),
        ({"day": None}, "it has no day"),
    ],
)
def test_wrong_types_are_named_with_record_and_field(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        aggregate(**fields)
    assert caught.value.message.startswith(named)
    assert caught.value.exit_code == 7


def test_counts_up_to_the_largest_exact_number_are_taken() -> None:
    most = row(2**53, 2**53, 2**53, 2**53, 2**53, feature="code_completion")
    assert read_counters({"totals_by_feature": [most]}).completions == (2**53,) * 4


def test_the_traps_of_a_whole_report() -> None:
    report = json.loads((DATA / "reports-28-day.json").read_text("utf-8"))
    records = {day["day"]: parse_aggregated(day, ORG) for day in report["day_totals"]}
    assert list(records) != sorted(records)
    # By hand: 61 - (20 + 11 + 7 + 5 + 4 + 3 + 2 + 2 + 1 + 1) = 5 suggestions, 1 of 5 others GitHub's own.
    (others,) = [cell for cell in records["2026-11-03"].breakdown or () if cell.language == OTHERS]
    assert others == BreakdownRow(OTHERS, None, 5, 2, 9, 3)
    assert records["2026-11-04"].total_suggestions_count == 0
    assert breakdown_differs(records["2026-11-05"])
    assert records["2026-11-06"] == DailyRecord(ORG, "reports", date(2026, 11, 6), total_active_users=0)


EVENTS = st.lists(
    st.tuples(
        st.integers(1, 4),  # a user
        st.sampled_from(["vscode", "intellij", "zed"]),
        st.sampled_from(["code_completion", "chat_inline", "chat_panel_ask_mode", "agent_edit", "copilot_cli"]),
        st.sampled_from([*"abcdefghijklmno", "others"]),  # languages, more than GitHub lists
        st.tuples(*[st.integers(0, 5)] * 5),
    ),
    min_size=1,
    max_size=40,
)
NAMES = (
    "user_initiated_interaction_count",
    "code_generation_activity_count",
    "code_acceptance_activity_count",
    "loc_suggested_to_add_sum",
    "loc_added_sum",
)


def totals_by(events: list[Any], **keys: int) -> list[dict[str, Any]]:
    sums: dict[tuple[str, ...], list[int]] = {}
    for event in events:
        key = tuple(event[n] for n in keys.values())
        sums[key] = [a + b for a, b in zip(sums.get(key, [0] * 5), event[4], strict=True)]
    return [dict(zip(keys, key, strict=True)) | dict(zip(NAMES, counts, strict=True)) for key, counts in sums.items()]


def capped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the ten largest rows and add the rest up in (others, others), as GitHub does."""
    largest = sorted(rows, key=lambda row: -row[NAMES[1]])
    rest = {name: sum(row[name] for row in largest[10:]) for name in NAMES}
    return largest[:10] + ([{"language": "others", "feature": "others"} | rest] if largest[10:] else [])


def arrays(events: list[Any]) -> dict[str, Any]:
    return {
        "totals_by_ide": totals_by(events, ide=1),
        "totals_by_feature": totals_by(events, feature=2),
        "totals_by_language_feature": capped(totals_by(events, language=3, feature=2)),
    }


@given(EVENTS)
def test_aggregate_and_users_of_the_same_events_agree(events: list[Any]) -> None:
    day = {"day": "2026-11-02"}
    whole = parse_aggregated({**day, **arrays(events)}, ORG)
    sums = UserDays(ORG)
    for user in sorted({event[0] for event in events}):
        sums.add({**day, "user_id": user, **arrays([event for event in events if event[0] == user])})
    (added,) = sums.records()
    assert [getattr(added, name) for name in COUNTABLE_TOTALS] == [getattr(whole, name) for name in COUNTABLE_TOTALS]
    assert not breakdown_differs(whole)
    assert not breakdown_differs(added)
    uncapped = len(arrays(events)["totals_by_language_feature"]) <= 10
    if uncapped:  # then no language is hidden in anybody's rest
        assert languages(added) == languages(whole)
    else:  # a user's ten rows name at least what the whole's ten rows name
        assert sum(map(sum, languages(added).values())) == sum(map(sum, languages(whole).values()))


def languages(record: DailyRecord) -> dict[str | None, tuple[int, ...]]:
    sums: dict[str | None, tuple[int, ...]] = {}
    for cell in record.breakdown or ():
        four = (cell.suggestions_count, cell.acceptances_count, cell.lines_suggested, cell.lines_accepted)
        before = sums.get(cell.language, (0,) * 4)
        sums[cell.language] = tuple(a + (b or 0) for a, b in zip(before, four, strict=True))
    return {language: four for language, four in sums.items() if any(four)}
