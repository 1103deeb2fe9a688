"""Many teams of one owner are one pass over its reports: as many requests as for one."""

from __future__ import annotations

import gc
import time
import tracemalloc
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from support.reports import FIRST, LAST, LATEST, REPORTS, Hub, ago, member, once, one_day, period, suggestions, user

from copilot_usage_cli.errors import CopilotUsageError, NotUnderstood, UsageError
from copilot_usage_cli.model.fetch_result import FetchResult, FinalDays, NotListed
from copilot_usage_cli.model.period import Period, days_between
from copilot_usage_cli.model.query import Query
from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.sources.reports.api import Envelope, ReportsApi
from copilot_usage_cli.sources.reports.fetch_users import UsersPass
from copilot_usage_cli.sources.reports.teams import TeamIndex, TeamLists
from copilot_usage_cli.sources.reports.users import UserDays

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from support.conversation import Conversation

MEGA = "/enterprises/mega/copilot/metrics/reports"
SIZE = 6


@pytest.fixture
def github(reports_api: Hub) -> Hub:
    return reports_api


def team(name: str, kind: Any = "org") -> Scope:
    return Scope(kind, "acme" if kind == "org" else "mega", name)


def serve_teams(github: Hub, count: int, days: Sequence[date]) -> list[Scope]:
    """Serve teams of six, of which each shares two users with the next; each user's number is in their suggestions."""
    for of in days:
        github.day(
            "user-teams",
            of,
            [member(4 * n + k, of, f"team-{n}", team_id=n) for n in range(count) for k in range(SIZE)],
        )
    users = range(4 * count + 2)
    inside = [of for of in days if FIRST <= of <= LAST]
    github.latest("users", [user(number, of, number + of.day) for of in inside for number in users])
    for of in days:
        if of not in inside:
            github.day("users", of, [user(number, of, number + of.day) for number in users])
    return [team(f"team-{n}") for n in range(count)]


def only(results: Sequence[FetchResult | CopilotUsageError]) -> list[FetchResult]:
    assert not [result for result in results if isinstance(result, CopilotUsageError)]
    return [result for result in results if isinstance(result, FetchResult)]


@pytest.mark.parametrize("count", [1, 5, 50])
def test_teams_share_all_requests(count: int, github: Hub) -> None:
    asked = period(FIRST - timedelta(days=3), LAST)
    older = days_between(FIRST - timedelta(days=3), FIRST - timedelta(days=1))
    scopes = serve_teams(github, count, (*older, *LATEST))
    results = only(github.reports(scopes[0]).of_each(scopes, asked))
    expected = {f"{REPORTS}/users-28-day/latest"} | one_day("users", older) | one_day("user-teams", (*older, *LATEST))
    assert once(github.calls) == expected
    assert len(once(github.downloads)) == len(expected)
    for n, (scope, result) in enumerate(zip(scopes, results, strict=True)):
        sums = {of: sum(4 * n + k + of.day for k in range(SIZE)) for of in (*older, *LATEST)}
        assert suggestions(result) == sums
        assert {record.scope for record in result.records} == {scope}
        assert {record.total_active_users for record in result.records} == {SIZE}


def test_each_team_is_what_it_is_alone(github: Hub) -> None:
    scopes = serve_teams(github, 4, LATEST)
    together = only(github.reports(scopes[0]).of_each(scopes, Period()))
    alone = [github.reports(scope).of_users(Period()) for scope in scopes]
    assert together == alone
    assert len(alone[2].records) == 28


def test_a_team_that_is_not_listed_fails_alone(github: Hub) -> None:
    scopes = serve_teams(github, 2, LATEST)
    first, missing, second = github.reports(scopes[0]).of_each([scopes[0], team("nobody"), scopes[1]], Period())
    assert [len(each.records) for each in only([first, second])] == [28, 28]
    assert isinstance(missing, NotListed)
    assert missing.message == f"team:acme/nobody is on no list of team members from {FIRST} to {LAST}"


def test_names_that_two_teams_answer_to_fail_alone(github: Hub) -> None:
    of = ago(5)
    github.day("user-teams", of, [member(1, of, "twice", team_id=1), member(2, of, "twice", team_id=2), member(3, of)])
    github.latest("users", [user(number, of, number) for number in (1, 2, 3)])
    scopes = [team("twice"), team("core"), team("1"), team("2")]
    twice, *others = github.reports(scopes[0]).of_each(scopes, period(of, of))
    assert isinstance(twice, UsageError)
    assert twice.message == "team:acme/twice: twice (team_id 1) and twice (team_id 2) answer to this name"
    assert [suggestions(each) for each in only(others)] == [{of: 3}, {of: 1}, {of: 2}]


