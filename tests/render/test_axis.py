"""The scale of charts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.render.axis import dated, short_day, ticks, writer
from copilot_usage_cli.report.chart import Slot

# No rate of people or lines is nearer to 0.
VALUES = st.lists(st.none() | st.just(0.0) | st.floats(1e-9, 1e12), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("values", "whole", "expected"),
    [
        ([86, None], True, [0, 25, 50, 75, 100]),
        ([3], True, [0, 1, 2, 3]),
        ([1], True, [0, 1]),
        ([7_545], True, [0, 2_000, 4_000, 6_000, 8_000]),
        ([0.298], False, [0, 0.1, 0.2, 0.3]),
        ([64.3], False, [0, 20, 40, 60, 80]),
        ([None, 0], True, [0, 1]),
    ],
)
def test_ticks_are_round(values: list[float | None], whole: bool, expected: list[float]) -> None:
    assert ticks(values, 4, whole=whole) == pytest.approx(expected)


@given(VALUES, st.booleans(), st.integers(2, 6))
def test_no_value_passes_the_scale_and_no_step_is_empty(values: list[float | None], whole: bool, steps: int) -> None:
    found = ticks(values, steps, whole=whole)
    most = max((value for value in values if value), default=0)
    assert found[0] == 0
    assert len(found) <= steps + 1
    assert found[-1] >= most * (1 - 1e-9)
    assert most == 0 or found[-2] < most * (1 + 1e-9)
    assert not whole or all(tick == int(tick) for tick in found)


@given(VALUES, st.booleans(), st.booleans())
def test_labels_differ_and_say_their_number(values: list[float | None], whole: bool, percent: bool) -> None:
    found = ticks(values, 4, whole=whole)
    if found[-1] < 0.001:
        return  # no count or rate of people is
    labels = list(map(writer(found, percent=percent), found))
    assert len(set(labels)) == len(labels)
    read = [float(label.rstrip("%").replace(",", "")) / (100 if percent else 1) for label in labels]
    assert read == pytest.approx(found, rel=1e-3)


def slots(first: date, days: int) -> list[Slot]:
    return [Slot(day, day, 1, "known") for day in (first + timedelta(days=n) for n in range(days))]


def test_dates_stand_at_mondays_and_at_the_first_day_where_it_has_room() -> None:
    four_weeks = slots(date(2026, 10, 21), 28)  # a Wednesday
    assert [short_day(four_weeks[n].first) for n in dated(four_weeks, 5)] == [
        "21 Oct", "26 Oct", "2 Nov", "9 Nov", "16 Nov",
    ]  # fmt: skip
    assert [short_day(four_weeks[n].first) for n in dated(four_weeks, 7)] == ["26 Oct", "2 Nov", "9 Nov", "16 Nov"]
    assert dated(four_weeks, 8) == [5, 19]
    assert dated(four_weeks[:5], 1) == [0, 1, 2, 3, 4]
    assert dated([], 3) == []
