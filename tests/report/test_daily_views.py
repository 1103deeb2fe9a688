"""Active people, pull requests and adoption: what is shown of daily records, and beside those of another period."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_usage_cli.model.aggregates import (
    ACTIVE_USERS,
    MEDIANS,
    PULL_REQUESTS,
    Aggregates,
    Engagement,
    Phase,
    PullRequests,
)
from copilot_usage_cli.model.fetch_result import FetchResult
from copilot_usage_cli.model.period import Period
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.records import DailyRecord
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.render import render
from copilot_usage_cli.render.screen import Screen
from copilot_usage_cli.report import active, adoption, pull_requests
from copilot_usage_cli.report.daily_view import DayFound
from copilot_usage_cli.report.days import Days, select_days
from copilot_usage_cli.report.view import Circumstances, Field, Sheet
from copilot_usage_cli.report.view_comparison import compare_sheets

ORG = Scope("org", "acme")
FIRST = date(2026, 11, 2)
TODAY = date(2026, 11, 20)
HERE = Circumstances(datetime(2026, 11, 20, tzinfo=UTC))
counts = st.none() | st.integers(0, 1000)


def days_of(*aggregates: Aggregates | None, first: date = FIRST, users: int | None = 5, scope: Scope = ORG) -> Days:
    """The days from `first` on; None for a day without data."""
    records = [
        DailyRecord(scope, "reports", first + timedelta(days=n), total_active_users=users, aggregates=each)
        for n, each in enumerate(aggregates)
        if each is not None
    ]
    period = Period(first, first + timedelta(days=len(aggregates) - 1))
    return select_days(Query(scope, period, TODAY, "reports", answerer="files"), FetchResult(records))


def people(**users: int) -> Aggregates:
    return Aggregates(tuple(users.get(name) for name in ACTIVE_USERS))


def pulls(*medians: float | None, **counted: int | None) -> Aggregates:
    values = tuple(counted.get(name) for name in PULL_REQUESTS)
    return Aggregates(pull_requests=PullRequests(values, (*medians, *[None] * (len(MEDIANS) - len(medians)))))


def rows_of(view: Any) -> list[dict[str, Any]]:
    return [{name: row[name] for name in view.data.columns} for row in view.data.rows]


# Active people


@pytest.mark.parametrize("surface", active.SURFACES, ids=lambda surface: surface.name)
def test_each_surface_is_of_its_own_fields(surface: active.Surface) -> None:
    names = {"daily": surface.daily, "weekly": surface.weekly, "monthly": surface.monthly}
    names |= {"week_to_date": surface.since_sunday, "month_to_date": surface.since_first}
    given = {name: n for n, name in enumerate(filter(None, names.values()), 1) if name in ACTIVE_USERS}
    view = active.active_view([DayFound(days_of(people(**given), users=1))], "surface", HERE)
    (row,) = [each for each in view.data.rows if each["surface"] == surface.name]
    expected = {column: given.get(name, 1 if name == active.DAILY else None) for column, name in names.items()}
    assert {column: row[column] for column in expected} == expected
    others = {each["surface"] for each in view.data.rows if any(each[column] for column in names)}
    assert others <= {surface.name, "any"}


def test_windows_are_those_of_the_last_day_and_never_added_or_averaged() -> None:
    days = days_of(*(people(weekly_active_users=n, monthly_active_users=10 * n) for n in (9, 3, 4)), None)
    row = active.active_view([DayFound(days)], "surface", HERE).data.rows[0]
    assert (row["day"], row["weekly"], row["monthly"]) == ("2026-11-04", 4, 40)


def test_people_of_single_days_have_a_mean_and_a_peak_over_the_days_on_which_they_are_known() -> None:
    days = days_of(*(people(daily_active_cli_users=n) for n in (1, 6)), people())
    (row,) = [
        each for each in active.active_view([DayFound(days)], "surface", HERE).data.rows if each["surface"] == "cli"
    ]
    assert (row["daily"], row["daily_mean"], row["daily_peak"], row["daily_days"]) == (None, 3.5, 6, 2)


def test_what_the_vs_code_window_counts_stands_in_columns_of_its_own_and_is_said() -> None:
    given = people(
        weekly_active_vscode_agent_users=5, monthly_active_vscode_agent_users=9, daily_active_vscode_agent_users=1
    )
    view = active.active_view([DayFound(days_of(given))], "surface", HERE)
    row = view.data.rows[-1]
    assert (row["weekly"], row["monthly"], row["week_to_date"], row["month_to_date"]) == (None, None, 5, 9)
    assert any("since Sunday and since the 1st" in note for note in view.notes)


@given(st.lists(st.tuples(*[counts] * len(ACTIVE_USERS)), min_size=1, max_size=4))
def test_by_day_each_number_is_githubs_own(users: list[tuple[int | None, ...]]) -> None:
    rows = rows_of(active.active_view([DayFound(days_of(*map(Aggregates, users)))], "day", HERE))
    if any(any(value is not None for value in each) for each in users):
        assert [tuple(row[name] for name in ACTIVE_USERS) for row in rows] == users
        assert [row["day"] for row in rows] == [str(FIRST + timedelta(days=n)) for n in range(len(users))]


def test_for_machines_there_is_a_row_a_day_and_for_people_one_a_surface() -> None:
    view = active.active_view([DayFound(days_of(people(weekly_active_users=1)))], None, HERE)
    assert "weekly_active_users" in view.data.columns
    assert "surface" in view.shown[0].columns


# Pull requests


def test_created_and_merged_add_up() -> None:
    days = days_of(pulls(total_created=3, total_merged=1), None, pulls(total_created=4, total_merged=5))
    (row,) = rows_of(pull_requests.pull_requests_view([DayFound(days)], "total", HERE))
    assert (row["days"], row["created"], row["merged"]) == (2, 7, 6)


def test_reviewed_does_not_add_up() -> None:
    days = days_of(pulls(total_reviewed=4, total_reviewed_by_copilot=1), pulls(total_reviewed=8), pulls())
    (row,) = rows_of(pull_requests.pull_requests_view([DayFound(days)], "total", HERE))
    assert "reviewed" not in row
    assert (row["reviewed_mean"], row["reviewed_by_copilot_mean"]) == (6, 1)


def test_medians_are_those_of_days_and_over_days_only_their_range() -> None:
    days = days_of(pulls(12.5, 3), pulls(8, None), pulls(None, None))
    (row,) = rows_of(pull_requests.pull_requests_view([DayFound(days)], "total", HERE))
    assert "median_minutes_to_merge" not in row
    assert (row["median_minutes_to_merge_least"], row["median_minutes_to_merge_most"]) == (8, 12.5)
    assert row["median_minutes_to_merge_created_by_copilot_most"] == 3
    assert row["median_minutes_to_merge_reviewed_by_copilot_most"] is None
    by_day = rows_of(pull_requests.pull_requests_view([DayFound(days)], "day", HERE))
    assert [each["median_minutes_to_merge"] for each in by_day] == [12.5, 8, None]


def test_shares_are_sums_over_sums_of_the_days_that_know_both() -> None:
    days = days_of(
        pulls(total_created=10, total_created_by_copilot=1), pulls(total_created=90), pulls(total_created=30)
    )
    (row,) = rows_of(pull_requests.pull_requests_view([DayFound(days)], "total", HERE))
    assert row["created_by_copilot_share"] == 0.1
    assert row["merged_created_by_copilot_share"] is None
    assert row["created_by_copilot_days"] == 1


@given(st.lists(st.tuples(*[counts] * len(PULL_REQUESTS)), min_size=1, max_size=9))
def test_weeks_and_months_add_up_to_the_whole(days: list[tuple[int | None, ...]]) -> None:
    found = [DayFound(days_of(*(Aggregates(pull_requests=PullRequests(each)) for each in days)))]
    (whole,) = rows_of(pull_requests.pull_requests_view(found, "total", HERE))
    for unit in ("day", "week", "month"):
        rows = rows_of(pull_requests.pull_requests_view(found, unit, HERE))
        for field in pull_requests.count_fields():
            if field.adds:
                known = [row[field.name] for row in rows if row[field.name] is not None]
                assert (sum(known) if known else None) == whole[field.name]


def test_what_copilot_is_in_a_number_is_said() -> None:
    view = pull_requests.pull_requests_view([DayFound(days_of(pulls(total_created=1)))], None, HERE)
    assert any(note.startswith("by cloud agent: Copilot's own pull requests") for note in view.notes)


def test_what_is_known_on_some_days_alone_says_on_how_many() -> None:
    days = days_of(pulls(5.0, total_created=3, total_reviewed=6), pulls(total_created=None))
    view = pull_requests.pull_requests_view([DayFound(days)], None, HERE)
    text = render(view, "table", Screen())
    assert re.search(r"created +3 \(1 d\)", text)
    assert re.search(r"reviewed a day +6\.0 \(1 d\)", text)
    assert re.search(r"lowest median minutes to merge +5\.0 \(1 d\)", text)
    (row,) = rows_of(pull_requests.pull_requests_view([DayFound(days)], "total", HERE))
    assert (row["days"], row["created_days"], row["reviewed_days"], row["median_minutes_to_merge_days"]) == (2, 1, 1, 1)


# Adoption


def phases(*rows: Phase) -> Aggregates:
    return Aggregates(phases=rows)


def test_phases_are_those_of_the_last_day_with_the_whole_phase_and_its_share() -> None:
    days = days_of(phases(Phase("Phase 1", 1, 9, 90)), phases(Phase("No Cohort", 0, 1, 6), Phase("Phase 1", 1, 2, 18)))
    rows = rows_of(adoption.adoption_view([DayFound(days)], "phase", HERE))
    assert [(row["phase"], row["users_in_phase_28d"], row["share"]) for row in rows] == [
        ("No Cohort", 6, 0.25),
        ("Phase 1", 18, 0.75),
    ]
    assert {row["day"] for row in rows} == {"2026-11-03"}


def test_a_phase_whose_people_are_left_out_has_no_number_and_no_fall_back() -> None:
    days = days_of(phases(Phase("Phase 1", 1, 9, None), Phase("Phase 2", 2, 1, 4)))
    rows = rows_of(adoption.adoption_view([DayFound(days)], "phase", HERE))
    assert [(row["users_in_phase_28d"], row["share"]) for row in rows] == [(None, None), (4, None)]


def test_merged_pull_requests_a_person_by_githubs_formula() -> None:
    """All that were merged on all days, over the people of all days, times 28: not a mean of daily means."""
    days = days_of(
        phases(Phase("Phase 3", 3, 1, 10, 5)), phases(Phase("Phase 3", 3, 1, 30, 1)), phases(Phase("Phase 3", 3, 1, 7))
    )
    (row,) = rows_of(adoption.adoption_view([DayFound(days)], "phase", HERE))
    assert row["pull_requests_merged"] == 6
    assert row["pull_requests_merged_per_person_28d"] == pytest.approx(6 / 40 * 28)
    assert row["merged_days"] == 2


def test_a_phase_of_days_before_alone_is_there_without_people_and_what_is_partly_known_is_said() -> None:
    days = days_of(
        phases(Phase("Phase 1", 1, 1, 10, 5), Phase("Phase 3", 3, 1, 5, 50)),
        phases(Phase("Phase 1", 1, 1, 12, 7)),
        phases(Phase("Phase 1", 1, 1, None, 7)),
    )
    view = adoption.adoption_view([DayFound(days)], "phase", HERE)
    assert [(row["phase"], row["users_in_phase_28d"], row["pull_requests_merged"]) for row in rows_of(view)] == [
        ("Phase 1", None, 19),
        ("Phase 3", None, 50),
    ]
    assert "Phase 1: merged a person is known on 2 of 3 days" in view.notes


def test_features_are_those_of_the_latest_report() -> None:
    engagement = Engagement(20, (("agent_edit", 5), ("a_feature_of_tomorrow", None)))
    days = days_of(Aggregates(engagement=engagement), phases(Phase("Phase 1", 1, 1, 1)))
    view = adoption.adoption_view([DayFound(days)], "feature", HERE)
    assert [(row["feature"], row["engaged_users"], row["share"], row["day"]) for row in rows_of(view)] == [
        ("agent_edit", 5, 0.25, "2026-11-02"),
        ("a_feature_of_tomorrow", None, None, "2026-11-02"),
    ]
    assert "who used which feature is known of the 28 days up to 2026-11-02" in view.notes


def test_who_is_in_no_phase_is_not_called_inactive() -> None:
    view = adoption.adoption_view([DayFound(days_of(phases(Phase("No Cohort", 0, 1, 6))))], None, HERE)
    (field,) = [each for each in view.data.fields if each.name == "phase"]
    assert field.words["No Cohort"] == "no phase (may be active)"


# All of them

VIEWS = {
    "active": (active.active_view, active.BY),
    "prs": (pull_requests.pull_requests_view, pull_requests.BY),
    "adoption": (adoption.adoption_view, adoption.BY),
}
EVERYTHING = Aggregates(
    tuple(range(len(ACTIVE_USERS))),
    PullRequests(tuple(range(len(PULL_REQUESTS))), (1.0, 2.0, 3.0)),
    (Phase("Phase 1", 1, 2, 3, 4),),
    Engagement(9, (("agent_edit", 3),)),
)
CASES = [(name, by) for name, (_, choices) in VIEWS.items() for by in choices]


@pytest.mark.parametrize(("name", "by"), CASES)
@pytest.mark.parametrize("compared", [False, True])
def test_the_columns_depend_on_the_options_alone(name: str, by: str, compared: bool) -> None:
    before = days_of(EVERYTHING, first=date(2026, 10, 1)) if compared else None
    found = (days_of(EVERYTHING, EVERYTHING), days_of(Aggregates()), days_of(None))
    made = [VIEWS[name][0]([DayFound(days, before)], by, HERE).data for days in found]
    assert len({sheet.columns for sheet in made}) == 1
    assert all(set(row) >= set(sheet.columns) for sheet in made for row in sheet.rows)
    assert made[0].rows


@pytest.mark.parametrize(("name", "by"), CASES)
def test_days_that_know_nothing_of_it_are_said_and_not_shown(name: str, by: str) -> None:
    view = VIEWS[name][0]([DayFound(days_of(Aggregates(), Aggregates(), users=None))], by, HERE)
    assert view.shown == ()
    assert view.notes[0].startswith("there is nothing to show: these days (source: reports) have no ")


@pytest.mark.parametrize("name", VIEWS)
def test_missing_days_are_named(name: str) -> None:
    view = VIEWS[name][0]([DayFound(days_of(EVERYTHING, None, EVERYTHING))], None, HERE)
    assert "no data for 1 day: 2026-11-03" in view.notes
    assert "2026-11-02 to 2026-11-04, 2 of 3 days" in view.title


@pytest.mark.parametrize("name", VIEWS)
def test_breaks_of_githubs_series_are_named(name: str) -> None:
    first, last = date(2026, 10, 5), date(2026, 10, 7)
    days = days_of(*[EVERYTHING] * ((last - first).days + 1), first=first)
    notes = VIEWS[name][0]([DayFound(days)], None, HERE).notes
    assert any(note.startswith("GitHub's series changed in this period: 2026-10-06: agent sessions") for note in notes)


def test_periods_of_unlike_days_are_compared_by_means_a_day_and_that_is_said() -> None:
    found = DayFound(days_of(*[EVERYTHING] * 2), days_of(*[EVERYTHING] * 3, first=date(2026, 10, 1)))
    view = pull_requests.pull_requests_view([found], None, HERE)
    assert view.notes[0] == "the periods have 2 and 3 days with data: what adds up changes by its mean a day"
    assert active.active_view([found], None, HERE).notes[0] == "the periods have 2 and 3 days with data"


def test_days_that_know_nothing_among_others_are_left_out_and_named() -> None:
    days = days_of(EVERYTHING, Aggregates(), EVERYTHING, users=None)
    for name, (build_view, _) in VIEWS.items():
        view = build_view([DayFound(days)], "day", HERE)
        assert {row["day"] for row in view.data.rows} == {"2026-11-02", "2026-11-04"}, name
        assert any(note.endswith("for 1 day: 2026-11-03") for note in view.notes)


def test_rows_are_paired_by_their_names_and_the_place_of_their_day() -> None:
    fields = (Field("day", "day", "name"), Field("x", "x", "name"), Field("n", "n"), Field("t", "t", "text"))
    now = Sheet(fields, [{"day": "b", "x": 1, "n": 5, "t": "new"}, {"day": "b", "x": 2, "n": 6, "t": "new"}])
    before = Sheet(fields, [{"day": "a", "x": 2, "n": 3, "t": "old"}, {"day": "a", "x": 9, "n": 4, "t": "old"}])
    joined = compare_sheets(now, before, {"day": {"b": "a"}})
    assert joined.columns == ("day", "previous_day", "x", "n", "previous_n", "t")
    assert [tuple(row[name] for name in joined.columns) for row in joined.rows] == [
        ("b", None, 1, 5, None, "new"),
        ("b", "a", 2, 6, 3, "new"),
        (None, "a", 9, None, 4, "old"),
    ]


def test_of_several_scopes_each_is_a_row_and_the_title_has_the_period() -> None:
    found = [
        DayFound(days_of(pulls(total_created=number), scope=Scope("org", name)))
        for name, number in (("acme", 3), ("beta", 4))
    ]
    text = render(pull_requests.pull_requests_view(found, None, HERE), "table", Screen())
    assert re.search(r"scope +days +created", text)
    assert re.search(r"org:acme +1 +3", text)
    assert re.search(r"org:beta +1 +4", text)
    unlike = [found[0], DayFound(days_of(pulls(total_created=4), first=FIRST + timedelta(days=1)))]
    assert "period" in render(pull_requests.pull_requests_view(unlike, None, HERE), "table", Screen())


def test_the_days_of_two_periods_of_which_people_are_are_both_named() -> None:
    view = active.active_view(
        [DayFound(days_of(people()), days_of(people(), first=FIRST - timedelta(days=3)))], None, HERE
    )
    assert view.shown[0].title == (
        "on Mon 2026-11-02, the last day with data; before: on Fri 2026-10-30, the last day with data"
    )


@pytest.mark.parametrize(("apart", "said"), [(1, True), (7, True), (28, False)])
def test_numbers_since_a_day_are_said_to_be_of_unlike_spans(apart: int, said: bool) -> None:
    """2026-03-02 and 2026-02-02, 28 days before, are Mondays and second days of their months."""
    first = date(2026, 3, 2)
    found = DayFound(days_of(people(), first=first), days_of(people(), first=first - timedelta(days=apart)))
    notes = active.active_view([found], None, HERE).notes
    assert any("since Sunday and since the 1st are of unlike numbers of days" in note for note in notes) is said


def test_the_agents_window_is_explained_where_only_its_longer_numbers_are_there() -> None:
    view = active.active_view([DayFound(days_of(people(weekly_active_vscode_agent_users=3)))], None, HERE)
    assert any(note.startswith("VS Code's Agents window is counted since Sunday") for note in view.notes)