def test_equal_slugs_of_an_enterprise_are_told_apart_by_id(github: Hub) -> None:
    of = ago(5)
    lines = [
        member(1, of, "core", team_id=1),
        member(2, of, "ent:core", team_id=2),
        member(3, of, "ent:web", team_id=3),
    ]
    github.day("user-teams", of, [line | {"enterprise_id": "12"} for line in lines], base=MEGA)
    github.latest("users", [user(number, of, number) for number in (1, 2, 3)], base=MEGA)
    scopes = [team(name, "enterprise") for name in ("core", "ent:core", "web", "ENT:WEB")]
    results = only(github.reports(scopes[0]).of_each(scopes, period(of, of)))
    assert [suggestions(each) for each in results] == [{of: 1}, {of: 2}, {of: 3}, {of: 3}]


def test_a_team_that_is_spelled_two_ways_on_a_day_is_one(github: Hub) -> None:
    of = ago(5)
    lines = [
        member(1, of, "core", team_id=1),
        member(2, of, "ent:core", team_id=1),
        member(4, of, "core", team_id=None),
    ]
    github.day("user-teams", of, lines)
    github.latest("users", [user(number, of, number) for number in (1, 2, 4)])
    (result,) = only(github.reports(team("core")).of_each([team("core")], period(of, of)))
    assert suggestions(result) == {of: 7}


def fetch(
    talk: Conversation,
    scopes: Sequence[Scope],
    final: dict[Scope, frozenset[date]],
    asked: Period,
    source: str = "auto",
) -> list[FetchResult]:
    queries = [Query(scope, asked, ago(0), source) for scope in scopes]
    held = {scope: FinalDays(days, frozenset()) for scope, days in final.items()}
    return only(UsersPass(ReportsApi(talk.client, scopes[0]), queries, held, 4).results())


def test_only_days_that_some_team_needs_are_read(github: Hub) -> None:
    scopes = serve_teams(github, 2, LATEST)
    reports = github.reports(scopes[0])
    held = frozenset(LATEST[:-3])
    final = {scopes[0]: held, scopes[1]: held - {LATEST[5]}}
    first, second = fetch(github.talk, scopes, final, Period())
    assert once(github.calls) == {f"{REPORTS}/users-28-day/latest"} | one_day("user-teams", [LATEST[5], *LATEST[-3:]])
    assert [record.day for record in first.records] == [LATEST[5], *LATEST[-3:]]  # it costs nothing more
    assert first.facts.held_days == held
    assert second.facts.held_days == held - {LATEST[5]}
    assert reports.today == ago(0)


def test_distinct_users_are_asked_for_anew(github: Hub) -> None:
    """By `--source user-reports` they are counted over days, and no history holds users."""
    scopes = serve_teams(github, 1, LATEST)
    github.reports(scopes[0])
    (result,) = fetch(github.talk, scopes, {scopes[0]: frozenset(LATEST)}, Period(), "user-reports")
    assert len(result.records) == 28


def test_nothing_but_the_latest_days_is_asked_where_all_is_held(github: Hub) -> None:
    scopes = serve_teams(github, 1, LATEST)
    github.reports(scopes[0])
    (result,) = fetch(github.talk, scopes, {scopes[0]: frozenset(LATEST)}, Period())
    assert github.calls == [f"{REPORTS}/users-28-day/latest"]
    assert github.downloads == []
    assert (result.records, result.facts.held_days) == ([], frozenset(LATEST))


def test_a_day_on_which_nobody_asked_for_is_listed_needs_no_users(github: Hub) -> None:
    older = days_between(ago(45), ago(40))
    serve_teams(github, 1, older)
    github.day("user-teams", older[2], [member(1, older[2], "another")])
    (result,) = only(github.reports(team("team-0")).of_each([team("team-0")], period(older[0], older[-1])))
    listed = [of for of in older if of != older[2]]
    assert once(github.calls) == one_day("user-teams", older) | one_day("users", listed)
    assert [record.day for record in result.records] == listed
    assert result.facts.days_without_data == {older[2]}
    assert list(result.facts.missing_reasons) == [older[2]]


def test_lines_of_a_day_that_was_added_up_already_are_refused(github: Hub) -> None:
    older = days_between(ago(41), ago(40))
    serve_teams(github, 1, older)
    github.day("users", older[1], [user(1, older[0]), user(1, older[1])])
    (error,) = github.reports(team("team-0"), jobs=1).of_each([team("team-0")], period(older[0], older[1]))
    assert isinstance(error, NotUnderstood)
    assert f"line 1 is of {older[0]}, which is not a day of this report" in error.message
    assert [record.day for record in error.so_far.records] == [older[0]]  # what came before it is whole


