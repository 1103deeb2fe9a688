from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import built

from copilot_usage_cli.model.arithmetic import (
    Completions,
    UserStatistics,
    at_least,
    breakdown_differs,
    completions,
    rate,
    total,
    user_statistics,
)
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord
from copilot_usage_cli.model.scope import Scope

DAY = date(2026, 11, 2)
ORG = Scope("org", "acme")
COUNTS = st.none() | st.integers(0, 10**6)
USERS = st.lists(COUNTS)


def record(**numbers: int) -> DailyRecord:
    return DailyRecord(ORG, "usage", DAY, **numbers)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "sum_"), [([], None), ([None], None), ([None, None], None), ([0], 0), ([None, 0], 0), ([1, None, 2], 3)]
)
def test_a_total_of_nothing_known_is_unknown(values: list[int | None], sum_: int | None) -> None:
    assert total(values) == sum_


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], None),
        ([(0, 0)], None),
        ([(5, 0)], None),
        ([(None, 10)], None),
        ([(5, None)], None),
        ([(0, 10)], 0.0),
        ([(1, 10), (9, 10)], 0.5),
        ([(1, 10), (None, 1000), (7, None)], 0.1),
        ([(1, 1), (0, 999)], 0.001),
    ],
)
def test_a_rate_is_a_sum_over_a_sum_where_both_are_known(
    pairs: list[tuple[int | None, int | None]], expected: float | None
) -> None:
    assert rate(pairs) == expected


@given(st.lists(st.tuples(COUNTS, COUNTS)))
def test_rates_are_sums_over_sums(pairs: list[tuple[int | None, int | None]]) -> None:
    known = [(above, below) for above, below in pairs if above is not None and below is not None]
    below = sum(below for _, below in known)
    assert rate(pairs) == (sum(above for above, _ in known) / below if below else None)


def test_users_have_a_mean_over_the_days_on_which_they_are_known_and_a_peak() -> None:
    assert user_statistics([7, 7, None, 1]) == UserStatistics(mean=5.0, peak=7, days=3)
    assert user_statistics([None]) == UserStatistics(None, None, 0)
    assert user_statistics([0]) == UserStatistics(0.0, 0, 1)


@given(USERS)
def test_the_mean_of_users_lies_between_their_least_and_their_peak(by_day: list[int | None]) -> None:
    known = [count for count in by_day if count is not None]
    found = user_statistics(by_day)
    assert found.days == len(known)
    if found.mean is not None and found.peak is not None:
        assert min(known) <= found.mean <= found.peak == max(known)


@given(USERS, USERS)
def test_more_days_never_raise_the_peak_above_the_largest_day(some: list[int | None], more: list[int | None]) -> None:
    peaks = [user_statistics(days).peak or 0 for days in (some, more, some + more)]
    assert peaks[2] == max(peaks[:2])


@given(st.lists(built(BreakdownRow, active_users=COUNTS)))
def test_at_least_is_one_cell_and_no_sum(cells: list[BreakdownRow]) -> None:
    known = [cell.active_users for cell in cells if cell.active_users is not None]
    assert at_least(cells) == (max(known) if known else None)


def test_completions_of_days_and_of_cells() -> None:
    days = [
        record(total_suggestions_count=10, total_acceptances_count=4, total_lines_suggested=20),
        record(total_suggestions_count=30, total_lines_suggested=20, total_lines_accepted=5),
    ]
    assert completions(days) == Completions(40, 4, 40, 5, 0.4, 0.25)
    cells = [BreakdownRow("go", "vim", 10, 4, 20, None, 1), BreakdownRow("go", "vim", 30, None, 20, 5, 1)]
    assert completions(cells) == Completions(40, 4, 40, 5, 0.4, 0.25)
    assert completions([]) == Completions(None, None, None, None, None, None)


@pytest.mark.parametrize(
    ("day_total", "cells", "differs"),
    [
        (10, (4, 6), False),
        (10, (4, 5), True),
        (10, (), True),
        (0, (), False),
        (10, None, False),
        (None, (4, 6), False),
        (10, (4, None), False),
    ],
)
def test_a_breakdown_differs_where_both_are_known_and_unequal(
    day_total: int | None, cells: tuple[int | None, ...] | None, *, differs: bool
) -> None:
    for name in ("suggestions_count", "acceptances_count", "lines_suggested", "lines_accepted"):
        rows = None if cells is None else tuple(BreakdownRow("go", "vim", **{name: cell}) for cell in cells)
        day = DailyRecord(ORG, "usage", DAY, breakdown=rows, **{f"total_{name}": day_total})  # type: ignore[arg-type]
        assert breakdown_differs(day) is differs
