"""What is kept of records that come again and again, and how many there may be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.model.activity import ActivityRow
from copilot_usage_cli.model.records import BreakdownRow, DailyRecord, days_of_several_sources, merge
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources import kept_days
from copilot_usage_cli.sources.kept_days import KeptDays, Room
from copilot_usage_cli.sources.payload import InvalidPayload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ORG = Scope("org", "acme")
DAYS = st.sampled_from([date(2026, 11, 2), date(2026, 11, 3)])
MOMENTS = st.none() | st.sampled_from([datetime(2026, 11, n, 3, 0, 0, 70, UTC) for n in (4, 5)])
RECORDS = st.builds(
    lambda source, day, users, stated: DailyRecord(ORG, source, day, total_active_users=users, stated_at=stated),
    st.sampled_from(["usage", "reports"]),
    DAYS,
    st.none() | st.integers(0, 2),
    MOMENTS,
)


def kept(records: Sequence[DailyRecord], room: Room | None = None) -> KeptDays:
    days = KeptDays(ORG, room or Room())
    for place, record in enumerate(records):
        days.add(record, place)
    return days


@given(st.lists(RECORDS, max_size=12))
def test_nothing_that_a_report_looks_at_is_lost(records: list[DailyRecord]) -> None:
    found = list(kept(records).records())
    assert merge(found) == merge(records)
    assert days_of_several_sources(found) == days_of_several_sources(records)
    assert {(each.day, each.is_blank) for each in found} == {(each.day, each.is_blank) for each in records}
    assert len(found) <= 2 * 2 * 2 * 2


def test_they_stay_in_the_order_in_which_they_came() -> None:
    first, second = (DailyRecord(ORG, "usage", date(2026, 11, n), 1) for n in (9, 2))
    assert list(kept([first, second]).records()) == [first, second]
    assert kept([first, second, first]).numbered() == [(1, second), (2, first)]


def row(n: int) -> BreakdownRow:
    return BreakdownRow(f"language-{n}", "vim", n)


@pytest.mark.parametrize(
    ("limit", "make", "problem"),
    [
        ("_MOST_REPEATS", lambda n: DailyRecord(ORG, "usage", date(2026, 11, 2), n), "is one of more than 9 of days"),
        (
            "_MOST_ROWS",
            lambda n: DailyRecord(ORG, "usage", date(2026, 11, 1 + n), breakdown=(row(1), row(1))),
            "all records of org:acme have over 9 rows",
        ),
        (
            "_MOST_ROWS",
            lambda n: DailyRecord(ORG, "usage", date(2026, 11, 1 + n), totals_by_ide=(ActivityRow(("vim",)),) * 3),
            "all records of org:acme have over 9 rows",
        ),
        (
            "_MOST_NAMES",
            lambda n: DailyRecord(ORG, "usage", date(2026, 11, 1), breakdown=(row(n),)),
            "there are over 9 languages and editors",
        ),
        ("_MOST_BYTES", lambda n: DailyRecord(ORG, "usage", date(2026, 11, 1 + n), n), "take more than 0 MiB"),
    ],
)
def test_there_is_a_limit_to_each(
    limit: str, make: Callable[[int], DailyRecord], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_days, limit, 9 if limit != "_MOST_BYTES" else 5000)
    with pytest.raises(InvalidPayload) as refused:
        kept([make(n) for n in range(20)])
    assert problem in refused.value.problem
    assert "read less at a time" in refused.value.hint


def test_what_gives_way_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_days, "_MOST_ROWS", 15)
    monkeypatch.setattr(kept_days, "_MOST_BYTES", 4000)
    same = [DailyRecord(ORG, "usage", date(2026, 11, 1), n, breakdown=(row(1),)) for n in range(50)]
    newer = [each._replace(stated_at=datetime(2026, 11, 4, n, tzinfo=UTC)) for n, each in enumerate(same[:20])]
    assert list(kept([*same, *newer]).records()) == newer[-1:]


def test_a_long_name_takes_the_room_of_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_days, "_MOST_ROWS", 100)
    long = BreakdownRow("x" * 10_000, "vim", 1)
    kept([DailyRecord(ORG, "usage", date(2026, 11, 1), breakdown=(long,))])
    with pytest.raises(InvalidPayload):
        kept([DailyRecord(ORG, "usage", date(2026, 11, 1), breakdown=(long, long))])


def test_there_are_not_more_scopes_than_a_report_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_days, "_MOST_SCOPES", 3)
    room = Room()
    for _ in range(3):
        KeptDays(ORG, room)
    with pytest.raises(InvalidPayload, match="one more than 3 scopes"):
        KeptDays(ORG, room)


def test_all_scopes_share_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_days, "_MOST_BYTES", 9000)
    room = Room()
    for _ in range(4):
        KeptDays(ORG, room)
    with pytest.raises(InvalidPayload):
        KeptDays(ORG, room)