class Endless:
    """Reports of any day, made up as they are read: nothing of them is held here."""

    def __init__(self, users: int) -> None:
        self.scope = team("core")
        self.was_asked = True
        self.client = self
        self._users = users

    def say(self, _line: str) -> None:
        pass

    def envelope(self, _report: str, _day: date | None = None) -> Envelope:
        return Envelope(("https://storage.invalid",), None, None)

    def lines(self, report: str, day: date, _envelope: Envelope) -> Iterator[Any]:
        return (member(n, day) if "teams" in report else user(n, day) for n in range(self._users))


def test_memory_does_not_grow_with_users_and_days() -> None:
    """Of each day stays what the team has, and of users no more than one day's."""

    def peak(users: int, days: int) -> int:
        query = Query(team("core"), period(ago(50 + days), ago(51)), ago(0))
        gc.collect()
        tracemalloc.start()
        (result,) = only(UsersPass(cast("ReportsApi", Endless(users)), [query], {}, 1).results())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(result.records) == days
        return most

    peak(100, 2)
    few, many = peak(100, 5), peak(100, 35)
    a_day = (peak(100, 2) - peak(5, 2)) / 2
    assert many - few < 5 * a_day  # 30 days more


def test_the_users_of_a_file_are_added_up_as_those_of_the_api(github: Hub) -> None:
    of = ago(5)
    github.day("user-teams", of, [member(1, of), member(2, of)])
    lines = [user(1, of, 5), user(2, of, 7), user(3, of, 9)]
    github.latest("users", lines)
    fetched = github.reports(team("core")).of_users(period(of, of))
    added = UserDays(team("core"), {of: {1: "4711", 2: "4711"}})
    for line in lines:
        added.add(line)
    assert fetched.records == added.records()


def test_names_of_the_same_team_are_said_to_be_so(github: Hub) -> None:
    of = ago(5)
    github.day("user-teams", of, [member(1, of, "ent:core", team_id=22), member(2, of, "web", team_id=3)])
    github.latest("users", [user(1, of, 7), user(2, of, 9)])
    scopes = [team(name) for name in ("ent:core", "web", "core", "22")]
    results = only(github.reports(scopes[0]).of_each(scopes, period(of, of)))
    assert [suggestions(each) for each in results] == [{of: 7}, {of: 9}, {of: 7}, {of: 7}]
    assert [each.facts.warnings for each in results] == [
        (),
        (),
        ("this is the same team as team:acme/ent:core",),
        ("this is the same team as team:acme/ent:core",),
    ]
    for name in ("core", "22"):
        (alone,) = only(github.reports(team(name)).of_each([team(name)], period(of, of)))
        assert alone.facts.warnings == ("this is the team ent:core",)
        assert alone.facts.stored_as == team("ent:core")


def test_thousands_of_teams_are_found_in_no_time() -> None:
    names = [f"t{n}" for n in range(5000)]
    begun = time.process_time()
    lists = TeamLists("org", names)
    for n, name in enumerate(names):
        lists.add(member(n, ago(5), name, team_id=n))
    index = TeamIndex(lists.teams)
    assert all(len(index.find(team(name))) == 1 for name in names)
    assert time.process_time() - begun < 5  # 25 million comparisons take longer


def test_an_organization_and_its_teams_are_one_pass(github: Hub) -> None:
    older = days_between(FIRST - timedelta(days=2), FIRST - timedelta(days=1))
    scopes = serve_teams(github, 2, (*older, *LATEST))
    github.day("users", older[0], [user(99, older[0], 5)])  # of whom none is in a team
    asked = period(older[0], LAST)
    together = only(github.reports(Scope("org", "acme")).of_each([scopes[0], Scope("org", "acme"), scopes[1]], asked))
    expected = {f"{REPORTS}/users-28-day/latest"} | one_day("users", older) | one_day("user-teams", (*older, *LATEST))
    assert once(github.calls) == expected
    alone = [github.reports(scope).of_users(asked) for scope in (scopes[0], Scope("org", "acme"), scopes[1])]
    assert [each.records for each in together] == [each.records for each in alone]
    assert suggestions(together[1])[older[0]] == 5


def test_lists_that_are_known_are_not_read_again(github: Hub) -> None:
    scopes = serve_teams(github, 2, LATEST)
    github.reports(scopes[0])
    lists = TeamLists("org")
    for number in range(SIZE):
        lists.add(member(number, LAST, "team-0", team_id=0))
    queries = [Query(scope, Period(), ago(0)) for scope in scopes]
    first, second = only(
        UsersPass(ReportsApi(github.talk.client, scopes[0]), queries, {}, 4, known_lists=lists).results()
    )
    assert {call for call in github.calls if "teams" in call} == one_day("user-teams", LATEST[:-1])
    assert [record.day for record in first.records] == list(LATEST)
    assert [record.day for record in second.records] == list(LATEST[:-1])  # on the list that is known it isn't
