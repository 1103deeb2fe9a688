from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import built

from copilot_usage_cli.model.records import CELL_FIELDS, COUNTABLE_TOTALS, TOTALS, BreakdownRow, DailyRecord, merge
from copilot_usage_cli.model.scope import Scope

ORG = Scope("org", "acme")
DAY = date(2026, 11, 2)
FIRST = DailyRecord(ORG, "usage", DAY, total_active_users=1)
SECOND = FIRST._replace(total_active_users=2)

RECORDS = st.lists(
    built(
        DailyRecord,
        scope=st.just(ORG),
        source=st.just("usage"),
        day=st.dates(date(2026, 11, 1), date(2026, 11, 9)),
        total_active_users=st.none() | st.integers(0, 3),
        breakdown=st.none() | st.just((BreakdownRow("go", "vim"),)),
    ),
    max_size=12,
)


def test_the_fields_are_githubs_by_githubs_names() -> None:
    assert TOTALS == (
        "total_suggestions_count",
        "total_acceptances_count",
        "total_lines_suggested",
        "total_lines_accepted",
        "total_active_users",
        "total_chat_acceptances",
        "total_chat_turns",
        "total_active_chat_users",
    )
    assert list(DailyRecord._fields[:12]) == ["scope", "source", "day", *TOTALS, "breakdown"]
    assert BreakdownRow._fields[:7] == CELL_FIELDS
    assert set(TOTALS) - set(COUNTABLE_TOTALS) == {"total_active_users", "total_active_chat_users"}


def test_what_is_not_given_is_unknown() -> None:
    day = DailyRecord(ORG, "usage", DAY)
    assert [getattr(day, name) for name in (*TOTALS, "breakdown")] == [None] * 9
    assert [getattr(BreakdownRow(), name) for name in CELL_FIELDS] == [None] * 7


def test_records_are_frozen() -> None:
    with pytest.raises(AttributeError):
        FIRST.day = DAY  # type: ignore[misc]


def test_an_identical_repeat_counts_once() -> None:
    assert merge([FIRST, FIRST, FIRST._replace()]) == ((FIRST,), ())


def test_of_two_that_differ_the_last_read_wins_and_the_day_is_told() -> None:
    assert merge([FIRST, SECOND]) == ((SECOND,), (DAY,))
    assert merge([SECOND, FIRST]) == ((FIRST,), (DAY,))
    assert merge([FIRST, SECOND, FIRST]) == ((FIRST,), (DAY,))
    assert merge([FIRST, FIRST._replace(breakdown=())]) == ((FIRST._replace(breakdown=()),), (DAY,))


def test_scopes_in_another_case_are_the_same_scope() -> None:
    assert merge([FIRST, FIRST._replace(scope=Scope("org", "ACME"))])[1] == ()


def test_days_come_out_in_order() -> None:
    days = [FIRST._replace(day=date(2026, month, 1)) for month in (11, 2, 7)]
    assert [record.day.month for record in merge(days)[0]] == [2, 7, 11]


@given(RECORDS, st.data())
def test_pages_in_any_order_with_identical_repeats_give_the_same_records(
    records: list[DailyRecord], data: st.DataObject
) -> None:
    unique, conflicts = merge(records)
    assert [record.day for record in unique] == sorted({record.day for record in records})
    assert set(unique) <= set(records)
    assert set(conflicts) <= {record.day for record in records}
    repeats = data.draw(st.lists(st.sampled_from(unique), max_size=6)) if unique else []
    shuffled = data.draw(st.permutations([*unique, *repeats]))
    assert merge(shuffled) == (unique, ())
