"""Records that are packed come back as they were."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.strategies import aggregates

from copilot_usage_cli.model.activity import NO_ACTIVITY, ActivityRow
from copilot_usage_cli.model.aggregates import NO_AGGREGATES
from copilot_usage_cli.model.records import COUNTED, RATED, BreakdownRow, DailyRecord, UserDayCounts
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.packing import PackedRecords, pack

SCOPE = Scope("org", "acme", "core")
counts = st.none() | st.integers(0, 2**70)
names = st.none() | st.text(max_size=5)
rows = st.none() | st.lists(st.builds(BreakdownRow, names, names, *[counts] * 6), max_size=3).map(tuple)
ides = st.none() | st.lists(st.builds(ActivityRow, st.tuples(names), *[counts] * 7), max_size=3).map(tuple)
moments = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
known = st.builds(
    UserDayCounts,
    st.integers(0, 9),
    st.integers(0, 9),
    st.tuples(*[st.integers(0, 9)] * len(COUNTED)),
    st.just(()) | st.tuples(*[st.integers(0, 9)] * len(RATED)),
)
records = st.builds(
    DailyRecord.of,
    st.just(SCOPE),
    st.sampled_from(["user-reports", "usage"]),
    st.dates(),
    st.tuples(*[counts] * 8),
    rows,
    ides,
    counts,
    moments,
    st.none() | known,
    st.just(NO_ACTIVITY),
    st.just(NO_AGGREGATES) | aggregates(names, counts),
)


@given(st.lists(records, max_size=4))
def test_they_come_back_as_they_were(given: list[DailyRecord]) -> None:
    packed = PackedRecords(SCOPE, [pack(record) for record in given])
    assert packed == given
    assert list(packed) == given == list(packed)
    assert packed[1:] == given[1:]
    assert len(packed) == len(given)
    assert packed != [*given, None]


def test_one_can_be_looked_at() -> None:
    record = DailyRecord(SCOPE, "user-reports", date(2026, 11, 2), 7, breakdown=(BreakdownRow("go", None, 7),))
    packed = PackedRecords(SCOPE, [pack(record)])
    assert packed[0] == packed[-1] == record
    with pytest.raises(IndexError):
        packed[1]
