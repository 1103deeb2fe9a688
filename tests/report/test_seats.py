from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.model.seats import Seat, Seats, one_a_person
from copilot_usage_cli.report.seats import BY, SeatsQuery, seats_view, status_of
from copilot_usage_cli.report.view import Circumstances

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HERE = Circumstances(NOW)
ORG, MEGA = Scope("org", "acme"), Scope("enterprise", "mega")
STATUSES = ("active", "idle", "none_in_90_days", "not_used_yet")


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("last", "granted", "status"),
    [
        (0, 500, "active"),
        (30, 500, "active"),
        (30.1, 500, "idle"),
        (89, 500, "idle"),
        (120, 500, "idle"),
        (None, 90.1, "none_in_90_days"),
        (None, 90, "not_used_yet"),
        (None, 0, "not_used_yet"),
    ],
)
def test_how_a_seat_is_used(last: float | None, granted: float, status: str) -> None:
    seat = Seat(1, "a", ago(granted), None if last is None else ago(last))
    assert status_of(seat, NOW, 30) == status


def test_a_seat_that_ended_is_not_ending() -> None:
    seats = [Seat(n, "a", ago(9), ends=NOW.date() + timedelta(days=n)) for n in (-1, 0, 1)]
    (row,) = seats_view([(ORG, Seats(tuple(seats), 3))], SeatsQuery(), HERE).data.rows
    assert row["pending_cancellation"] == 2


def test_idle_after_is_a_number_of_days() -> None:
    seat = Seat(1, "a", ago(500), ago(10))
    assert [status_of(seat, NOW, days) for days in (9, 10, 11)] == ["idle", "active", "active"]


seats = st.builds(
    Seat,
    st.none() | st.integers(1, 8),
    st.just("a"),
    st.integers(0, 200).map(ago),
    st.none() | st.integers(0, 120).map(ago),
    st.none() | st.sampled_from(["vscode/1.2", "Neovim", ""]),
    st.none() | st.just(date(2026, 12, 1)),
    st.sampled_from(["business", "enterprise", "unknown", None]),
    st.lists(st.sampled_from(["acme/core", "acme/web", "ent:core"]), unique=True, max_size=2).map(tuple),
    st.lists(st.sampled_from(["acme", "globex"]), unique=True, max_size=2).map(tuple),
)


@given(st.lists(seats), st.integers(1, 90))
def test_the_four_ways_of_use_add_up_to_the_seats(objects: list[Seat], idle_after: int) -> None:
    people = one_a_person(objects)
    (row,) = seats_view([(ORG, Seats(people, len(objects)))], SeatsQuery(idle_after), HERE).data.rows
    assert row["seats"] == len(people)
    assert sum(int(str(row[name])) for name in STATUSES) == len(people)
    assert int(str(row["pending_cancellation"])) <= len(people)


@given(st.lists(seats), st.sampled_from(["plan", "editor", "last-active"]))
def test_what_a_person_has_one_of_adds_up_to_the_seats(objects: list[Seat], by: str) -> None:
    people = one_a_person(objects)
    view = seats_view([(ORG, Seats(people, len(objects)))], SeatsQuery(by=by), HERE)
    assert sum(int(str(row["seats"])) for row in view.data.rows) == len(people)


@given(st.lists(seats))
def test_a_person_of_several_teams_counts_in_each_row_and_the_note_tells_the_whole(objects: list[Seat]) -> None:
    people = one_a_person(objects)
    view = seats_view([(MEGA, Seats(people, len(objects)))], SeatsQuery(by="team"), HERE)
    several = [seat for seat in people if len(seat.teams) > 1]
    assert sum(int(str(row["seats"])) for row in view.data.rows) == sum(max(1, len(seat.teams)) for seat in people)
    assert any("more than one team" in note for note in view.notes) == bool(several)


@given(st.lists(seats, max_size=5), st.sampled_from([None, *BY]), st.booleans())
def test_the_columns_depend_on_the_options_alone(objects: list[Seat], by: str | None, users: bool) -> None:
    query = SeatsQuery(by=None if users else by, users=users)
    some = seats_view([(ORG, Seats(one_a_person(objects), len(objects)))], query, HERE).data
    none = seats_view([(ORG, Seats((), 0))], query, HERE).data
    assert some.columns == none.columns
    assert all(set(row) >= set(some.columns) for row in some.rows)


def test_no_name_is_in_a_view_that_wasnt_asked_for_names() -> None:
    people = (Seat(1, "sentinel", ago(9), ago(1), "vscode/1", None, "business", ("acme/core",), ("acme",)),)
    for by in (None, *BY):
        assert "sentinel" not in repr(seats_view([(ORG, Seats(people, 1))], SeatsQuery(by=by), HERE))
    assert "sentinel" in repr(seats_view([(ORG, Seats(people, 1))], SeatsQuery(users=True), HERE))


def test_a_list_that_isnt_whole_is_told() -> None:
    people = tuple(Seat(n, "a", ago(9)) for n in range(1, 51))
    notes = seats_view([(ORG, Seats(people, 50, 239))], SeatsQuery(), HERE).notes
    assert notes[0].startswith("GitHub counts 239 seats, and its list has 50")
    for total in (50, None):
        assert "counts" not in seats_view([(ORG, Seats(people, 50, total))], SeatsQuery(), HERE).notes[0]


def test_a_person_twice_is_told_and_counts_once() -> None:
    people = one_a_person([Seat(1, "a", ago(9)), Seat(1, "a", ago(8)), Seat(2, "b", ago(9))])
    view = seats_view([(ORG, Seats(people, 3, 2))], SeatsQuery(), HERE)
    assert view.notes[0] == "1 seat of people who have another one: each person counts once"
    assert view.data.rows[0]["seats"] == 2
